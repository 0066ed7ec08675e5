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
from signalflow.models import Delivery, Trace
from signalflow.names import definition_of, labelled, sender_name, signal_modules, signal_name
from signalflow.operating.trees import spans

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


def edges(*, fired: Counter[tuple[str, str]] | None = None) -> list[Edge]:
    """Every connection of ours, and every receiver that this project connected without us."""
    counts = fired or Counter()
    ours = [
        Edge(
            signal=signal_name(wire.signal),
            sender=sender_name(wire.sender),
            receiver=wire.receiver.uid,
            phase=wire.receiver.phase.value + (" eager" if wire.receiver.eager else ""),
            app=wire.receiver.uid.partition(".")[0],
            fired=counts[signal_name(wire.signal), wire.receiver.uid],
            source=_source(wire.receiver.function),
        )
        for wire in registry.wires()
    ]
    plain = [
        Edge(
            signal_name(signal),
            "any",
            path_of(function),
            PLAIN,
            _app(function),
            source=_source(function),
        )
        for signal in all_signals()
        for function in plain_functions(signal)
    ]
    return sorted([*ours, *plain], key=lambda edge: (edge.signal, edge.receiver, edge.sender))


def select(
    rows: Iterable[Edge],
    *,
    signal: str = "",
    app: str = "",
    phase: str = "",
    fired: bool | None = None,
) -> list[Edge]:
    """The edges whose signal's name contains `signal`, and so on; what is empty selects all."""
    return [
        row
        for row in rows
        if signal in row.signal
        and app in ("", row.app)
        and row.phase.startswith(phase)
        and fired in (None, row.fired > 0)
    ]


def known_signals() -> list[Signal]:
    """Every signal declared in a `signals` module of this project."""
    return [signal for signal in all_signals() if is_ours(definition_of(signal)[0])]


def all_signals() -> list[Signal]:
    """Every signal of every loaded module that is called `signals`, in the order of names."""
    found: dict[int, Signal] = {}
    for module in signal_modules():
        values = list(vars(sys.modules[module]).values())
        found |= {id(value): value for value in values if isinstance(value, Signal)}
    return sorted(found.values(), key=signal_name)


def is_ours(module: str) -> bool:
    """Whether a module belongs to this project, and not to a package it uses."""
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return "site-packages" not in file and Path(file).is_relative_to(settings.BASE_DIR)


def orphans() -> list[str]:
    """The names of domain signals that nobody hears."""
    return [
        signal_name(signal)
        for signal in known_signals()
        if isinstance(signal, DomainSignal) and not signal.receivers
    ]


def plain_functions(signal: Signal) -> Iterator[Any]:
    """This project's functions that Django itself connected."""
    for _, kept, *_ in signal.receivers:
        function = kept() if isinstance(kept, weakref.ReferenceType) else kept
        module = getattr(function, "__module__", "")
        if module != "signalflow.phases" and is_ours(module):
            yield function


def path_of(function: Any) -> str:
    """What a plain receiver is called, such as "blog.receivers.log_saved_post"."""
    name = getattr(function, "__qualname__", type(function).__name__)
    return f"{labelled(function.__module__)}.{name}"


def _app(function: Any) -> str:
    return labelled(function.__module__).partition(".")[0]


def _source(function: Any) -> str:
    """File and line, for developers alone."""
    if not settings.DEBUG:
        return ""
    file = Path(inspect.getsourcefile(function) or "")
    base = Path(settings.BASE_DIR)
    shown = file.relative_to(base) if file.is_relative_to(base) else file
    return f"{shown}:{function.__code__.co_firstlineno}"


def observed(limit: int = 200) -> Counter[tuple[str, str]]:
    """How often each receiver ran for each signal, in the latest traces and deliveries."""
    counts: Counter[tuple[str, str]] = Counter()
    reports = Delivery.objects.exclude(report=None).order_by("-pk").values_list("report", flat=True)
    trees = Trace.objects.values_list("tree", flat=True)
    for tree in (*trees[:limit], *reports[:limit]):
        for span in spans(tree):
            if span["kind"] == "signal":
                runs = [s["name"] for s in span.get("children", []) if s["kind"] == "receiver"]
                counts.update((span["name"], run) for run in runs)
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
