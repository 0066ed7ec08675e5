"""Interleaved rounds, medians, and the table that shows every row."""

import gc
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from signalflow import conf

Clock = Callable[[], float]
Sample = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number.  `target` reads "≤ 2.2" or "≥ 0.5"; "" for information only."""

    name: str
    value: float
    target: str = ""
    unit: str = "×"  # noqa: RUF001 - the sign for "times"
    note: str = ""  # what the number was made of

    @property
    def reached(self) -> bool:
        if not self.target:
            return True
        relation, _, limit = self.target.partition(" ")
        value = round(self.value, 2)
        return value <= float(limit) if relation == "≤" else value >= float(limit)

    @property
    def verdict(self) -> str:
        return ("reached" if self.reached else "MISSED") if self.target else ""


def table(rows: list[Row]) -> str:
    """The rows as lines; a missed one stands among the others."""
    width = max(len(row.name) for row in rows)
    lines = [f"{'':{width}}  {'measured':>12}  {'target':>8}"]
    lines += [
        f"{row.name:{width}}  {row.value:>9.2f} {row.unit:<2}  {row.target:>8}  {row.verdict:<7}"
        f"  {row.note}".rstrip()
        for row in rows
    ]
    return "\n".join(lines)


def gathered(
    parts: Iterable[tuple[str, Callable[[], Iterable[Row]]]],
) -> tuple[list[Row], list[str]]:
    """The rows of all parts, and the names of those that broke off: the others are not lost."""
    rows: list[Row] = []
    broken = []
    for name, measure in parts:
        begun = time.monotonic()
        try:
            for row in measure():
                rows.append(row)
        except Exception:  # noqa: BLE001 - the boundary between one part and the next
            traceback.print_exc()
            broken.append(name)
        print(f"… {name} {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return rows, broken


def clocked(act: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """Seconds that one call takes.

    With `time.thread_time` only those this thread had the processor for: in loops of
    microseconds the turns of other programs are the greater part.
    """
    begun = clock()
    act()
    return clock() - begun


def rounds(contenders: Mapping[str, Sample], count: int) -> dict[str, float]:
    """The median seconds of each contender.

    In each round everybody has a turn, and another one begins: what the machine does meanwhile,
    and what growing tables cost, meets all alike.  The first round warms up and does not count.
    """
    names = list(contenders)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(count + 1):
        turn = number % len(names)
        for name in [*names[turn:], *names[:turn]]:
            seconds = contenders[name]()
            if number:
                taken[name].append(seconds)
    return {name: median(samples) for name, samples in taken.items()}


@contextmanager
def no_collector() -> Iterator[None]:
    """Keep the garbage collector out of microseconds."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def option(**values: object) -> Iterator[None]:
    """The engine with other options for the length of a block."""
    from django.conf import settings

    before = settings.SIGNALFLOW
    settings.SIGNALFLOW = {**before, **values}
    conf.options.cache_clear()
    try:
        yield
    finally:
        settings.SIGNALFLOW = before
        conf.options.cache_clear()
