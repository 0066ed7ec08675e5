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
from signalflow.leases import Claim, LeaseLost
from signalflow.models import Delivery, DeliveryQuerySet
from signalflow.spans import Place, Recorder
from signalflow.spec import Receiver, Skip

logger = logging.getLogger("signalflow")

ERROR_LENGTH = 500  # enough to recognise a failure by; the traceback goes to the log


class Outcome(enum.Enum):
    """How one attempt ended."""

    DONE = "done"
    SKIPPED = "skipped"
    LATER = "to be tried again"
    FAILED = "failed"
    ORPHANED = "orphaned"
    LOST = "lost to another worker"


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
        return _orphan(delivery)
    if delivery.state == Delivery.State.RUNNING and delivery.attempts >= spec.retry.attempts:
        return _give_up(delivery)
    claim = _claim(delivery)
    if claim is None:
        return Outcome.LOST
    failpoints.reach("claimed")
    with continued(delivery.trace):
        return _run(spec, delivery, claim)


def _claim(delivery: Delivery) -> Claim | None:
    """Take the delivery, and every waiting one its key lets it stand for."""
    token = uuid.uuid4().hex
    held = {
        "state": Delivery.State.RUNNING,
        "attempts": F("attempts") + 1,
        "available_at": timezone.now() + timedelta(seconds=conf.options().lease),
        "claim": token,
    }
    if not _as_seen(delivery).update(**held):
        return None
    rows = 1
    if delivery.key:
        same = Delivery.objects.waiting_with(delivery.receiver, delivery.key)
        rows += same.update(**held)
    return Claim(token, rows)


def _as_seen(delivery: Delivery) -> DeliveryQuerySet:
    """Its row, if nobody changed it; with its moment, because a renewed lease has another one."""
    seen = {name: getattr(delivery, name) for name in ("pk", "state", "attempts", "available_at")}
    return Delivery.objects.filter(**seen)


def _run(spec: Receiver, delivery: Delivery, claim: Claim) -> Outcome:
    token = leases.running.set(claim)
    claim.recorder = recorder = Recorder("receiver", spec.uid)
    try:
        with transaction.atomic() if spec.atomic else nullcontext():
            with Place(recorder):
                _call(spec, delivery)
            failpoints.reach("effect done")
            _settle(claim, Delivery.State.DONE)
    except LeaseLost:
        logger.warning("delivery %s of %s was taken over", delivery.pk, spec.uid)
        return Outcome.LOST
    except (Skip, payload.Gone) as reason:
        return _note_end(claim, Delivery.State.SKIPPED, str(reason), Outcome.SKIPPED)
    except Exception as error:  # noqa: BLE001 - the boundary: whatever is raised is recorded
        return _fail(spec, claim, error)
    finally:
        leases.running.reset(token)
    return Outcome.DONE


def _call(spec: Receiver, delivery: Delivery) -> None:
    named = {name: payload.load(value) for name, value in delivery.payload.items()}
    spec.function(signal=registry.signal_named(delivery.signal), **named)


def _settle(claim: Claim, state: str, error: str = "") -> None:
    """Write the end of a run; raises LeaseLost unless the claim still holds every row."""
    held = Delivery.objects.filter(claim=claim.token, state=Delivery.State.RUNNING)
    settled = held.update(
        state=state,
        finished_at=timezone.now(),
        error=error[:ERROR_LENGTH],
        report=_report(claim),
    )
    if settled < claim.rows:
        raise LeaseLost


def _report(claim: Claim) -> dict[str, Any] | None:
    return claim.recorder.root.dump() if claim.recorder and conf.options().trace else None


def _note_end(claim: Claim, state: str, error: str, outcome: Outcome) -> Outcome:
    try:
        with transaction.atomic():
            _settle(claim, state, error)
    except LeaseLost:
        return Outcome.LOST
    return outcome


def _fail(spec: Receiver, claim: Claim, error: Exception) -> Outcome:
    """Record the failure: each row waits its own turn again, or has had its last one."""
    logger.warning("delivery of %s failed", spec.uid, exc_info=error)
    text = f"{type(error).__name__}: {error}".replace("\0", "")[:ERROR_LENGTH]
    outcome = Outcome.LATER
    try:
        for row in Delivery.objects.filter(claim=claim.token, state=Delivery.State.RUNNING):
            ours = Delivery.objects.filter(pk=row.pk, claim=claim.token, attempts=row.attempts)
            if row.attempts >= spec.retry.attempts:
                ours.update(
                    state=Delivery.State.FAILED,
                    finished_at=timezone.now(),
                    error=text,
                    report=_report(claim),
                )
                outcome = Outcome.FAILED
            else:
                wait = timedelta(seconds=spec.retry.delay(row.attempts))
                ours.update(
                    state=Delivery.State.PENDING,
                    available_at=timezone.now() + wait,
                    error=text,
                    report=_report(claim),
                )
    except DatabaseError:
        # The lease will end by itself and the row be claimed again: nothing is lost.
        logger.exception("could not record the failure of %s", spec.uid)
    return outcome


def _orphan(delivery: Delivery) -> Outcome:
    """Set aside what this process has no receiver for; it is shown, and revived by a retry."""
    Delivery.objects.filter(pk=delivery.pk, state=delivery.state).update(
        state=Delivery.State.ORPHANED, error=f"no receiver is registered as {delivery.receiver}"
    )
    logger.error("no receiver %s for delivery %s", delivery.receiver, delivery.pk)
    return Outcome.ORPHANED


def _give_up(delivery: Delivery) -> Outcome:
    """A delivery whose workers died at every attempt must not kill workers for ever."""
    given_up = _as_seen(delivery).update(
        state=Delivery.State.FAILED,
        finished_at=timezone.now(),
        error=f"the worker died during the last of {delivery.attempts} attempts",
    )
    return Outcome.FAILED if given_up else Outcome.LOST


def unfinished(uid: str, key: str) -> bool:
    """Whether a delivery for this receiver and key still waits, runs, or has failed."""
    ended = [Delivery.State.DONE, Delivery.State.SKIPPED]
    return Delivery.objects.filter(receiver=uid, key=key).exclude(state__in=ended).exists()


def revive_orphans() -> int:
    """Put orphaned deliveries back in line whose receiver this process has."""
    orphans = Delivery.objects.need_a_person().filter(state=Delivery.State.ORPHANED)
    found = [row.pk for row in orphans if registry.find(row.receiver)]
    return orphans.filter(pk__in=found).start_afresh()
