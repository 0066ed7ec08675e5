"""Executing deliveries: claim, run, and settle, each of them safe against a crash.

A claim is a conditional update, so no row lock is held while a receiver works.  The effects
and the word "done" are committed together and only under a claim that is still ours.
"""

import enum
import logging
import uuid
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from signalflow import conf, failpoints, leases, payload, registry
from signalflow.actions import continued
from signalflow.context import bound
from signalflow.leases import Claim, LeaseLost
from signalflow.models import ENDED_WELL, Delivery, DeliveryQuerySet
from signalflow.spans import Recorder, SpanScope
from signalflow.spec import DURABLE, Receiver, Skip

logger = logging.getLogger("signalflow")

State = Delivery.State

ERROR_LENGTH = 500  # enough to recognise a failure by; the traceback goes to the log


class Outcome(enum.Enum):
    """How one attempt ended."""

    DONE = "done"
    SKIPPED = "skipped"
    LATER = "to be tried again"
    FAILED = "failed"
    ORPHANED = "orphaned"
    LOST = "run by another worker, or together with another of its key"


def run_one(pk: int) -> Outcome:
    """Execute one delivery if it is due and nobody else has it; see `run`."""
    delivery = Delivery.objects.due(timezone.now()).filter(pk=pk).first()
    return Outcome.LOST if delivery is None else run(delivery)


def run(delivery: Delivery) -> Outcome:
    """Execute a delivery that was due when it was read, unless it has changed since.

    Never raises what a receiver raises: that is recorded, and tried again later.
    """
    spec = registry.find(delivery.receiver)
    if spec is None:
        # It is shown, and comes back when a process knows its receiver again.
        logger.error("no receiver %s for delivery %s", delivery.receiver, delivery.pk)
        told = f"no receiver is registered as {delivery.receiver}"
        return _park(delivery, State.ORPHANED, told)
    if delivery.state == State.RUNNING and delivery.attempts >= spec.retry.attempts:
        # A delivery whose workers died at every attempt must not kill workers for ever.
        told = f"the worker died during the last of {delivery.attempts} attempts"
        return _park(delivery, State.FAILED, told)
    claim = _claim(delivery)
    if claim is None:
        return Outcome.LOST
    failpoints.reach("claimed")
    with continued(delivery.trace), bound(leases.running, claim):
        return _run(spec, delivery, claim)


def _as_seen(delivery: Delivery) -> DeliveryQuerySet:
    """Its row, if nobody changed it; with its moment, because a renewed lease has another one."""
    seen = {name: getattr(delivery, name) for name in ("pk", "state", "attempts", "available_at")}
    return Delivery.objects.filter(**seen)


def _park(delivery: Delivery, state: State, error: str) -> Outcome:
    """End what cannot run until a person has looked after it."""
    return Outcome[state.name] if _end(_as_seen(delivery), state, error) else Outcome.LOST


def _end(rows: DeliveryQuerySet, state: State, error: str, **told: Any) -> int:
    told = {"finished_at": timezone.now(), **told}
    return rows.update(state=state, error=error.replace("\0", "")[:ERROR_LENGTH], **told)


def _claim(delivery: Delivery) -> Claim | None:
    """Take the delivery, and every waiting one its key lets it stand for."""
    token = uuid.uuid4().hex
    held = {
        "state": State.RUNNING,
        "attempts": F("attempts") + 1,
        "available_at": timezone.now() + timedelta(seconds=conf.options().lease),
        "claim": token,
    }
    rows = _as_seen(delivery).update(**held)
    if rows and delivery.key:
        rows += Delivery.objects.waiting_with(delivery.receiver, delivery.key).update(**held)
    return Claim(token, rows, Recorder("receiver", delivery.receiver)) if rows else None


def _run(spec: Receiver, delivery: Delivery, claim: Claim) -> Outcome:
    try:
        return _attempt(spec, delivery, claim)
    except LeaseLost:
        logger.warning("delivery %s of %s was taken over", delivery.pk, spec.uid)
        return Outcome.LOST
    except Exception as error:  # noqa: BLE001 - the boundary: whatever is raised is recorded
        return _fail(spec, claim, error)


def _attempt(spec: Receiver, delivery: Delivery, claim: Claim) -> Outcome:
    try:
        with transaction.atomic() if _is_atomic(spec) else nullcontext():
            with SpanScope(claim.recorder):
                named = {name: payload.load(value) for name, value in delivery.payload.items()}
                spec.function(signal=registry.signal_named(delivery.signal), **named)
            failpoints.reach("effect done")
            return _settle(claim, State.DONE)
    except (Skip, payload.RowDeleted) as reason:
        with transaction.atomic():
            return _settle(claim, State.SKIPPED, str(reason))


def _is_atomic(spec: Receiver) -> bool:
    """What waits for a commit elsewhere does not run inside a transaction here."""
    return spec.atomic and spec.phase is DURABLE


def _settle(claim: Claim, state: State, error: str = "") -> Outcome:
    """Write the end of a run; raises LeaseLost unless the claim still holds every row."""
    if _end(claim.held(), state, error, report=_report(claim)) < claim.rows:
        raise LeaseLost
    return Outcome[state.name]


def _report(claim: Claim) -> dict[str, Any] | None:
    return claim.recorder.root.dump() if conf.options().trace else None


def _fail(spec: Receiver, claim: Claim, error: Exception) -> Outcome:
    """Record the failure: each row waits its own turn again, or has had its last one."""
    logger.warning("delivery of %s failed", spec.uid, exc_info=error)
    text, outcome = f"{type(error).__name__}: {error}", Outcome.LATER
    try:
        for row in claim.held():
            ours = claim.held().filter(pk=row.pk)
            if row.attempts >= spec.retry.attempts:
                outcome = Outcome.FAILED
                _end(ours, State.FAILED, text, report=_report(claim))
            else:
                turn = timezone.now() + timedelta(seconds=spec.retry.delay(row.attempts))
                told = {"finished_at": None, "available_at": turn}
                _end(ours, State.PENDING, text, report=_report(claim), **told)
    except DatabaseError:
        # The lease will end by itself and the row be claimed again: nothing is lost.
        logger.exception("could not record the failure of %s", spec.uid)
    return outcome


def unfinished(uid: str, key: str) -> bool:
    """Whether a delivery for this receiver and key still waits, runs, or has failed."""
    rows = Delivery.objects.filter(receiver=uid, key=key)
    return rows.exclude(state__in=ENDED_WELL).exists()


def revive_orphans() -> int:
    """Put orphaned deliveries back in line whose receiver this process has."""
    orphans = Delivery.objects.needs_attention().filter(state=State.ORPHANED)
    found = [row.pk for row in orphans if registry.find(row.receiver)]
    return orphans.filter(pk__in=found).requeue()
