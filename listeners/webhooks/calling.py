"""Sending one call.  No transaction is open while the network is waited for.

An attempt is committed before the request and completed after it.  Whoever finds one that was
never completed knows that a worker died in between: the receiver may have the call or not.  It
is marked uncertain, and the next attempt carries the same id, by which a receiver can tell.
"""

import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from listeners.webhooks.addresses import NotSent
from listeners.webhooks.events import PING, is_outdated
from listeners.webhooks.models import Attempt, Call, State
from listeners.webhooks.outbound import NoAnswer, post
from listeners.webhooks.signing import sign
from signalflow import Skip, failpoints, note

SEND = "webhooks.send_call"  # the receiver that sends; its deliveries have the call as key


class NotAccepted(Exception):  # noqa: N818 - says what is the case
    """The endpoint has not taken the call; it is tried again."""


def deliver(call: Call) -> None:
    """Send a call unless it was accepted or has become is_outdated.

    Raises Skip when there is nothing to send any more, NotAccepted to be tried again.
    """
    if call.accepted_at is not None:  # noted, and then we died before the delivery was done
        return
    if reason := _unwanted(call):
        Call.objects.filter(pk=call.pk).update(cancelled=reason)
        raise Skip(reason)
    call.attempts.filter(milliseconds=None, uncertain=False).update(
        uncertain=True, error="The worker died before the answer was noted."
    )
    attempt = call.attempts.create()
    began = time.monotonic()
    outcome = _send(call, int(attempt.at.timestamp()))
    failpoints.reach("webhook answered")
    _complete(attempt, milliseconds=round((time.monotonic() - began) * 1000), **outcome)
    if attempt.state != State.ACCEPTED:
        raise NotAccepted(attempt.error)
    note("webhook called", host=call.endpoint.host)


def _unwanted(call: Call) -> str:
    if call.kind != PING and not call.endpoint.active:
        return "the webhook is paused"
    return is_outdated(call.kind, call.subject)


def _send(call: Call, timestamp: int) -> dict[str, Any]:
    """Make the request; returns what its attempt will say of it."""
    endpoint = call.endpoint
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Heliograph (+{settings.SITE_URL})",
        "webhook-id": call.webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(endpoint.secret, call.webhook_id, timestamp, call.body),
    }
    try:
        answer = post(endpoint.url, call.body.encode(), headers)
    except NotSent as error:
        return {"error": str(error)[:300]}
    except NoAnswer as error:
        return {"error": str(error)[:300], "uncertain": True}
    problem = _problem(endpoint.host, answer.status)
    return {"status": answer.status, "excerpt": answer.excerpt, "error": problem}


def _problem(host: str, status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"{host} answered {status}, a redirect; webhooks follow none."
    return f"{host} answered {status}."


@transaction.atomic
def _complete(attempt: Attempt, **outcome: Any) -> None:
    """Note how it ended; an update, because the endpoint may have been deleted meanwhile."""
    for name, value in outcome.items():
        setattr(attempt, name, value)
    Attempt.objects.filter(pk=attempt.pk).update(**{"uncertain": False, **outcome})
    if attempt.state == State.ACCEPTED:
        Call.objects.filter(pk=attempt.call_id).update(accepted_at=timezone.now())
