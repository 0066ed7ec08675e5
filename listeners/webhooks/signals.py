"""What the webhooks announce."""

from signalflow import DomainSignal

call_requested = DomainSignal(
    """A call waits to be sent, for the first time or once more.

    Sent inside the transaction that wrote it.  Sending it is the work of one delivery.
    """,
    call="webhooks.Call",
)
