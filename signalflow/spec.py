"""What a receiver asks for: its phase, its retries, and how it is found again."""

import enum
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from signalflow.names import labelled


class Phase(enum.Enum):
    """When a receiver runs, seen from the transaction that sends the signal."""

    NOW = "now"
    AFTER_COMMIT = "after commit"
    DURABLE = "durable"


KEY_LENGTH = 200  # characters; a longer key is told apart by its hash

NOW, AFTER_COMMIT, DURABLE = Phase.NOW, Phase.AFTER_COMMIT, Phase.DURABLE


class RegistrationError(TypeError):
    """A receiver that cannot work as declared; raised while its module is imported."""


class Skip(Exception):  # noqa: N818 - reads as what it does: raise Skip("withdrawn meanwhile")
    """Raised by a durable receiver that finds nothing left to do; its effects are undone."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a durable receiver is tried, and how long it waits in between.

    `attempts` counts all tries, `first` and `cap` are seconds; the wait doubles each time,
    with jitter so that many failures do not return as one wave.
    """

    attempts: int = 8
    first: float = 10.0
    cap: float = 3600.0

    def delay(self, attempts: int) -> float:
        """Seconds to wait after this many failed attempts."""
        wait = min(self.cap, self.first * 2.0 ** max(0, attempts - 1))
        return wait * random.uniform(0.75, 1.0)  # noqa: S311 - jitter, not a secret


@dataclass(frozen=True, slots=True)
class Receiver:
    """One registered function and everything it asked for."""

    uid: str
    function: Callable[..., Any]
    phase: Phase
    fixtures: bool
    mutable: bool
    key: str | Callable[..., Any] | None
    eager: bool
    atomic: bool
    retry: Retry
    backstop: bool = False
    renamed: tuple[str, ...] = ()
    rehearse: Callable[..., Any] | None = None

    @property
    def origin(self) -> str:
        """Where the function is defined, such as "blog.receivers.log_saved_post"."""
        return origin_of(self.function)

    def answers_to(self, uid: str) -> bool:
        """Whether deliveries stored under `uid` are for this receiver."""
        return uid == self.uid or uid in self.renamed

    def key_of(self, named: dict[str, Any]) -> str:
        """The coalescing key of one emission, "" when every emission counts by itself."""
        if self.key is None:
            return ""
        value = self.key(**named) if callable(self.key) else named[self.key]
        text = _as_key(value)
        return text if len(text) <= KEY_LENGTH else hashlib.sha256(text.encode()).hexdigest()


def origin_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def uid_of(function: Callable[..., Any]) -> str:
    """The uid a receiver has unless it asks for one; see `names.labelled`."""
    return f"{labelled(function.__module__)}.{function.__qualname__}"


def _as_key(value: Any) -> str:
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(sorted(map(_as_key, value)))
    return str(value)
