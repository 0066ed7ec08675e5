"""A bounded place in memory for what this process keeps."""

import threading
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    @property
    def size(self) -> int:
        """How much room it takes, in bytes."""


Thing = TypeVar("Thing", bound=Sized)


class Store(Generic[Thing]):
    """Things by name, together at most `limit` bytes; the longest unused go first."""

    def __init__(self, limit: int) -> None:
        self.limit, self.used = limit, 0
        self._things: OrderedDict[str, Thing] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Thing | None:
        thing = self._things.get(name)
        if thing is not None:
            try:
                self._things.move_to_end(name)
            except KeyError:  # another thread has just dropped it
                return None
        return thing

    def put(self, name: str, thing: Thing) -> None:
        """Keep a thing, or weigh it anew; one that is larger than all the room is not kept."""
        with self._lock:
            self._forget(name)
            size = thing.size
            if size > self.limit:
                return
            self._things[name], self._sizes[name] = thing, size
            self.used += size
            while self.used > self.limit:
                self._forget(next(iter(self._things)))

    def drop(self, name: str, thing: Thing) -> None:
        """Forget a thing, unless another one has its name meanwhile."""
        with self._lock:
            if self._things.get(name) is thing:
                self._forget(name)

    def clear(self) -> None:
        with self._lock:
            self._things.clear()
            self._sizes.clear()
            self.used = 0

    def _forget(self, name: str) -> None:
        if self._things.pop(name, None) is not None:
            self.used -= self._sizes.pop(name)
