"""What a receiver costs where it is called: idle, traced, and on every loaded row."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from asgiref.sync import async_to_sync
from django.db.models.signals import post_init
from django.dispatch import Signal

from blog.models import Post, Tag
from signalflow import receiver
from signalflow.spans import Recorder, SpanScope
from tests.bench.measuring import Clock, Row, clocked, no_collector, rounds
from tests.bench.site import written

SENDS = 200  # in one sample, and below the bound of one tree
ROUNDS = 60


def heard_by_django() -> Signal:
    signal = Signal()
    signal.connect(nothing, weak=False)
    return signal


def heard_by_us(uid: str) -> Signal:
    signal = Signal()
    receiver(signal, uid=uid)(nothing)
    return signal


def nothing(value: int, **kwargs: Any) -> None: ...


def sends(signal: Signal, clock: Clock = time.thread_time) -> Callable[[], float]:
    def act() -> None:
        for _ in range(SENDS):
            signal.send(sender=None, value=1)

    return lambda: clocked(act, clock)


def traced(sample: Callable[[], float]) -> Callable[[], float]:
    def inside() -> float:
        with SpanScope(Recorder("act", "bench")):
            return sample()

    return inside


def calls() -> Iterator[Row]:
    ours = sends(heard_by_us("bench.idle"))
    with no_collector():
        took = rounds(
            {"plain": sends(heard_by_django()), "idle": ours, "traced": traced(ours)}, ROUNDS
        )
    yield Row("idle receiver / plain receiver", took["idle"] / took["plain"], "≤ 2.2")
    extra = (took["traced"] - took["plain"]) / SENDS * 1e6
    yield Row("traced receiver, more than a plain one", extra, "≤ 5", "µs")


async def nothing_async(value: int, **kwargs: Any) -> None: ...


def asynchronous() -> Iterator[Row]:
    plain, awaited = heard_by_django(), Signal()
    awaited.connect(nothing_async, weak=False)

    def awaits(signal: Signal) -> Callable[[], float]:
        async def act() -> None:
            for _ in range(SENDS):
                await signal.asend(sender=None, value=1)

        return lambda: clocked(lambda: async_to_sync(act)())

    contenders = {
        "send to a plain receiver": sends(plain),
        "asend to an async receiver": awaits(awaited),
        "asend to a plain receiver": awaits(plain),
        "send to an async receiver": sends(awaited, time.perf_counter),
    }
    took = rounds(contenders, 5)
    bare = took.pop("send to a plain receiver")
    for name, seconds in took.items():
        yield Row(f"{name} / send to a plain one", seconds / bare)


def loads(queryset: Any, *, watched: bool) -> Callable[[], float]:
    """Load rows, once with a receiver that remembers their values as change trackers do."""

    def remember(instance: Any, **kwargs: Any) -> None:
        instance.remembered = dict(vars(instance))

    def sample() -> float:
        if watched:
            post_init.connect(remember, sender=queryset.model, weak=False)
        try:
            return clocked(lambda: list(queryset.all()), time.thread_time)
        finally:
            post_init.disconnect(remember, sender=queryset.model)

    return sample


def init_signals() -> Iterator[Row]:
    written(500)
    Tag.objects.bulk_create(Tag(name=f"tag {n}", slug=f"tag-{n}") for n in range(500))
    for rows in (Tag.objects.all(), Post.objects.defer("body", "body_html")):
        few = rows.order_by("pk")[:500]
        with no_collector():
            took = rounds(
                {"bare": loads(few, watched=False), "watched": loads(few, watched=True)}, 20
            )
        name = rows.model._meta.verbose_name
        yield Row(f"loading a {name} with a post_init receiver", took["watched"] / took["bare"])
