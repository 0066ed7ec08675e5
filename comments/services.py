"""The doors of the conversations."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from blog.models import Post
from blog.rendering.pipeline import render_comment, storable
from blog.services import Refused
from comments.models import BODY_LENGTH, Comment
from comments.signals import (
    comment_approved,
    comment_imported,
    comment_rejected,
    comment_submitted,
)
from comments.verdicts import Moderation, before, what_was_told
from signalflow import action

VERDICTS = {Comment.Status.SPAM, Comment.Status.TRASH}


def submit_comment(
    post: Post,
    *,
    author: Any,
    body: str,
    parent: Comment | None = None,
    submission: uuid.UUID | None = None,
) -> Comment:
    """Take a signed-in person's comment into the queue.

    The same text from the same form (`submission`) again returns the comment it made the first
    time; changed after the back button, it is another comment.  Raises PermissionDenied for a
    visitor, ValidationError for a text that is empty, overlong or all markup, Refused when the
    post is not public, its comments are closed, or `parent` is not under it.
    """
    if not author.is_authenticated:
        raise PermissionDenied("Sign in to comment.")
    body = _bounded(body)
    comment = Comment(
        post=post,
        author=author,
        author_name=author.public_name[:100],
        body=body,
        body_html=render_comment(body),
        submission=submission and uuid.uuid5(submission, f"{author.pk} {body}"),
    )
    try:
        with action("comment", actor=author, target=post):
            return _add(comment, parent)
    except IntegrityError:
        first = Comment.objects.filter(submission=comment.submission).first()
        if comment.submission is None or first is None:
            raise
        return first


def _bounded(body: str) -> str:
    body = storable(body).strip()
    if not 0 < len(body) <= BODY_LENGTH:
        raise ValidationError({"body": f"A comment has 1 to {BODY_LENGTH:,} characters."})
    return body


@transaction.atomic
def _add(comment: Comment, parent: Comment | None) -> Comment:
    # The post's row is locked against its withdrawal between this look and the commit.
    post = Post.objects.select_for_update().get(pk=comment.post_id)
    if not post.takes_comments(timezone.now()):
        raise Refused("This post does not take comments.")
    if parent and (parent.post_id != post.pk or parent.status != Comment.Status.APPROVED):
        raise Refused("The comment you answer is not there any more.")
    _insert(comment, parent)
    comment_submitted.send(sender=Comment, comment=comment, post=post)
    return comment


def _insert(comment: Comment, parent: Comment | None) -> None:
    comment.parent = parent
    comment.save(force_insert=True)
    comment.path = comment.place_below(parent)
    comment.save(update_fields=["path"])


def import_comment(post: Post, *, body: str, parent: Comment | None, **fields: Any) -> Comment:
    """Bring in a comment from elsewhere with its own state and date; nobody is told.

    `source` names it uniquely; a second import of it raises IntegrityError.  Raises
    ValidationError as `submit_comment`.
    """
    body = _bounded(body)
    comment = Comment(post=post, body=body, body_html=render_comment(body), **fields)
    with transaction.atomic():
        _insert(comment, parent)
        comment_imported.send(sender=Comment, comment=comment)
    return comment


def approve_comment(comment: Comment, *, by: Any, seen: str | None = None) -> Moderation:
    """Make a comment public.

    1. `by` may moderate, or PermissionDenied. 2. The row is locked; approved already, or
    decided otherwise than the moderator saw (`seen`, a `Comment.seen`; None compares nothing),
    it is left alone and the answer says by whom. 3. Status, moderator and moment are written.
    4. `comment_approved` is sent.
    """
    with _under_moderation(comment, "approve", by) as row:
        if _is_settled(row, Comment.Status.APPROVED, seen):
            return before(row, Comment.Status.APPROVED)
        _decide(row, Comment.Status.APPROVED, by)
        comment_approved.send(
            sender=Comment, comment=row, moderator=by, approval_date=row.moderated_at
        )
    return Moderation(True, f"The comment of {row.author_name} is public now.")


def reject_comment(
    comment: Comment, *, by: Any, verdict: str, seen: str | None = None
) -> Moderation:
    """Call a comment spam, or put it in the trash; as `approve_comment`."""
    if verdict not in VERDICTS:
        raise ValueError(f"a verdict is one of {sorted(VERDICTS)}, not {verdict!r}")
    with _under_moderation(comment, "reject", by) as row:
        if _is_settled(row, verdict, seen):
            return before(row, verdict)
        was_public, approved_before = row.is_public, row.status == Comment.Status.APPROVED
        _decide(row, Comment.Status(verdict), by)
        comment_rejected.send(
            sender=Comment, comment=row, moderator=by, verdict=str(verdict), was_public=was_public
        )
    sentence = f"The comment of {row.author_name} is in {row.get_status_display()}."
    if approved_before:
        sentence = f"{sentence} {what_was_told(row)}".strip()
    return Moderation(True, sentence)


@contextmanager
def _under_moderation(comment: Comment, act: str, by: Any) -> Iterator[Comment]:
    """A fresh row under lock; the caller's instance follows once the change is committed."""
    if by is not None and not by.has_perm("comments.moderate_comment"):
        raise PermissionDenied("You may not moderate comments.")
    with action(act, actor=by, target=comment), transaction.atomic():
        rows = Comment.objects.select_for_update(of=("self",)).select_related("post")
        row = rows.filter(pk=comment.pk).first()
        if row is None:
            raise Refused("This comment no longer exists.")
        yield row
    for name in ("status", "moderator_id", "moderated_at"):
        setattr(comment, name, getattr(row, name))


def _decide(row: Comment, status: Comment.Status, by: Any) -> None:
    row.status, row.moderator, row.moderated_at = status, by, timezone.now()
    row.save(update_fields=["status", "moderator", "moderated_at"])


def _is_settled(row: Comment, verdict: str, seen: str | None) -> bool:
    """Whether there is nothing to decide, or what there is was not what the moderator saw."""
    return row.status == verdict or (seen is not None and seen != row.seen)
