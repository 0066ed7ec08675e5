"""Deliveries that do nothing: what the engine itself costs, empty and after a long life."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.dispatch import Signal
from django.utils import timezone

from signalflow import DURABLE, receiver
from signalflow.models import Delivery
from signalflow.worker import Worker
from tests.bench.measuring import Row, clocked, rounds

BATCH = 100
FEW, MANY = 1_000, 100_000

ticked = Signal()
receiver(ticked, uid="bench.tick", when=DURABLE)(lambda **kwargs: None)


def waiting(**fields: Any) -> list[int]:
    rows = [Delivery(receiver="bench.tick", signal="bench.ticked", **fields) for _ in range(BATCH)]
    return [row.pk for row in Delivery.objects.bulk_create(rows)]


def worked() -> float:
    keys = waiting()
    seconds = clocked(Worker(until_empty=True).run)
    assert Delivery.objects.filter(pk__in=keys, state=Delivery.State.DONE).count() == BATCH
    return seconds


def bare() -> float:
    """Two conditional updates for each row: the least that can keep two workers apart."""
    keys = waiting(available_at=timezone.now() + timedelta(days=1))

    def act() -> None:
        for pk in keys:
            claim, now = uuid.uuid4().hex, timezone.now()
            Delivery.objects.filter(pk=pk, state=Delivery.State.PENDING, attempts=0).update(
                state=Delivery.State.RUNNING, attempts=1, claim=claim, available_at=now
            )
            Delivery.objects.filter(claim=claim, state=Delivery.State.RUNNING).update(
                state=Delivery.State.DONE, finished_at=timezone.now(), report={}
            )

    return clocked(act)


def finished(until: int) -> None:
    """Fill up with what ended well, as years of work would leave it."""
    missing = until - Delivery.objects.count()
    now = timezone.now()
    Delivery.objects.bulk_create(
        (
            Delivery(
                receiver="bench.tick",
                signal="bench.ticked",
                state=Delivery.State.DONE,
                attempts=1,
                finished_at=now - timedelta(seconds=number),
                report={"kind": "receiver", "name": "bench.tick"},
            )
            for number in range(missing)
        ),
        batch_size=2000,
    )


def deliveries() -> Iterator[Row]:
    """The two sizes cannot take turns: each is compared with bare updates of its own time."""
    Delivery.objects.all().delete()  # what the rows above left, thousands of mails among it
    ratios = []
    for size in (FEW, MANY):
        finished(size)
        took = rounds({"bare": bare, "worker": worked}, 10)
        ratios.append(took["worker"] / took["bare"])
    yield Row("no-op deliveries a second / bare updates", 1 / ratios[0], "≥ 0.5")
    yield Row(f"the same beside {MANY:,} / {FEW:,} finished", ratios[1] / ratios[0], "≤ 1.25")
