"""Publishing: traced or not, for few or many readers, one by one or by the clock."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from blog.models import Post
from blog.services import publish
from tests.bench.measuring import Row, clocked, option, rounds
from tests.bench.site import TAGS, author, visitor, written

SUBSCRIBERS = {"1": 1, "1,000": 1_000, "10,000": 10_000}
DUE = 100


def publications(by: User, *, traced: bool) -> Callable[[], float]:
    """The whole door: rights, lock, receivers, commit, eager deliveries, and the trace."""

    def sample() -> float:
        (post,) = written(1, by, TAGS)
        with option(TRACE=traced):
            return clocked(lambda: publish(post, by=by))

    return sample


def trace_price() -> Iterator[Row]:
    ada = author("ada")
    took = rounds(
        {
            "untraced": publications(ada, traced=False),
            "traced": publications(ada, traced=True),
        },
        100,
    )
    yield Row("publish, traced / untraced", took["traced"] / took["untraced"], "≤ 1.10")


def requests(by: User) -> Callable[[], float]:
    client = visitor()
    client.force_login(by)

    def sample() -> float:
        (post,) = written(1, by, TAGS)
        address = reverse("post-act", args=[post.pk, "publish"])
        seconds = clocked(lambda: client.post(address))
        assert Post.objects.get(pk=post.pk).is_public
        return seconds

    return sample


def audiences() -> Iterator[Row]:
    """Each audience follows an author of its own, so that all take turns in one site."""
    authors = {name: author(f"author{size}", size) for name, size in SUBSCRIBERS.items()}
    took = rounds({name: requests(user) for name, user in authors.items()}, 60)
    one = took.pop("1")
    for name, seconds in took.items():
        yield Row(f"publish request, {name} subscribers / 1", seconds / one, "≤ 1.15")


def scheduled(by: User) -> list[Post]:
    moment = timezone.now() - timedelta(hours=1)
    return written(DUE, by, TAGS[:1], status=Post.Status.SCHEDULED, publish_at=moment)


def by_the_clock(by: User) -> float:
    scheduled(by)
    seconds = clocked(lambda: call_command("publish_scheduled_posts", stdout=io.StringIO()))
    assert not Post.objects.due(timezone.now()).exists()
    return seconds


def bare_updates(by: User) -> float:
    """What remains when nobody is told: one conditional update each, in its own transaction."""
    keys = [post.pk for post in scheduled(by)]

    def act() -> None:
        for pk in keys:
            with transaction.atomic():
                Post._base_manager.filter(pk=pk, status=Post.Status.SCHEDULED).update(
                    status=Post.Status.PUBLISHED, published_at=timezone.now(), publish_at=None
                )

    return clocked(act)


def clock_price() -> Iterator[Row]:
    clara = author("clara")
    took = rounds({"bare": lambda: bare_updates(clara), "cron": lambda: by_the_clock(clara)}, 3)
    name = f"{DUE} scheduled posts / bare updates"
    yield Row(name, took["cron"] / took["bare"], "≤ 8")
