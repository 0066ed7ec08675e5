"""What the conversations react to."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver as plain_receiver
from django.utils.translation import ngettext

from accounts.fields import touched
from blog import cache_tags
from blog.models import Post
from blog.signals import deletion_asked
from comments.counting import recount_comments, wrong_posts
from comments.models import Comment
from comments.repairing import repair_comments, wrong_comments
from comments.signals import (
    comment_approved,
    comment_deleted,
    comment_imported,
    comment_rejected,
)
from pagecache import invalidate
from signalflow import DURABLE, receiver
from signalflow.signals import reconcile_requested
from signalflow.staff.receipt_text import phrase

phrase("comments counted", "The post now has {count} comments", one="The post now has 1 comment")


def _post_of(comment: Comment, **named: Any) -> int:
    return comment.post_id


@receiver(
    [comment_approved, comment_rejected, comment_imported], when=DURABLE, key=_post_of, eager=True
)
def recount_comments_of_post(comment: Comment, **kwargs: Any) -> None:
    recount_comments(comment.post_id)


@receiver(post_delete, sender=Comment)
def announce_deleted_comment(instance: Comment, **kwargs: Any) -> None:
    comment_deleted.send(sender=Comment, comment_id=instance.pk, post_id=instance.post_id)


@receiver(comment_deleted, when=DURABLE, key="post_id", eager=True)
def recount_after_deleted_comment(post_id: int, **kwargs: Any) -> None:
    recount_comments(post_id)


@receiver([post_save, post_delete], sender=Comment)
def drop_conversation(
    instance: Comment, created: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """What waits for a moderator is on no page, and neither is what never left the queue."""
    approved = instance.status == Comment.Status.APPROVED
    if approved or (not created and touched(update_fields, "status")):
        invalidate(cache_tags.comments(instance.post_id))


@plain_receiver(deletion_asked, dispatch_uid="comments.name_the_conversation")
def name_the_conversation(post: Post, **kwargs: Any) -> list[str]:
    count = Comment.objects.filter(post=post).count()
    return [ngettext("%d comment", "%d comments", count) % count] if count else []


@receiver(reconcile_requested)
def repair_wrong_comments(repair: bool, **kwargs: Any) -> list[str]:
    wrong = wrong_comments()
    if repair:
        repair_comments(wrong)
    return list(wrong.values())


@receiver(reconcile_requested)
def recount_wrong_posts(repair: bool, **kwargs: Any) -> list[str]:
    wrong = wrong_posts()
    if repair:
        for post_pk in wrong:
            recount_comments(post_pk)
    return list(wrong.values())
