"""Putting mails into the outbox: one row per person and event, whatever the reasons."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from listeners.notifications.models import Message
from listeners.notifications.signals import account_mail_queued, messages_queued
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


def welcome_of(user: User) -> str:
    """The event of an account's welcome: one for its whole life."""
    return f"user:{user.pk}:welcome"


@transaction.atomic
def enqueue(kind: str, event: str, people: Iterable[Recipient], **data: Any) -> int:
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


@transaction.atomic
def queue_account_mail(
    recipient: str, *, about: str, secret: dict[str, str], until: datetime
) -> None:
    """Write a mail about an account; the address stays as it was typed.

    `about` is which of allauth's mails it is, `secret` its subject, text and key.
    """
    message = Message.objects.create(
        event=f"account:{uuid.uuid4()}",
        kind="account",
        recipient=recipient,
        data={"about": about},
        secret=secret,
        expires_at=until,
    )
    account_mail_queued.send(sender=Message, message_id=message.pk)


class UnderWay(Exception):  # noqa: N818 - says what is the case
    """A mail is being looked at just now: it is sent or cancelled in a moment."""


@transaction.atomic
def queue_again(event: str, recipient: str) -> None:
    """Queue a mail that was cancelled, now that its reader may have it.

    Raises UnderWay if that is not decided yet.
    """
    rows = Message.objects.select_for_update().filter(event=event, recipient=recipient.lower())
    for message in rows:
        if message.state == Message.State.SENDING:
            raise UnderWay(f"message {message.pk}")
        if message.state == Message.State.CANCELLED:
            rows.update(state=Message.State.QUEUED)
            _announce([message.pk])


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


def prune_account_mails(before: datetime) -> int:
    """Forget account mails that are over: addresses strangers typed, which no event needs."""
    over = Message.objects.filter(kind="account", expires_at__lt=before)
    return over.exclude(state=Message.State.SENDING).delete()[0]
