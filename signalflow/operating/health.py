"""How the engine and the parts of the site are: each a fact with a verdict."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.timesince import timesince

from signalflow import conf
from signalflow.heartbeats import RECONCILE, WORKER
from signalflow.models import Delivery, Heartbeat
from signalflow.names import labelled
from signalflow.signals import health_asked

logger = logging.getLogger("signalflow")

DUE_WITHIN = timedelta(minutes=5)  # how long a due delivery may wait before somebody should look


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the health page; `healthy` is False when a person should look."""

    label: str
    text: str
    healthy: bool = True


def facts() -> Iterator[Fact]:
    """The engine's own facts, then what the other apps answer."""
    now = timezone.now()
    yield _oldest_due(now)
    yield _expired_leases(now)
    yield _failures()
    yield last_beat("Delivery worker", WORKER, DUE_WITHIN)
    yield last_beat("Last reconcile", RECONCILE)
    for receiver, answer in health_asked.send_robust(sender=None):
        if isinstance(answer, Exception):
            logger.error("%s could not tell its health", receiver, exc_info=answer)
            yield Fact(
                labelled(receiver.__module__).partition(".")[0], "does not answer", healthy=False
            )
        else:
            yield from answer or []


def last_beat(label: str, name: str, patience: timedelta | None = None) -> Fact:
    """When something ran last; unhealthy if that is longer ago than `patience`, or went badly."""
    row = Heartbeat.objects.filter(name=name).first()
    if row is None:
        return Fact(label, "has not run yet", healthy=patience is None)
    late = patience is not None and timezone.now() - row.at > patience
    told = f"{ago(row.at)}{': ' if row.text else ''}{row.text}"
    return Fact(label, told, healthy=row.healthy and not late)


def _oldest_due(now: datetime) -> Fact:
    due = Delivery.objects.due(now).filter(state=Delivery.State.PENDING)
    oldest = due.order_by("available_at").values_list("available_at", flat=True).first()
    if oldest is None:
        return Fact("Oldest waiting delivery", "none waits")
    return Fact("Oldest waiting delivery", f"due {ago(oldest)}", now - oldest < DUE_WITHIN)


def _expired_leases(now: datetime) -> Fact:
    """A worker died or stalled; the next one takes the delivery over."""
    grace = timedelta(seconds=conf.options().poll * 5)
    count = Delivery.objects.filter(
        state=Delivery.State.RUNNING, available_at__lte=now - grace
    ).count()
    return Fact("Expired leases", str(count) if count else "none", healthy=not count)


def _failures() -> Fact:
    count = Delivery.objects.needs_attention().count()
    return Fact("Deliveries that need a person", str(count) if count else "none", not count)


def ago(moment: datetime) -> str:
    """How long ago that was, in words."""
    passed = timezone.now() - moment
    return "just now" if passed < timedelta(minutes=1) else f"{timesince(moment)} ago"
