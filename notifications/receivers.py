"""Which event puts which mail into the outbox, and what sends it."""

from datetime import datetime, timedelta
from typing import Any

from django.dispatch import receiver as plain_receiver
from django.utils import timezone

from accounts.models import User
from accounts.signals import email_changed, user_registered
from blog.models import Post
from blog.signals import deletion_asked, post_published
from comments.models import Comment
from comments.signals import comment_approved
from notifications import audience, health, sending
from notifications.models import Message, Subscription
from notifications.outbox import Recipient, queue
from notifications.signals import messages_queued, subscription_requested
from signalflow import DURABLE, Retry, Skip, note, receiver, renew_lease
from signalflow.operating.health import Fact
from signalflow.pages.words import phrase
from signalflow.signals import health_asked

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
    note("mails queued", count=audience.untold(post))


# Not atomic: each chunk is committed by itself, and the unique (event, recipient) makes a
# second run after a crash write only what is missing.
@receiver(post_published, when=DURABLE, atomic=False, rehearse=count_subscriber_mail)
def queue_subscriber_mail(post: Post, **kwargs: Any) -> None:
    if not post.is_public:
        raise Skip("withdrawn meanwhile")
    for people in audience.subscribers(audience.targets_of(post)):
        renew_lease()
        queue("post_published", audience.publication_of(post), people, post=post.pk)


@plain_receiver(deletion_asked, dispatch_uid="notifications.name_what_readers_lose")
def name_what_readers_lose(post: Post, **kwargs: Any) -> list[str]:
    return audience.losses_of(post)


@receiver(comment_approved, when=DURABLE)
def queue_approval_mail(comment: Comment, **kwargs: Any) -> None:
    if not comment.is_public:
        raise Skip("rejected or withdrawn meanwhile")
    people = audience.of_approved_comment(comment)
    queue("comment_approved", f"comment:{comment.pk}:approved", people, comment=comment.pk)


@receiver(user_registered, when=DURABLE)
def queue_welcome(user: User, **kwargs: Any) -> None:
    person = Recipient(user.email, ["You signed up."])
    queue("welcome", f"user:{user.pk}:welcome", [person], user=user.pk)


@receiver(email_changed, when=DURABLE)
def queue_notice_to_old_address(
    user: User, old: str, new: str, moment: datetime, **kwargs: Any
) -> None:
    name, _, host = new.partition("@")
    masked = f"{name[:1]}…@{host}"
    person = Recipient(old, ["This was the address of your account."])
    queue(
        "email_changed",
        f"user:{user.pk}:email:{moment:%Y%m%d%H%M%S%f}",
        [person],
        user=user.pk,
        new=masked,
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
    queue(kind, event, [person], subscription=subscription.pk)


# Not atomic: no transaction is held over SMTP.  Sixteen tries outlast a night without a server.
@receiver(messages_queued, when=DURABLE, atomic=False, retry=Retry(attempts=16))
def send_queued_messages(message_ids: list[int], **kwargs: Any) -> None:
    sending.send_batch(message_ids)


@plain_receiver(health_asked, dispatch_uid="notifications.tell_the_mail")
def tell_the_mail(**kwargs: Any) -> list[Fact]:
    return health.facts()
