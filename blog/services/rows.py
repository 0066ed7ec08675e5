"""One way to hold a post while it changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from blog.models import Post
from blog.services.refusals import Refused
from signalflow import action

SYNCED_FIELDS = (
    "status",
    "publish_at",
    "published_at",
    "featured_slot",
    "featured_at",
    "author_id",
    "updated_at",
    "version",
)


@contextmanager
def lock_post(post: Post, act: str, by: Any) -> Iterator[Post]:
    """A fresh row under lock, in a transaction; `by` does `act` to it.

    The state seen is the state changed: two doors never work on one post at a time.  Once the
    transaction has ended well, the caller's instance learns the new state; after a rollback it
    keeps the old one.  Raises Refused if the post is gone.
    """
    with action(act, actor=by, target=post), transaction.atomic():
        rows = Post.objects.select_for_update(of=("self",)).select_related("author")
        row = rows.filter(pk=post.pk).first()
        if row is None:
            raise Refused("This post no longer exists.")
        yield row
    for name in SYNCED_FIELDS:
        setattr(post, name, getattr(row, name))


def save(row: Post, *fields: str) -> None:
    """Write just these columns: a whole-row save would revert what others wrote."""
    row.save(update_fields=[*fields, "updated_at"])
