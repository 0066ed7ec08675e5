"""What can be told, in which words, and until when it is true."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from blog.addresses import absolute
from blog.models import Post
from comments.models import Comment

PING = "ping"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event: the facts it carries, and whether they (still) hold."""

    facts: Callable[[Any], dict[str, Any]]
    holds: Callable[[int], bool]
    otherwise: str


def _post(post: Post) -> dict[str, Any]:
    """Only what its page shows to everybody."""
    return {
        "id": post.pk,
        "title": post.title,
        "url": absolute(post.get_absolute_url()),
        "author": post.author.public_name,
        "published_at": post.published_at.isoformat() if post.published_at else None,
    }


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "url": absolute(comment.get_absolute_url()),
        "author": comment.author_name,
        "approved_at": comment.moderated_at.isoformat() if comment.moderated_at else None,
        "post": _post(comment.post),
    }


KINDS = {
    "post.published": Kind(
        _post, lambda pk: Post.objects.published().filter(pk=pk).exists(), "withdrawn meanwhile"
    ),
    "post.unpublished": Kind(
        _post,
        lambda pk: not Post.objects.published().filter(pk=pk).exists(),
        "public again meanwhile",
    ),
    "comment.approved": Kind(
        _comment,
        lambda pk: Comment.objects.approved().filter(pk=pk).exists(),
        "rejected or withdrawn meanwhile",
    ),
}


def body_of(kind: str, data: dict[str, Any]) -> str:
    """The text that is signed and sent; its shape is that of Standard Webhooks."""
    told = {"type": kind, "timestamp": timezone.now().isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False)


def ping() -> str:
    """The body of a test call."""
    return body_of(PING, {"site": settings.SITE_NAME, "url": settings.SITE_URL})


def is_outdated(kind: str, subject: int | None) -> str:
    """Why an event must not be told any more, "" while it is true."""
    known = KINDS.get(kind)
    if known is None or subject is None:  # a test call, or a kind of another version
        return ""
    return "" if known.holds(subject) else known.otherwise
