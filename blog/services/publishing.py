"""Draft, scheduled, published, withdrawn: the transitions and nothing else."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from blog.models import Post
from blog.policies import can_publish, require
from blog.services.refusals import Refused
from blog.services.rows import lock_post, save
from blog.signals import (
    post_published,
    post_scheduled,
    post_unpublished,
    post_unscheduled,
    publish_requested,
    scheduled_publication_failed,
)
from signalflow.deliveries import unfinished

logger = logging.getLogger("heliograph")

OVERDUE = "blog.publish_overdue_post"  # the receiver that tries a failed post again
CLOCK = "publish_scheduled_posts"  # the heartbeat of whatever runs that command


@dataclass(slots=True)
class PublishResult:
    """What became of several posts: ids published, ids that were public already, failures."""

    published: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)


def publish(post: Post, *, by: Any) -> bool:
    """Make a post public now.

    1. `by` may publish it, or PermissionDenied. 2. `publish_requested` finds no problem, or
    Refused. 3. Its row is locked; a post that is public already is left alone. 4. Status and
    date are written. 5. `post_published` is sent.  Returns whether this call published it:
    False means a second click, another tab, or cron was first.
    """
    require(can_publish(by, post), "You may not publish this post.")
    _ask(post)
    return _make_public(post, by=by)


def publish_if_due(post: Post, now: datetime) -> bool:
    """Make a scheduled post public if its moment has come and nobody was first.

    Its date is the planned moment, however late this runs.  Raises Refused as `publish`.
    """
    _ask(post)
    return _make_public(post, by=None, due=now)


def _ask(post: Post) -> None:
    answers = publish_requested.send(sender=Post, post=post)
    problems = [sentence for _, answer in answers for sentence in answer or []]
    if problems:
        raise Refused(*problems)


def _make_public(post: Post, *, by: Any, due: datetime | None = None) -> bool:
    with lock_post(post, "publish", by) as row:
        if row.is_public or (due and not row.is_due(due)):
            return False
        row.published_at = (row.publish_at if due else row.published_at) or timezone.now()
        row.status, row.publish_at = Post.Status.PUBLISHED, None
        save(row, "status", "published_at", "publish_at")
        post_published.send(sender=Post, post=row, author=row.author, publish_date=row.published_at)
    return True


def unpublish(post: Post, *, by: Any) -> bool:
    """Withdraw a public post; it keeps its date, and loses its place at the top.

    Returns False if it was not public.  Raises PermissionDenied.
    """
    require(can_publish(by, post), "You may not withdraw this post.")
    with lock_post(post, "withdraw", by) as row:
        if not row.is_public:
            return False
        row.status = Post.Status.WITHDRAWN
        row.featured_slot = row.featured_at = None
        save(row, "status", "featured_slot", "featured_at")
        post_unpublished.send(sender=Post, post=row, author=row.author)
    return True


def schedule(post: Post, *, by: Any, at: datetime) -> bool:
    """Plan a post for a later moment, or for another one than before.

    Raises PermissionDenied; Refused for a moment that is not in the future, for a public post,
    and for what `publish_requested` finds.  Returns False if it is planned so already.
    """
    require(can_publish(by, post), "You may not schedule this post.")
    if at <= timezone.now():
        raise Refused("Choose a moment in the future, or publish the post now.")
    _ask(post)
    with lock_post(post, "schedule", by) as row:
        if row.is_public:
            raise Refused("This post is public already.")
        if row.status == Post.Status.SCHEDULED and row.publish_at == at:
            return False
        row.status, row.publish_at = Post.Status.SCHEDULED, at
        save(row, "status", "publish_at")
        post_scheduled.send(sender=Post, post=row, author=row.author, publish_at=at)
    return True


def unschedule(post: Post, *, by: Any) -> bool:
    """Make a scheduled post a draft again.  Returns False if it was not scheduled."""
    require(can_publish(by, post), "You may not change this post.")
    with lock_post(post, "unschedule", by) as row:
        if row.status != Post.Status.SCHEDULED:
            return False
        row.status, row.publish_at = Post.Status.DRAFT, None
        save(row, "status", "publish_at")
        post_unscheduled.send(sender=Post, post=row, author=row.author)
    return True


def bulk_publish(posts: Iterable[Post], *, by: Any) -> PublishResult:
    """Publish several posts, each in a transaction of its own: one failure stops no other."""
    result = PublishResult()
    for post in posts:
        try:
            (result.published if publish(post, by=by) else result.skipped).append(post.pk)
        except Exception as error:  # noqa: BLE001 - the boundary between one post and the next
            _note_failure(result, post, error)
    return result


def publish_due(
    now: datetime | None = None, *, limit: int | None = None, leave: Collection[int] = ()
) -> PublishResult:
    """Publish every scheduled post whose moment has come; what cron runs.

    At most `limit` of them, and none of the ids in `leave`.  Overlapping runs are harmless: the
    loser of a race finds the post public and skips it.
    """
    moment = now or timezone.now()
    result = PublishResult()
    due = Post.objects.due(moment).exclude(pk__in=leave)
    for pk in list(due.values_list("pk", flat=True)[:limit]):
        post = Post.objects.due(moment).filter(pk=pk).first()
        if post is None:  # another run was first
            result.skipped.append(pk)
            continue
        try:
            done = publish_if_due(post, moment)
            (result.published if done else result.skipped).append(pk)
        except Exception as error:  # noqa: BLE001 - the boundary between one post and the next
            _note_failure(result, post, error)
            _announce_failure(post, error)
    return result


def _note_failure(result: PublishResult, post: Post, error: Exception) -> None:
    result.failed[post.pk] = f"{type(error).__name__}: {error}"
    if not isinstance(error, Refused):
        logger.warning("post %s could not be published", post.pk, exc_info=error)


def _announce_failure(post: Post, error: Exception) -> None:
    """Say so once per series of failures; meanwhile its delivery is retried, and shown."""
    if unfinished(OVERDUE, str(post.pk)):
        return
    with transaction.atomic():
        scheduled_publication_failed.send(
            sender=Post, post=post, reason=f"{type(error).__name__}: {error}"
        )
