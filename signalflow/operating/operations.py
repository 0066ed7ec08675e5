"""What people do to deliveries: try again, skip, replay.  Each such act is announced."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from signalflow import conf
from signalflow.models import ATTENTION, ENDED_WELL, OPEN, Delivery, DeliveryQuerySet, Trace
from signalflow.signals import operator_acted

SKIPPABLE = (*ATTENTION, Delivery.State.PENDING)
NAMED = 100  # deliveries an announcement names one by one


def retry(*pks: int) -> int:
    """Give failed or orphaned deliveries a fresh start; returns how many there were."""
    with transaction.atomic():
        rows = Delivery.objects.needs_attention().filter(pk__in=pks)
        told = _facts(rows)
        return _announced("retried", rows.requeue(), told)


def skip(*pks: int) -> int:
    """Decide that failed, orphaned or waiting deliveries shall not run; returns how many."""
    with transaction.atomic():
        rows = Delivery.objects.filter(pk__in=pks, state__in=SKIPPABLE)
        told = _facts(rows)
        count = rows.update(state=Delivery.State.SKIPPED, finished_at=timezone.now())
        return _announced("skipped", count, told)


def replayable(uid: str, since: datetime) -> DeliveryQuerySet:
    """What `replay` would give again: ended deliveries that are no replays themselves."""
    ended = Delivery.objects.filter(receiver=uid, created_at__gte=since, replay_of=None)
    return ended.exclude(state__in=OPEN)


def replay(uid: str, since: datetime) -> list[Delivery]:
    """New deliveries for those that ended since a moment; the receiver is given them again.

    For effects that must be made once more, after a fault in what they did.  Receivers run
    against what is true now, and each new row says which one it repeats.
    """
    with transaction.atomic():
        again = Delivery.objects.bulk_create(
            Delivery(
                receiver=row.receiver,
                signal=row.signal,
                payload=row.payload,
                key=row.key,
                trace=row.trace,
                replay_of=row,
            )
            for row in replayable(uid, since).order_by("pk")
        )
        told = {"receivers": [uid], "since": since.isoformat()}
        _announced("replayed", len(again), told)
    return again


def _facts(rows: DeliveryQuerySet) -> dict[str, Any]:
    found = list(rows.order_by("pk").values_list("pk", "receiver"))
    return {
        "deliveries": [pk for pk, _ in found[:NAMED]],
        "receivers": sorted({receiver for _, receiver in found}),
    }


def _announced(verb: str, count: int, told: dict[str, Any]) -> int:
    if count:
        label = "1 delivery" if count == 1 else f"{count} deliveries"
        operator_acted.send(sender=Delivery, verb=verb, label=label, details=told)
    return count


def prune(*, before_days: int | None = None, chunk: int = 1000) -> int:
    """Delete what is no longer looked at, in short steps; returns how many deliveries.

    Deliveries that ended well some days ago (option `keep_days`), and all traces but the latest
    (option `keep_traces`).
    """
    days = conf.options().keep_days if before_days is None else before_days
    limit = timezone.now() - timedelta(days=days)
    ended_well = Delivery.objects.filter(state__in=ENDED_WELL, finished_at__lt=limit)
    total = _delete_in_chunks(ended_well, chunk)
    newest = Trace.objects.order_by("-created_at", "-pk")
    oldest_kept = newest[conf.options().keep_traces :].values_list("created_at", flat=True).first()
    if oldest_kept is not None:
        _delete_in_chunks(Trace.objects.filter(created_at__lte=oldest_kept), chunk)
    return total


def _delete_in_chunks(rows: QuerySet[Any], chunk: int) -> int:
    total = 0
    while keys := list(rows.values_list("pk", flat=True)[:chunk]):
        total += rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return total
