"""The audit trail: every receiver writes in the transaction of the change it records.

None of them can be muted, and an error here undoes the change: what is not recorded did not
happen.
"""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.db.models.signals import post_delete, post_save

from accounts.models import User
from blog.models import Post, Tag
from blog.signals import (
    post_created,
    post_edited,
    post_featured,
    post_handed_over,
    post_imported,
    post_published,
    post_scheduled,
    post_unfeatured,
    post_unpublished,
    post_unscheduled,
    scheduled_publication_failed,
)
from comments.models import Comment
from comments.signals import (
    comment_approved,
    comment_imported,
    comment_rejected,
    comment_submitted,
)
from listeners.audit.recording import one_line, record
from signalflow import receiver
from signalflow.signals import operator_acted, reconciled
from signalflow.staff.receipt_text import phrase

phrase("recorded", "The audit trail has it")


@receiver(post_created, mutable=False)
def record_creation(post: Post, author: User, **kwargs: Any) -> None:
    record("created", post, actor=author)


@receiver(post_edited, mutable=False)
def record_edit(post: Post, editor: Any, changed_fields: list[str], **kwargs: Any) -> None:
    record("edited", post, actor=editor, fields=changed_fields, version=post.version)


@receiver(post_published, mutable=False)
def record_publication(post: Post, publish_date: Any, **kwargs: Any) -> None:
    record("published", post, date=publish_date.isoformat())


@receiver(post_unpublished, mutable=False)
def record_withdrawal(post: Post, **kwargs: Any) -> None:
    record("withdrew", post)


@receiver(post_scheduled, mutable=False)
def record_schedule(post: Post, publish_at: Any, **kwargs: Any) -> None:
    record("scheduled", post, moment=publish_at.isoformat())


@receiver(post_unscheduled, mutable=False)
def record_unscheduling(post: Post, **kwargs: Any) -> None:
    record("unscheduled", post)


@receiver(scheduled_publication_failed, mutable=False)
def record_failed_publication(post: Post, reason: str, **kwargs: Any) -> None:
    record("failed to publish", post, reason=one_line(reason, 300))


@receiver([post_imported], mutable=False)
def record_imported_post(post: Post, **kwargs: Any) -> None:
    record("imported", post, status=post.status)


@receiver(comment_imported, mutable=False)
def record_imported_comment(comment: Comment, **kwargs: Any) -> None:
    record("imported", comment, status=comment.status)


@receiver(post_featured, mutable=False)
def record_featuring(post: Post, featured_by: Any, **kwargs: Any) -> None:
    record("featured", post, actor=featured_by, place=post.featured_slot)


@receiver(post_unfeatured, mutable=False)
def record_unfeaturing(post: Post, unfeatured_by: Any, **kwargs: Any) -> None:
    record("unfeatured", post, actor=unfeatured_by)


@receiver(post_handed_over, mutable=False)
def record_new_author(post: Post, old_author: User, new_author: User, **kwargs: Any) -> None:
    record("handed over", post, old=old_author.username, new=new_author.username)


@receiver(comment_submitted, mutable=False)
def record_comment(comment: Comment, **kwargs: Any) -> None:
    record("submitted", comment, actor=comment.author, post=comment.post_id)


@receiver(comment_approved, mutable=False)
def record_approval(comment: Comment, moderator: Any, **kwargs: Any) -> None:
    record("approved", comment, actor=moderator, post=comment.post_id)


@receiver(comment_rejected, mutable=False)
def record_rejection(comment: Comment, moderator: Any, verdict: str, **kwargs: Any) -> None:
    record("rejected", comment, actor=moderator, verdict=verdict, post=comment.post_id)


@receiver(post_save, sender=Tag, mutable=False)
def record_tag(instance: Tag, created: bool, **kwargs: Any) -> None:
    record("created" if created else "edited", instance)


@receiver(post_delete, sender=User, mutable=False)
@receiver(post_delete, sender=Group, mutable=False)
@receiver(post_delete, sender=Tag, mutable=False)
@receiver(post_delete, sender=Comment, mutable=False)
@receiver(post_delete, sender=Post, mutable=False)
def record_deletion(instance: Model, origin: Any, **kwargs: Any) -> None:
    """`origin` is what somebody deleted; a row that merely went along says with what."""
    cause = origin.model if isinstance(origin, QuerySet) else type(origin)
    along = {} if cause is type(instance) else {"along_with": cause._meta.label_lower}
    record("deleted", instance, **along)


@receiver(reconciled, mutable=False)
def record_repair(findings: list[str], repaired: bool, **kwargs: Any) -> None:
    if findings and repaired:
        record("repaired", label=f"{len(findings)} differences", findings=findings[:100])


@receiver(operator_acted, mutable=False)
def record_operation(verb: str, label: str, details: dict[str, Any], **kwargs: Any) -> None:
    record(verb, label=label, **details)
