"""The signals of a project as one page of Markdown, written from the code that declares them."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from django.apps import apps
from django.dispatch import Signal

from signalflow import registry
from signalflow.domain import ArgumentType, DomainSignal
from signalflow.names import definition_of, sender_name, signal_name
from signalflow.operating.wiring import (
    all_signals,
    is_ours,
    known_signals,
    path_of,
    plain_functions,
)
from signalflow.spec import DURABLE, Receiver

OPENING = """\
# The signals, and who hears them

<!-- Written by `manage.py signals catalogue`; change the code, not this page. -->

First what this project announces itself, then the signals of others it listens to.  When a
receiver runs is explained in [phases](phases.md); every signal of Django itself, heard or not,
is in [built-in](built-in.md)."""

HEADINGS = ("Heard by", "Sender", "When", "Key", "Tries", "What it does")


class Ear(NamedTuple):
    """One receiver of one signal, in the words of the page."""

    receiver: str
    sender: str
    when: str
    key: str = ""
    tries: str = ""
    does: str = ""


def page() -> str:
    """The whole catalogue; the same for every database, and in the same order at every run."""
    declared = known_signals()
    parts = [OPENING]
    for module, signals in groupby(declared, key=_module):
        parts.append(f"## `{module}`")
        parts += [block for signal in signals for block in _declared(signal)]
    parts.append("## Signals of others")
    for signal in heard_signals():
        parts += [f"### `{signal_name(signal)}`", _table(HEADINGS, ears(signal))]
    return "\n\n".join(parts) + "\n"


def heard_signals() -> list[Signal]:
    """Signals declared elsewhere, in Django or a library, that apps of this project hear."""
    ours = {id(signal) for signal in known_signals()}
    return [signal for signal in all_signals() if id(signal) not in ours and ears(signal)]


def ears(signal: Signal) -> list[Ear]:
    """Every receiver that an app of this project has connected to `signal`."""
    wired = [
        Ear(
            _code(wire.receiver.uid),
            "" if wire.sender is None else _code(sender_name(wire.sender)),
            _when(wire.receiver),
            _key(wire.receiver.key),
            _tries(wire.receiver),
            _first_line(wire.receiver.function),
        )
        for wire in registry.wires()
        if wire.signal is signal and _is_of_an_app(wire.receiver.function)
    ]
    plain = [
        Ear(
            _code(path_of(each)),
            sender="",
            when="now, plain Django",
            does=_first_line(each),
        )
        for each in plain_functions(signal)
        if _is_of_an_app(each)
    ]
    return sorted([*wired, *plain])


def _is_of_an_app(function: Callable[..., Any]) -> bool:
    """Of an installed app of this project: what a test connects is no part of the site."""
    config = apps.get_containing_app_config(function.__module__)
    return config is not None and is_ours(config.name)


def _module(signal: Signal) -> str:
    return signal_name(signal).rpartition(".")[0]


def _declared(signal: Signal) -> Iterator[str]:
    yield f"### `{signal_name(signal).rpartition('.')[2]}`"
    yield _doc(signal)
    if isinstance(signal, DomainSignal):
        arguments = signal.arguments.items()
        yield _table(
            ("Argument", "Type"), [(_code(name), _code(_type(kind))) for name, kind in arguments]
        )
    yield _table(HEADINGS, ears(signal)) or "Nobody hears it."


def _doc(signal: Signal) -> str:
    """What the signal says of itself; a plain one by the text below its assignment."""
    if isinstance(signal, DomainSignal):
        return inspect.cleandoc(signal.__doc__ or "")
    module, name = definition_of(signal)
    statements = ast.parse(inspect.getsource(sys.modules[module])).body
    for assignment, text in pairwise(statements):
        if (
            isinstance(assignment, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == name for t in assignment.targets)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            return inspect.cleandoc(str(text.value.value))
    return ""


def _type(kind: ArgumentType) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _when(receiver: Receiver) -> str:
    eager = ", at once if it can" if receiver.eager else ""
    backstop = ", or by a worker" if receiver.backstop else ""
    outside = "" if receiver.atomic else ", outside a transaction"
    return receiver.phase.value + eager + backstop + outside


def _key(key: str | Callable[..., Any] | None) -> str:
    if callable(key):
        return "computed"
    return _code(key) if key else ""


def _tries(receiver: Receiver) -> str:
    if receiver.phase is not DURABLE and not receiver.backstop:
        return ""
    retry = receiver.retry
    return f"{retry.attempts}, {retry.first:g} s to {retry.cap:g} s apart"


def _first_line(function: Callable[..., Any]) -> str:
    return inspect.cleandoc(function.__doc__ or "").partition("\n")[0]


def _code(text: str) -> str:
    return f"`{text}`"


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table without the columns that would be empty; nothing where there are no rows."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    columns = [
        [heading, "---", *column]
        for heading, column in zip(headings, zip(*cells, strict=True), strict=False)
        if any(column)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in zip(*columns, strict=True))
