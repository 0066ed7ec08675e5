"""A hundred requests at once: each tree has its own runs, once, under their own parents."""

import time
from collections import Counter
from functools import partial
from statistics import median
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from blog.models import Post
from blog.signals import post_published
from signalflow import NOW, note, receiver, registry
from signalflow.models import Delivery, Trace
from signalflow.operating.trees import spans
from tests.cast import person
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, REQUESTS = 8, 13  # of each: 104 in all

# Between the two clocks of one run lies the way into the receiver and out of it.
ALLOWANCE = 100  # µs, beside five per cent


@pytest.fixture
def clocks():
    """A receiver that takes its own time; what it measured, by the key of the post."""
    measured: dict[int, float] = {}

    def measure(post: Post, **kwargs: Any) -> None:
        begun = time.perf_counter()
        time.sleep(0.004)
        note("measured", post=post.pk)
        measured[post.pk] = (time.perf_counter() - begun) * 1e6

    receiver(post_published, uid="t.clock")(measure)
    yield measured
    registry.forget("t.clock")


def parents(tree: dict[str, Any]) -> dict[str, list[str]]:
    """By receiver, the signals it ran below."""
    found: dict[str, list[str]] = {}
    for span in spans(tree):
        for child in span.get("children", []):
            found.setdefault(child["name"], []).append(span["name"])
    return found


def send_requests(browser: Client, posts: list[Post]) -> None:
    for post in posts:
        assert browser.post(reverse("post-act", args=[post.pk, "publish"])).status_code == 302


def test_parallel_requests_do_not_mix(write, clocks) -> None:
    work = []
    for number in range(THREADS):
        author, browser = person(f"author{number}", "Author"), Client()
        browser.force_login(author)
        posts = [write(f"Post {n}", author=author, tags=["sun"]) for n in range(REQUESTS)]
        work.append(partial(send_requests, browser, posts))
    Trace.objects.all().delete()
    together(*work)

    heard = [wire.receiver for wire in registry.wires() if wire.signal is post_published]
    traces = {trace.targets: trace for trace in Trace.objects.all()}
    keys = set(Post.objects.values_list("pk", flat=True))
    assert traces.keys() == {f"blog.post:{pk}" for pk in keys}, "one tree for each, of it alone"
    shares = []
    for pk in keys:
        trace = traces[f"blog.post:{pk}"]
        assert trace.name == f"POST /studio/posts/{pk}/<str:act>/"
        assert trace.errors == 0
        under = parents(trace.tree)
        for each in heard:
            assert under[each.uid] == ["blog.signals.post_published"], each.uid
        (run,) = [span for span in spans(trace.tree) if span["name"] == "t.clock"]
        assert run["phase"] == NOW.value
        assert run["notes"] == [["measured", {"post": pk}]]
        assert run["took"] + 1 >= clocks[pk], "the span lies around the run"
        shares.append((run["took"] - ALLOWANCE) / clocks[pk])
    # The middle one: a thread may lose the processor between the two clocks.
    assert median(shares) <= 1.05

    owners = Counter(Delivery.objects.values_list("trace", "receiver"))
    assert {trace for trace, _ in owners} >= {trace.pk for trace in traces.values()}
    durable = [each.uid for each in heard if each.phase.value == "durable"]
    for trace in traces.values():
        assert [owners[trace.pk, uid] for uid in durable] == [1] * len(durable)
