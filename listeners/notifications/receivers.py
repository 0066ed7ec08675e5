"""Which event puts which mail into the outbox, and what sends it."""

from datetime import datetime, timedelta
from typing import Any

from django.dispatch import receiver as plain_receiver
from django.utils import timezone

from accounts.models import User
from accounts.signals import (
    account_mail_written,
    email_changed,
    email_confirmed,
    user_registered,
)
from blog.models import Post
from blog.signals import deletion_asked, post_published
from comments.models import Comment
from comments.signals import comment_approved, notices_asked
from listeners.notifications import audience, health, outbox, sending, telling
from listeners.notifications.models import Message, Subscription
from listeners.notifications.outbox import Recipient, enqueue, queue_account_mail
from listeners.notifications.signals import (
    account_mail_queued,
    messages_queued,
    subscription_requested,
)
from listeners.notifications.urgent import URGENT, let_urgent_pass
from signalflow import DURABLE, Retry, Skip, note, receiver, renew_lease
from signalflow.operating.health import Fact
from signalflow.signals import health_asked, pruning_requested
from signalflow.staff.receipt_text import phrase

phrase(
    "mails queued",
    "{count} readers will be told",
    one="1 reader will be told",
    none="No mail goes out",
)
phrase("mails sent", "{count} of {of} mails sent")

CONFIRMATIONS_A_DAY = 5  # to one address, whatever it is asked to confirm


def count_subscriber_mail(post: Post, **kwargs: Any) -> None:
    """What `queue_subscriber_mail` would do, without writing a row for each reader."""
    note("mails queued", count=audience.count_recipients(post))


# Not atomic: each chunk is committed by itself, and the unique (event, recipient) makes a
# second run after a crash write only what is missing.
@receiver(post_published, when=DURABLE, atomic=False, rehearse=count_subscriber_mail)
def queue_subscriber_mail(post: Post, **kwargs: Any) -> None:
    if not post.is_public:
        raise Skip("withdrawn meanwhile")
    for people in audience.subscribers(audience.targets_of(post)):
        renew_lease()
        let_urgent_pass()
        enqueue("post_published", audience.publication_of(post), people, post=post.pk)


@plain_receiver(deletion_asked, dispatch_uid="notifications.name_what_readers_lose")
def name_what_readers_lose(post: Post, **kwargs: Any) -> list[str]:
    return audience.losses_of(post)


@receiver(comment_approved, when=DURABLE)
def queue_approval_mail(comment: Comment, **kwargs: Any) -> None:
    if not comment.is_public:
        raise Skip("rejected or withdrawn meanwhile")
    people = audience.of_approved_comment(comment)
    enqueue("comment_approved", telling.approval_event(comment), people, comment=comment.pk)


@plain_receiver(notices_asked, dispatch_uid="notifications.tell_of_approval_mail")
def tell_of_approval_mail(comment: Comment, **kwargs: Any) -> str:
    return telling.of_approval(comment)


@receiver(user_registered, when=DURABLE)
def queue_welcome(user: User, **kwargs: Any) -> None:
    """Sent if the address is confirmed by then, else cancelled until it is."""
    person = Recipient(user.email, ["You signed up."])
    enqueue("welcome", outbox.welcome_of(user), [person], user=user.pk)


@receiver(email_confirmed, when=DURABLE)
def queue_waiting_welcome(user: User, address: str, **kwargs: Any) -> None:
    outbox.queue_again(outbox.welcome_of(user), address)


@receiver(account_mail_written, mutable=False)
def take_account_mail(
    recipient: str, subject: str, text: str, about: str, key: str, until: datetime, **kwargs: Any
) -> None:
    secret = {"subject": subject, "text": text, "key": key}
    queue_account_mail(recipient, about=about, secret=secret, until=until)


@receiver(email_changed, when=DURABLE)
def queue_notice_to_old_address(
    user: User, old: str, new: str, moment: datetime, was_confirmed: bool = False, **kwargs: Any
) -> None:
    name, _, host = new.partition("@")
    masked = f"{name[:1]}…@{host}"
    person = Recipient(old, ["This was the address of your account."])
    enqueue(
        "email_changed",
        f"user:{user.pk}:email:{moment:%Y%m%d%H%M%S%f}",
        [person],
        user=user.pk,
        new=masked,
        was_confirmed=was_confirmed,
    )


@receiver(subscription_requested, when=DURABLE)
def queue_confirmation(subscription: Subscription, **kwargs: Any) -> None:
    """Once an hour for each wish, and a few times a day for each address."""
    kind, now = "confirm_subscription", timezone.now()
    recent = Message.objects.filter(
        kind=kind, recipient=subscription.email, created_at__gt=now - timedelta(days=1)
    )
    if recent.count() >= CONFIRMATIONS_A_DAY:
        raise Skip("this address was asked often enough today")
    # Who ended it and asks again gets another link, so it is another wish.
    wish = f"{subscription.pk}:{subscription.token[-6:]}"
    # The hour of the wish, not of this run: a run that is repeated later asks for no other mail.
    event = f"subscription:{wish}:confirm:{subscription.requested_at:%Y%m%d%H}"
    person = Recipient(subscription.email, ["Somebody entered this address on our site."])
    enqueue(kind, event, [person], subscription=subscription.pk)


# Not atomic: no transaction is held over SMTP.  Sixteen tries outlast a night without a server.
@receiver(messages_queued, when=DURABLE, atomic=False, retry=Retry(attempts=16))
def send_queued_messages(message_ids: list[int], **kwargs: Any) -> None:
    sending.send_batch(message_ids, before_each=let_urgent_pass)


# Somebody sits and waits: tried every five minutes for longer than its link lives.
@receiver(
    account_mail_queued,
    when=DURABLE,
    atomic=False,
    uid=URGENT,
    retry=Retry(attempts=300, first=10, cap=300),
)
def send_account_mail(message_id: int, **kwargs: Any) -> None:
    sending.send_batch([message_id])


@receiver(pruning_requested)
def prune_account_mails(before: datetime, **kwargs: Any) -> int:
    return outbox.prune_account_mails(before)


@plain_receiver(health_asked, dispatch_uid="notifications.tell_the_mail")
def tell_the_mail(**kwargs: Any) -> list[Fact]:
    return health.facts()
