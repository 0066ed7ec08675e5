"""The one way to do something after a commit.

What runs there comes too late to change the act: it is public, and whoever asked for it must hear
so.  Django's own hooks pass an error on to the caller, or lose the hooks behind it; its
`robust=True` does both for a callable without a name, such as a `partial`.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction

from signalflow.spans import current_scope

logger = logging.getLogger("signalflow")


class Hook:
    """A callable that waits for the commit and never raises."""

    __slots__ = ("call", "name", "scope")

    def __init__(self, call: Callable[[], Any], name: str) -> None:
        self.call, self.name, self.scope = call, name, current_scope()

    def __call__(self) -> None:
        try:
            self.call()
        except Exception as error:
            name = self.name or _name_of(self.call)
            logger.exception("%s failed after the commit", name)
            if self.scope is not None:
                told = {"what": name, "error": type(error).__name__}
                self.scope.span.notes.append(["failed after the commit", told])


def after_commit(call: Callable[[], Any], *, name: str = "", using: str = DEFAULT_DB_ALIAS) -> None:
    """Call something once the transaction is committed, at once outside any.

    Args:
        call: any callable without arguments; what it returns is not looked at.
        name: what it is called in the log; by default what it is called in the code.
        using: the database whose transaction is waited for.

    An exception of `call` is logged and noted where it was registered; the caller, and what else
    waits for the same commit, never meet it.  Lost with the process: what must survive a crash
    needs a delivery.
    """
    transaction.on_commit(Hook(call, name), using=using)


def _name_of(call: Callable[[], Any]) -> str:
    """What a call is known as in the log: a `partial` by what it calls."""
    inner = getattr(call, "func", call)
    name = getattr(inner, "__qualname__", None) or type(inner).__qualname__
    return f"{getattr(inner, '__module__', '?')}.{name}"
