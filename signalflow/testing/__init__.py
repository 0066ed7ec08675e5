"""For tests: see what is sent, run what waits, and let the engine die at a chosen point."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone

from signalflow import failpoints
from signalflow.deliveries import Outcome
from signalflow.models import ENDED_WELL, Delivery
from signalflow.worker import Worker


@dataclass(frozen=True, slots=True)
class Emission:
    """One signal as it was sent."""

    signal: Signal
    sender: Any
    arguments: dict[str, Any]


@contextmanager
def captured(*signals: Signal) -> Iterator[list[Emission]]:
    """Collect what these signals send inside the block, whoever sends it."""
    emissions: list[Emission] = []

    def collect(signal: Signal, sender: Any, **arguments: Any) -> None:
        emissions.append(Emission(signal, sender, arguments))

    with ExitStack() as stack:
        for signal in signals:
            signal.connect(collect, weak=False)
            stack.callback(signal.disconnect, collect)
        yield emissions


def run_deliveries(*, even_later: bool = False) -> Counter[Outcome]:
    """Do what a worker would do now; with `even_later` also what waits for its next try."""
    if even_later:
        Delivery.objects.filter(
            state=Delivery.State.PENDING, available_at__gt=timezone.now()
        ).update(available_at=F("created_at"))
    return Worker(until_empty=True).run()


class Crash(BaseException):
    """A simulated power cut: no handler for ordinary errors sees it."""


def _crash() -> None:
    raise Crash


@contextmanager
def failpoint(name: str, action: Callable[[], None] = _crash) -> Iterator[None]:
    """Let the engine die (or do `action`) whenever it passes the place called `name`.

    Places: "claimed" (a delivery is ours, nothing done), "effect done" (the receiver has
    returned, "done" is not yet written), and those that applications name themselves.
    """
    failpoints.armed[name] = action
    try:
        yield
    finally:
        failpoints.armed.pop(name, None)


def assert_nothing_left() -> None:
    """Fail unless every delivery has ended well."""
    left = Delivery.objects.exclude(state__in=ENDED_WELL)
    rows = [f"{row} {row.error}" for row in left]
    assert not rows, "deliveries left: " + "; ".join(rows)  # noqa: S101 - this is a test helper
