"""Sending what waits in the outbox: one message at a time, never inside a transaction.

A message is marked as being sent before the server sees it and as sent afterwards.  Whoever
finds one still marked "being sent" knows that a worker died in between: whether the server
took the mail cannot be known, so it is sent again under the same Message-ID and the doubt is
recorded as `uncertain`.
"""

import logging
from collections.abc import Callable
from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected
from typing import Any

from django.core.mail import get_connection
from django.db.models import F
from django.utils import timezone

from listeners.notifications.composing import compose
from listeners.notifications.health import note_server
from listeners.notifications.kinds import content_of
from listeners.notifications.models import Message
from listeners.notifications.server import ServerHangs, server
from signalflow import failpoints, note, renew_lease

logger = logging.getLogger("heliograph")

ATTEMPTS = 8  # of a mail without a time of its own (`expires_at`)

ENDED = {Message.State.SENT, Message.State.CANCELLED, Message.State.FAILED}


class NotAllSent(Exception):  # noqa: N818 - says what is the case
    """Some mails of a batch wait for another try."""


def send_batch(ids: list[int], *, before_each: Callable[[], None] = lambda: None) -> None:
    """Send these messages, those that failed before among them.

    `before_each` is called between two of them, while nothing is under way.  Raises NotAllSent if
    some must be tried again later: one refused mail stops no other, and a server that does not
    answer counts against the delivery, not against any mail.
    """
    batch = Message.objects.filter(pk__in=ids)
    batch.filter(state=Message.State.SENDING).update(
        state=Message.State.QUEUED, uncertain=F("uncertain") + 1
    )
    queued = list(batch.filter(state=Message.State.QUEUED).order_by("pk"))
    if not queued:
        return
    try:
        taken = _send_each(queued, before_each)
    except OSError as error:
        problem = f"the mail server does not answer: {error}"
        if not isinstance(error, ServerHangs):  # of which the one that waited has told
            note_server(problem)
        raise NotAllSent(problem) from error
    sent = batch.filter(state=Message.State.SENT).count()
    note("mails sent", count=sent, of=len(ids))
    if taken:
        note_server()
    if left := batch.filter(state__in=[Message.State.QUEUED, Message.State.SENDING]).count():
        raise NotAllSent(f"{left} mails wait for another try")


def _send_each(queued: list[Message], before_each: Callable[[], None]) -> bool:
    """Send them over one connection; says whether the server took any."""
    connection, taken = get_connection(), False
    try:
        for message in queued:
            renew_lease()
            before_each()
            with server.watched():
                connection.open()  # once for the batch, and again after an error closed it
            taken |= _send_one(message, connection)
    finally:
        connection.close()
    return taken


def _send_one(message: Message, connection: Any) -> bool:
    """Send one mail; whatever stands against it is noted on it.  Says whether it was taken."""
    attempt = message.attempts + 1
    if not _move(message, Message.State.QUEUED, state=Message.State.SENDING, attempts=attempt):
        return False  # another worker has it
    message.attempts = attempt
    try:
        content = content_of(message)
        if content is None:
            _move(message, Message.State.SENDING, state=Message.State.CANCELLED)
            return False
        mail = compose(message, content)
        mail.connection = connection
        with server.watched():
            mail.send()
    except Exception as error:  # noqa: BLE001 - the boundary between one mail and the next
        _note_failure(message, error)
        if isinstance(error, OSError):
            connection.close()  # whatever state it is in; the next mail opens a new one
        return False
    failpoints.reach("mail accepted")
    _move(
        message, Message.State.SENDING, state=Message.State.SENT, sent_at=timezone.now(), error=""
    )
    return True


def _move(message: Message, expected: str, **changes: Any) -> bool:
    """Change a row only if it is still as we know it; says whether it was."""
    if changes.get("state") in ENDED:
        changes["secret"] = {}
    mine = Message.objects.filter(pk=message.pk, state=expected, attempts=message.attempts)
    return bool(mine.update(**changes))


def _note_failure(message: Message, error: Exception) -> None:
    expected = isinstance(error, OSError | ValueError)  # smtplib's errors are OSErrors
    logger.warning("message %s was not sent", message.pk, exc_info=None if expected else error)
    refused = _is_final(error)
    changes: dict[str, Any] = {
        "state": (
            Message.State.FAILED
            if refused or (message.attempts >= ATTEMPTS and message.expires_at is None)
            else Message.State.QUEUED
        ),
        "error": f"{type(error).__name__}: {error}"[:300],
    }
    if isinstance(error, SMTPServerDisconnected | TimeoutError):
        changes["uncertain"] = F("uncertain") + 1
        note_server(f"the mail server went silent: {error}")
    _move(message, Message.State.SENDING, **changes)


def _is_final(error: Exception) -> bool:
    """Whether trying again cannot help: the server said 5xx, or the address is none."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, SMTPResponseException):
        return error.smtp_code >= 500
    return isinstance(error, ValueError)
