"""Who hears what: the connections as rows, for people, programs and drawings."""

import inspect
import sys
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.dispatch import Signal

from signalflow import registry
from signalflow.domain import DomainSignal
from signalflow.models import Trace
from signalflow.names import sender_name, signal_name
from signalflow.trees import spans

PLAIN = "not traced"  # the phase of a receiver that plain Django connected


@dataclass(frozen=True, slots=True)
class Edge:
    """One connection.  `fired` counts its runs in the traces that are kept."""

    signal: str
    sender: str
    receiver: str
    phase: str
    app: str
    fired: int = 0
    source: str = ""


def edges(*, fired: Counter[str] | None = None) -> list[Edge]:
    """Every connection of ours, and every plain receiver of a domain signal."""
    counts = fired or Counter()
    ours = [
        Edge(
            signal=signal_name(wire.signal),
            sender=sender_name(wire.sender),
            receiver=wire.receiver.uid,
            phase=wire.receiver.phase.value + (" eager" if wire.receiver.eager else ""),
            app=wire.receiver.function.__module__.partition(".")[0],
            fired=counts[wire.receiver.uid],
            source=_source(wire.receiver.function),
        )
        for wire in registry.wires()
    ]
    plain = [
        Edge(signal_name(signal), "any", name, PLAIN, name.partition(".")[0])
        for signal in known_signals()
        for name in _plain_receivers(signal)
    ]
    return [*ours, *plain]


def known_signals() -> list[Signal]:
    """Every signal declared in a `signals` module of this project."""
    base = Path(settings.BASE_DIR)
    found: dict[int, Signal] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        ours = name.rpartition(".")[2] == "signals" and Path(file).is_relative_to(base)
        if ours and "site-packages" not in file:
            found |= {id(v): v for v in vars(module).values() if isinstance(v, Signal)}
    return sorted(found.values(), key=signal_name)


def orphans() -> list[str]:
    """The names of domain signals that nobody hears."""
    return [
        signal_name(signal)
        for signal in known_signals()
        if isinstance(signal, DomainSignal) and not signal.receivers
    ]


def _plain_receivers(signal: Signal) -> Iterator[str]:
    for _, kept, *_ in signal.receivers:
        function = kept() if isinstance(kept, weakref.ReferenceType) else kept
        if function is not None and function.__module__ != "signalflow.phases":
            yield f"{function.__module__}.{function.__qualname__}"


def _source(function: Any) -> str:
    """File and line, for developers alone."""
    if not settings.DEBUG:
        return ""
    file = Path(inspect.getsourcefile(function) or "")
    base = Path(settings.BASE_DIR)
    shown = file.relative_to(base) if file.is_relative_to(base) else file
    return f"{shown}:{function.__code__.co_firstlineno}"


def observed(limit: int = 200) -> Counter[str]:
    """How often each receiver ran in the latest traces."""
    counts: Counter[str] = Counter()
    for tree in Trace.objects.values_list("tree", flat=True)[:limit]:
        counts.update(span["name"] for span in spans(tree) if span["kind"] == "receiver")
    return counts


def as_json(rows: Iterable[Edge]) -> list[dict[str, Any]]:
    """The edges as plain data."""
    return [asdict(row) for row in rows]


_DOT_STYLES = {"now": "solid", "after commit": "dashed", "durable": "bold", PLAIN: "dotted"}


def as_dot(rows: Iterable[Edge]) -> str:
    """The edges for Graphviz: senders → signals → receivers."""
    lines = ["digraph signals {", "  rankdir=LR;"]
    for row in rows:
        style = _DOT_STYLES[row.phase.removesuffix(" eager")]
        lines.append(f'  "{row.sender}" -> "{row.signal}";')
        lines.append(f'  "{row.signal}" -> "{row.receiver}" [style={style}];')
    return "\n".join([*dict.fromkeys(lines), "}"])
