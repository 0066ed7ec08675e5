"""Signals that state a business fact, with the arguments they promise."""

import sys
from contextlib import AbstractContextManager
from contextvars import ContextVar
from types import UnionType
from typing import Any

from django.apps import apps
from django.dispatch import Signal

from signalflow import conf, tracing
from signalflow.context import bound
from signalflow.names import signal_name

ArgumentType = type | UnionType | str

# True while `send_robust` runs: each of our receivers then gets a savepoint of its own, or
# one database error would silently roll back the whole surrounding transaction.
isolating: ContextVar[bool] = ContextVar("isolating", default=False)


class DomainSignal(Signal):
    """A Django signal that documents itself and refuses wrong arguments.

    >>> post_published = DomainSignal("A post went public.", post="blog.Post", by=object)

    `doc` says when it is sent.  Each argument is a type, a union, or a model label such as
    "blog.Post" or "accounts.User | None".  Names are checked at every send; types where
    `SIGNALFLOW["CHECK_TYPES"]` says so (by default with DEBUG, and in tests).
    """

    def __init__(self, doc: str, /, **arguments: ArgumentType) -> None:
        super().__init__()
        self.__doc__ = doc
        self.arguments = arguments
        self.module = sys._getframe(1).f_globals["__name__"]

    @property
    def name(self) -> str:
        """Where it is defined, such as "blog.signals.post_published"."""
        return signal_name(self)

    def send(self, sender: Any, **named: Any) -> list[tuple[Any, Any]]:
        """Django's `send`, after checking the arguments."""
        with self._checked(sender, named):
            return super().send(sender, **named)

    async def asend(self, sender: Any, **named: Any) -> list[tuple[Any, Any]]:
        """Django's `asend`, after checking the arguments."""
        with self._checked(sender, named):
            return await super().asend(sender, **named)

    def send_robust(self, sender: Any, **named: Any) -> list[tuple[Any, Any]]:
        """Django's `send_robust`; each of our receivers runs in a savepoint of its own."""
        with self._checked(sender, named), bound(isolating, True):
            return super().send_robust(sender, **named)

    async def asend_robust(self, sender: Any, **named: Any) -> list[tuple[Any, Any]]:
        """Django's `asend_robust`; each of our receivers runs in a savepoint of its own."""
        with self._checked(sender, named), bound(isolating, True):
            return await super().asend_robust(sender, **named)

    def _checked(self, sender: Any, named: dict[str, Any]) -> AbstractContextManager[None]:
        """Its span; raises TypeError unless `named` are exactly the declared arguments."""
        if named.keys() != self.arguments.keys():
            missing = sorted(self.arguments.keys() - named.keys())
            unknown = sorted(named.keys() - self.arguments.keys())
            raise TypeError(f"{self.name}: missing {missing}, unknown {unknown}")
        if conf.options().check_types:
            for name, declared in self.arguments.items():
                if not _fits(named[name], declared):
                    raise TypeError(f"{self.name}: {name} must be {declared}, not {named[name]!r}")
        return tracing.sending(self, sender)


def _fits(value: Any, declared: ArgumentType) -> bool:
    if isinstance(declared, str):
        labels = [label.strip() for label in declared.split("|")]
        return any(
            value is None if label == "None" else isinstance(value, apps.get_model(label))
            for label in labels
        )
    return isinstance(value, declared)
