"""Writing calls: one row per endpoint and event, however often an event is handled."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from listeners.webhooks.events import KINDS, body_of, is_outdated
from listeners.webhooks.models import Call, Endpoint
from listeners.webhooks.signals import call_requested
from signalflow import Skip, current_action, note

CHUNK = 1000  # rows one statement deletes


def count() -> None:
    """What `queue` would tell of, without writing or sending anything."""
    if endpoints := Endpoint.objects.active().count():
        note("webhooks queued", count=endpoints)


@transaction.atomic
def queue(kind: str, subject: Any) -> None:
    """Write one call for each active endpoint, and announce those that are new.

    Raises Skip when the event is not true any more.
    """
    if reason := is_outdated(kind, subject.pk):
        raise Skip(reason)
    endpoints = list(Endpoint.objects.active())
    if not endpoints:
        return
    body = body_of(kind, KINDS[kind].facts(subject))
    for endpoint in endpoints:
        call, new = Call.objects.get_or_create(
            endpoint=endpoint,
            event=_event(kind, subject),
            defaults={"kind": kind, "subject": subject.pk, "body": body},
        )
        if new:
            call_requested.send(sender=Call, call=call)
    count()


def _event(kind: str, subject: Any) -> str:
    """One transition by its trace: the same for every run, retry and replay of its delivery.

    A post that is published again is another event; a double click is none.
    """
    now = current_action()
    return f"{kind}:{subject.pk}:{now.trace if now else ''}"


def prune(before: datetime) -> int:
    """Delete the calls from before a moment that were accepted or called off; returns how many."""
    ended = Call.objects.filter(created_at__lt=before).exclude(
        Q(accepted_at__isnull=True) & Q(cancelled="")
    )
    total = 0
    while keys := list(ended.values_list("pk", flat=True)[:CHUNK]):
        Call.objects.filter(pk__in=keys).delete()
        total += len(keys)
    return total
