"""What the notifications announce."""

from signalflow import DomainSignal

messages_queued = DomainSignal(
    """Mails wait in the outbox.

    Sent inside the transaction that wrote them, once per batch of rows; `message_ids` are
    theirs.  Sending them is the work of one delivery.
    """,
    message_ids=list,
)

subscription_requested = DomainSignal(
    "Somebody asked to be told; the address is not confirmed yet.",
    subscription="notifications.Subscription",
)
