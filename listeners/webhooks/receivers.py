"""Which event calls the endpoints, and what sends a call."""

from datetime import datetime
from typing import Any

from blog.models import Post
from blog.signals import post_published, post_unpublished
from comments.models import Comment
from comments.signals import comment_approved
from listeners.webhooks import calling, log
from listeners.webhooks.models import Call
from listeners.webhooks.signals import call_requested
from signalflow import DURABLE, Retry, receiver
from signalflow.signals import pruning_requested
from signalflow.staff.receipt_text import phrase

phrase("webhooks queued", one="1 webhook will be told", many="{count} webhooks will be told")
phrase("webhook called", many="{host} was told")


def count_endpoints(**kwargs: Any) -> None:
    """What the receivers below would do; in a rehearsal no call is written or announced."""
    log.count()


@receiver(post_published, when=DURABLE, rehearse=count_endpoints)
def queue_publication(post: Post, **kwargs: Any) -> None:
    log.queue("post.published", post)


@receiver(post_unpublished, when=DURABLE, rehearse=count_endpoints)
def queue_withdrawal(post: Post, **kwargs: Any) -> None:
    log.queue("post.unpublished", post)


@receiver(comment_approved, when=DURABLE, rehearse=count_endpoints)
def queue_approval(comment: Comment, **kwargs: Any) -> None:
    log.queue("comment.approved", comment)


# Not atomic: no transaction is held over HTTP.  The key lets one run serve a call that waits for
# its next try and is redelivered by hand meanwhile.  Eight tries take about an hour.
@receiver(
    call_requested,
    when=DURABLE,
    uid=calling.SEND,
    key="call",
    atomic=False,
    retry=Retry(attempts=8, first=30.0),
)
def send_call(call: Call, **kwargs: Any) -> None:
    calling.deliver(call)


@receiver(pruning_requested)
def prune_log(before: datetime, **kwargs: Any) -> int:
    return log.prune(before)
