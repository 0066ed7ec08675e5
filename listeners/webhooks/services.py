"""The doors of the webhooks.

Each takes `by` (None is the system) and raises PermissionDenied, works on a row under lock, and
sends `operator_acted` in its transaction.  No secret and no path of an address is recorded.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from blog.services import Refused
from listeners.webhooks.calling import SEND
from listeners.webhooks.events import PING, ping
from listeners.webhooks.models import Call, Endpoint
from listeners.webhooks.signals import call_requested
from signalflow import action
from signalflow.models import Delivery
from signalflow.signals import operator_acted

PERMISSION = "webhooks.operate_webhooks"


def add_endpoint(*, label: str, url: str, by: Any) -> Endpoint:
    """A new endpoint with a secret of its own; it is told of events from now on."""
    with _operating("add a webhook", by):
        endpoint = Endpoint.objects.create(label=label, url=url)
        _announce("added", endpoint)
    return endpoint


def pause(endpoint: Endpoint, *, by: Any) -> bool:
    """Tell it of nothing more, what waits included.  Returns False if it is paused already."""
    return _switch(endpoint, by, "paused", active=False)


def resume(endpoint: Endpoint, *, by: Any) -> bool:
    """Tell it of what happens from now on.  Returns False if it is not paused."""
    return _switch(endpoint, by, "resumed", active=True)


def _switch(endpoint: Endpoint, by: Any, verb: str, *, active: bool) -> bool:
    with _operating(f"{verb} a webhook", by, endpoint):
        row = _locked(endpoint)
        if row.active is active:
            return False
        row.active = active
        row.save(update_fields=["active"])
        _announce(verb, row)
    return True


def delete_endpoint(endpoint: Endpoint, *, by: Any) -> None:
    """Remove it with its log; calls that wait are never sent.  Raises Refused if it is gone."""
    with _operating("delete a webhook", by, endpoint):
        row = _locked(endpoint)
        _announce("deleted", row, calls=row.calls.count())
        row.delete()


def send_test(endpoint: Endpoint, *, by: Any) -> Call:
    """Send a call that says nothing, paused or not.  Raises Refused if the endpoint is gone."""
    with _operating("test a webhook", by, endpoint):
        row = _locked(endpoint)
        call = Call.objects.create(
            endpoint=row, event=f"{PING}:{uuid.uuid4().hex}", kind=PING, body=ping()
        )
        _announce("tested", row)
        call_requested.send(sender=Call, call=call)
    return call


def redeliver(call: Call, *, by: Any) -> None:
    """Send a call once more: the same body under the same id, whatever became of it before.

    A delivery that had been given up gets its fresh start, so that no failure is left behind
    that has been mended.  Raises Refused if the endpoint is paused or gone.
    """
    with _operating("redeliver a call", by, call):
        endpoint = _locked(call.endpoint)
        if not endpoint.active and call.kind != PING:
            raise Refused("This webhook is paused. Resume it first.")
        row = Call.objects.filter(pk=call.pk, endpoint=endpoint)
        if not row.update(requested_at=timezone.now(), accepted_at=None, cancelled=""):
            raise Refused("This call no longer exists.")
        _announce("redelivered", endpoint, call=call.webhook_id, kind=call.kind)
        failed = Delivery.objects.needs_attention().filter(receiver=SEND, key=str(call.pk))
        if not failed.requeue():
            call_requested.send(sender=Call, call=call)


@contextmanager
def _operating(act: str, by: Any, target: Any = None) -> Iterator[None]:
    if by is not None and not by.has_perm(PERMISSION):
        raise PermissionDenied("You may not operate webhooks.")
    with action(act, actor=by, target=target), transaction.atomic():
        yield


def _locked(endpoint: Endpoint) -> Endpoint:
    row = Endpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    if row is None:
        raise Refused("This webhook no longer exists.")
    return row


def _announce(verb: str, endpoint: Endpoint, **details: Any) -> None:
    operator_acted.send(
        sender=Endpoint,
        verb=verb,
        label=f"webhook {endpoint.label}",
        details={"host": endpoint.host, **details},
    )
