"""The comments of one item, parents before replies."""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from blog.models import Post
from comments.models import BODY_LENGTH, Comment
from comments.services import import_comment
from transfer.conversion import to_markdown
from transfer.text import cut_at_word, plain, reason
from transfer.wordpress.people import source_of
from transfer.wordpress.records import SourceComment

logger = logging.getLogger("heliograph")

STATES = {
    "1": Comment.Status.APPROVED,
    "0": Comment.Status.PENDING,
    "spam": Comment.Status.SPAM,
    "trash": Comment.Status.TRASH,
    "post-trashed": Comment.Status.TRASH,
}
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def bring_in(
    comments: list[SourceComment], post: Post, site: str, counts: Counter[str], notes: list[str]
) -> None:
    """Import what is not here yet; every comment is counted, a failed one is told too."""
    rows: dict[str, Comment] = {}
    for comment in _parents_first(comments):
        if comment.kind not in {"", "comment"} or comment.approved not in STATES:
            counts["left out"] += 1  # pingbacks and trackbacks are no comments here
            continue
        if comment.id in rows:
            counts["left out"] += 1
            notes.append(f"comment {comment.id} stands there twice; the first one counts")
            continue
        source = source_of(site, "comment", comment.id)
        if row := Comment.objects.filter(source=source).first():
            rows[comment.id] = row
            counts["already here"] += 1
            continue
        try:
            rows[comment.id] = _import(comment, post, source, rows.get(comment.parent), notes)
            counts["imported"] += 1
        except Exception as error:  # the boundary between one comment and the next
            logger.info("comment %s was not imported", comment.id, exc_info=error)
            counts["failed"] += 1
            notes.append(f"comment {comment.id} failed: {reason(error)}")


def _parents_first(comments: list[SourceComment]) -> Iterator[SourceComment]:
    """Whatever the order in the file: the oldest first, each before what answers it.

    A lost parent leaves a root; so does one end of a circle.
    """
    ordered = sorted(comments, key=lambda comment: comment.date or _EARLIEST)
    ids = {comment.id for comment in ordered}
    replies: dict[str, list[SourceComment]] = {}
    for comment in ordered:
        replies.setdefault(comment.parent, []).append(comment)
    told: set[int] = set()
    roots = [comment for comment in ordered if comment.parent not in ids]
    for start in (*roots, *ordered):
        waiting = [start]
        while waiting:
            comment = waiting.pop()
            if id(comment) not in told:
                told.add(id(comment))
                yield comment
                waiting += reversed(replies.get(comment.id, []))


def _import(
    comment: SourceComment, post: Post, source: str, parent: Comment | None, notes: list[str]
) -> Comment:
    body = to_markdown(comment.body, newlines=True).text or "…"
    if len(body) > BODY_LENGTH:
        notes.append(f"comment {comment.id} was cut to {BODY_LENGTH:,} characters")
    return import_comment(
        post,
        parent=parent,
        source=source,
        body=cut_at_word(body, BODY_LENGTH),
        author_name=plain(comment.name)[:100] or "Somebody",
        author_email=_address(comment.email),
        status=STATES[comment.approved],
        created_at=comment.date or post.published_at or timezone.now(),
    )


def _address(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return email[:254]
