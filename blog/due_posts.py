"""The clock that needs no cron: the first request after a post's moment publishes it.

Each process remembers when the next post is due.  It asks the database anew at that moment, when
the generations say that something was scheduled, and once a minute.
"""

import threading
import time
from dataclasses import dataclass, field

from django.utils import timezone

from blog import cache_tags
from blog.models import Post
from blog.services import publish_due
from pagecache import current_generation, is_unchanged
from signalflow import action

AT_ONCE = 20  # posts one request publishes at most; the next request goes on
RECHECK_SECONDS = 60.0  # seconds until the database is asked again, and a refused post tried again


@dataclass(frozen=True, slots=True)
class _Plan:
    """When something may be due next (seconds since the epoch), true at that reading."""

    reading: int
    due: float


@dataclass(slots=True)
class _Known:
    """What one process knows."""

    plan: _Plan = _Plan(0, 0.0)
    refused: dict[int, float] = field(default_factory=dict)  # post ids, and until when
    publishing: threading.Lock = field(default_factory=threading.Lock)


_known = _Known()


def is_quiet(reading: int) -> bool:
    """Whether nothing is due, as far as is known without asking the database.

    `reading` is what the clock of the generations says now.
    """
    plan = _known.plan
    if time.time() >= plan.due:
        return False
    if plan.reading != reading:
        if not is_unchanged([cache_tags.SCHEDULE], plan.reading, reading):
            return False
        _known.plan = _Plan(reading, plan.due)
    return True


def publish_what_is_due() -> None:
    """Publish the posts whose moment has come; a post that refuses is left to cron and worker."""
    reading = current_generation()
    if reading is not None and is_quiet(reading):
        return
    if _ask(reading):
        with _known.publishing:  # whoever comes meanwhile waits: no reader sees lateness
            if _ask(reading):
                _publish()


def _ask(reading: int | None) -> bool:
    """Whether something is due; remembers when to ask again."""
    now = time.time()
    waiting = Post.objects.filter(status=Post.Status.SCHEDULED).exclude(pk__in=_left_alone(now))
    first = waiting.order_by("publish_at").values_list("publish_at", flat=True).first()
    due = first.timestamp() if first else now + RECHECK_SECONDS
    _known.plan = _Plan(reading or 0, min(due, now + RECHECK_SECONDS))
    return due <= now


def _publish() -> None:
    now = time.time()
    left = _left_alone(now)
    with action("publish what is due"):
        result = publish_due(timezone.now(), limit=AT_ONCE, leave=left)
    _known.refused = left | dict.fromkeys(result.failed, now + RECHECK_SECONDS)


def _left_alone(now: float) -> dict[int, float]:
    return {pk: until for pk, until in _known.refused.items() if until > now}
