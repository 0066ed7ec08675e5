"""What the notifications announce."""

from signalflow import DomainSignal

messages_queued = DomainSignal(
    """Mails wait in the outbox.

    Sent inside the transaction that wrote them, once per batch of rows; `message_ids` are
    theirs.  Sending them is the work of one delivery.
    """,
    message_ids=list,
)

account_mail_queued = DomainSignal(
    """A mail that somebody is waiting for is in the outbox; it does not wait behind others.

    Sent inside the transaction that wrote it.  Sending it is the work of a delivery of its own.
    """,
    message_id=int,
)

subscription_requested = DomainSignal(
    "Somebody asked to be told; the address is not confirmed yet.",
    subscription="notifications.Subscription",
)
