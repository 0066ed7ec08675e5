"""Writing deliveries: in the sender's transaction, so that they share its fate."""

from functools import partial
from typing import Any

from django.apps import apps
from django.db import transaction
from django.dispatch import Signal

from signalflow import conf, payload
from signalflow.actions import current_trace
from signalflow.names import signal_name
from signalflow.spans import here
from signalflow.spec import Receiver


def put(spec: Receiver, signal: Signal, sender: Any, named: dict[str, Any]) -> None:
    """Store one delivery, and arrange what follows the commit.

    Raises payload.Unstorable when an argument cannot be carried; the act is then rolled back
    by whoever sent the signal, rather than its effect being lost in silence.
    """
    delivery = apps.get_model("signalflow", "Delivery").objects.create(
        receiver=spec.uid,
        signal=signal_name(signal),
        payload=payload.dump({"sender": sender, **named}),
        key=spec.key_of(named),
        trace=current_trace(),
    )
    if place := here():
        place.span.outcome, place.span.data["delivery"] = "queued", delivery.pk
    if follow := _try_once if spec.eager else conf.options().dispatch:
        transaction.on_commit(partial(follow, delivery.pk))


def _try_once(pk: int) -> None:
    from signalflow.deliveries import run_one  # noqa: PLC0415 - needs loaded models

    run_one(pk)
