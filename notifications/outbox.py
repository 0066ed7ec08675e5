"""Putting mails into the outbox: one row per person and event, whatever the reasons."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from notifications.models import Message
from notifications.signals import messages_queued
from signalflow import note

BATCH = 50  # mails one delivery sends over one connection
CHUNK = 500  # rows one statement names


@dataclass(slots=True)
class Recipient:
    """A person who is to be told, with every reason why."""

    email: str
    reasons: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


def merged(recipients: Iterable[Recipient]) -> list[Recipient]:
    """One entry per address, ignoring case, with the reasons of all."""
    people: dict[str, Recipient] = {}
    for each in recipients:
        person = people.setdefault(each.email.lower(), Recipient(each.email.lower()))
        person.reasons += [reason for reason in each.reasons if reason not in person.reasons]
        for name, value in each.data.items():
            known = person.data.get(name)
            person.data[name] = known + value if isinstance(known, list) else value
    return list(people.values())


@transaction.atomic
def queue(kind: str, event: str, people: Iterable[Recipient], **data: Any) -> int:
    """Write the mails of one event; who has one for it already gets no second.

    A mail that was cancelled because its post was withdrawn is queued again, for the reasons
    there are now: its reader has not been told yet.  Only what this call queued is announced:
    a mail that waits already has its delivery, and two at once would send it twice.  Returns
    how many wait now.
    """
    rows = [
        Message(
            event=event,
            kind=kind,
            recipient=person.email,
            reasons=person.reasons,
            data={**data, **person.data},
        )
        for person in merged(people)
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=CHUNK)
    total = 0
    for start in range(0, len(rows), CHUNK):
        chunk = {row.recipient: row for row in rows[start : start + CHUNK]}
        theirs = Message.objects.filter(event=event, recipient__in=chunk)
        mine = theirs.filter(message_id__in=[row.message_id for row in chunk.values()])
        _announce(sorted([*mine.values_list("pk", flat=True), *_revived(theirs, chunk)]))
        total += theirs.filter(state=Message.State.QUEUED).count()
    note("mails queued", count=total)
    return total


def _revived(theirs: QuerySet[Message], rows: dict[str, Message]) -> list[int]:
    """Queue again what was cancelled, with the reasons and data of today; returns the ids."""
    cancelled = list(theirs.select_for_update().filter(state=Message.State.CANCELLED))
    for message in cancelled:
        now = rows[message.recipient]
        message.state, message.reasons, message.data = Message.State.QUEUED, now.reasons, now.data
    Message.objects.bulk_update(cancelled, ["state", "reasons", "data"])
    return [message.pk for message in cancelled]


def _announce(ids: list[int]) -> None:
    for start in range(0, len(ids), BATCH):
        messages_queued.send(sender=Message, message_ids=ids[start : start + BATCH])
