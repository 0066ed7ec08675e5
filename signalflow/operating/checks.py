"""System checks: faults of the wiring that no registration can see by itself."""

import sys
import weakref
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.signals import post_delete, post_init, pre_delete, pre_init
from django.dispatch import Signal
from django.dispatch.dispatcher import NONE_ID

from signalflow import registry
from signalflow.domain import DomainSignal
from signalflow.faults import argument_faults
from signalflow.models import OPEN, Delivery
from signalflow.operating import wiring

DOCS = "See docs/signals/phases.md."


@register("signals")
def check_wiring(**kwargs: Any) -> list[CheckMessage]:
    """Everything that can be said without the database."""
    return [
        *_plain_receivers_that_cannot_work(),
        *_code_imported_twice(),
        *_unheard_signals(),
        *_receivers_of_every_model(),
        *_cache_of_one_process(),
    ]


@register(Tags.database)
def check_stored_deliveries(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """W103: deliveries that wait for a receiver this code does not have."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    if Delivery._meta.db_table not in connection.introspection.table_names():
        return []  # before the first migration
    waiting = Delivery.objects.filter(state__in=[*OPEN, Delivery.State.ORPHANED])
    uids = waiting.order_by().values_list("receiver", flat=True).distinct()
    return [
        Warning(
            f"Deliveries wait for {uid}, which no code registers.",
            hint="Was it renamed? Keep the old name as uid=…, or let them be skipped.",
            id="signalflow.W103",
        )
        for uid in uids
        if registry.find(uid) is None
    ]


def _functions(signal: Signal, *, any_sender: bool = False) -> Iterator[Any]:
    for (_, sender), kept, *_ in signal.receivers:
        function = kept() if isinstance(kept, weakref.ReferenceType) else kept
        if function is not None and (not any_sender or sender == NONE_ID):
            yield function


def _plain_receivers_that_cannot_work() -> Iterator[CheckMessage]:
    for signal in wiring.known_signals():
        if not isinstance(signal, DomainSignal):
            continue
        for function in _functions(signal):
            if function.__module__ == "signalflow.phases":
                continue  # ours were looked at when they registered
            for fault in argument_faults(function, signal):
                yield Error(
                    f"{function.__module__}.{function.__qualname__} on {signal.name}: {fault.text}",
                    id=f"signalflow.{fault.id}",
                )


def _code_imported_twice() -> Iterator[CheckMessage]:
    """E004: one file under two module names registers every receiver twice."""
    seen: dict[tuple[str, int], str] = {}
    for wire in registry.wires():
        code = wire.receiver.function.__code__
        place = (code.co_filename, code.co_firstlineno)
        module = wire.receiver.function.__module__
        if seen.setdefault(place, module) != module and module in sys.modules:
            yield Error(
                f"{wire.receiver.uid} is the same code as in {seen[place]}: its file was "
                "imported under two names.",
                id="signalflow.E004",
            )


def _unheard_signals() -> Iterator[CheckMessage]:
    for name in wiring.orphans():
        yield Warning(f"Nobody hears {name}.", hint=DOCS, id="signalflow.W101")


def _receivers_of_every_model() -> Iterator[CheckMessage]:
    """W102: such a receiver makes deletion or loading of every model slower."""
    for signal in (pre_delete, post_delete, pre_init, post_init):
        for function in _functions(signal, any_sender=True):
            yield Warning(
                f"{function.__module__}.{function.__qualname__} hears a delete or init signal of "
                "every model.",
                hint="Name the sender: without one no model is deleted in one statement.",
                id="signalflow.W102",
            )


_OF_ONE_PROCESS = ("locmem.LocMemCache", "dummy.DummyCache")


def _cache_of_one_process() -> Iterator[CheckMessage]:
    several = int(getattr(settings, "SIGNALFLOW", {}).get("PROCESSES", 1)) > 1
    backend = settings.CACHES.get("default", {}).get("BACKEND", "")
    if several and backend.endswith(_OF_ONE_PROCESS):
        yield Warning(
            "Several processes, but a cache for each: what one drops the others go on serving.",
            hint="Set CACHE_URL to a directory or to Redis.",
            id="signalflow.W104",
        )
