"""A bounded place in memory for what this process stores."""

import threading
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    @property
    def size(self) -> int:
        """How much room it takes, in bytes."""


Item = TypeVar("Item", bound=Sized)


class Store(Generic[Item]):
    """Items by name, together at most `limit` bytes; the longest unused go first."""

    def __init__(self, limit: int) -> None:
        self.limit, self.used = limit, 0
        self._items: OrderedDict[str, Item] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Item | None:
        item = self._items.get(name)
        if item is not None:
            try:
                self._items.move_to_end(name)
            except KeyError:  # another thread has just dropped it
                return None
        return item

    def put(self, name: str, item: Item) -> None:
        """Store an item, or weigh it anew; one that is larger than all the room is not stored."""
        with self._lock:
            self._forget(name)
            size = item.size
            if size > self.limit:
                return
            self._items[name], self._sizes[name] = item, size
            self.used += size
            while self.used > self.limit:
                self._forget(next(iter(self._items)))

    def drop(self, name: str, item: Item) -> None:
        """Forget an item, unless another one has its name meanwhile."""
        with self._lock:
            if self._items.get(name) is item:
                self._forget(name)

    def clear(self) -> None:
        with self._lock:
            self._items.clear()
            self._sizes.clear()
            self.used = 0

    def _forget(self, name: str) -> None:
        if self._items.pop(name, None) is not None:
            self.used -= self._sizes.pop(name)
