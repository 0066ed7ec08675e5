"""Ending bodies that do not arrive: the one way there is to wake a thread that waits for one.

A web server thread that reads a body waits for as long as its sender likes, and nothing in the
interface can interrupt it.  So one thread of our own looks at what is being read, and closes the
receiving side of a connection whose sender is too slow; the reader sees the end of the body and
can still answer.
"""

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

TICK = 1.0  # seconds between two looks, while anything is being read

# Offsets in the kernel's `struct tcp_info`: milliseconds since data was last sent, and received.
LAST_SENT, LAST_RECEIVED = 44, 52


@dataclass(slots=True)
class Reading:
    """One body on its way; whoever reads it says how much has come."""

    address: str
    grace: float  # seconds to begin with
    rate: int  # bytes a second that it must bring on the average, after the grace
    began: float = field(default_factory=time.monotonic)
    received: int = 0
    ended: bool = False  # by us: it was too slow

    def is_late(self, now: float) -> bool:
        return now - self.began > self.grace + self.received / self.rate


class Watch:
    """Looks after all bodies that a process reads."""

    def __init__(self) -> None:
        self._readings: dict[int, Reading] = {}
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, reading: Reading) -> Iterator[Reading]:
        """Watch a body until the block is left."""
        with self._lock:
            if self._thread is None:  # not at the start: the server forks its workers
                self._thread = threading.Thread(target=self._look, name="bodies", daemon=True)
                self._thread.start()
            self._readings[id(reading)] = reading
        self._wanted.set()
        try:
            yield reading
        finally:
            with self._lock:
                del self._readings[id(reading)]

    def _look(self) -> None:
        while self._wanted.wait():
            time.sleep(TICK)
            with self._lock:
                if not self._readings:
                    self._wanted.clear()
                open_now = list(self._readings.values())
            for reading in open_now:
                if reading.is_late(time.monotonic()):
                    _end(reading, open_now)


def _end(reading: Reading, others: Iterable[Reading]) -> None:
    """End one that is late, and with it those of the same visitor that are as old."""
    for other in others:
        if other.address == reading.address and other.began <= reading.began + TICK:
            other.ended = True
    hang_up(reading.address, time.monotonic() - reading.began)


def hang_up(address: str, waited: float) -> None:
    """Receive no more from connections of `address` that wait for an answer for so many seconds.

    The server does not tell which connection a request came by.  Those of the same visitor to
    which nothing was sent for as long as we have been reading, while they went on sending, owe us
    a request: no other has been silent for that long.  What this process has opened itself, to a
    database on the visitor's machine perhaps, is none of them.
    """
    if sys.platform != "linux":
        return
    with ExitStack() as stack:
        sockets = [stack.enter_context(each) for each in _sockets()]
        ours = {each.getsockname()[1] for each in sockets if _listens(each)}
        for connection in sockets:
            with suppress(OSError):
                if _owes(connection, address, waited) and connection.getsockname()[1] in ours:
                    connection.shutdown(socket.SHUT_RD)


def _sockets() -> Iterator[socket.socket]:
    """Every socket of this process, as a copy to close."""
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                yield socket.socket(fileno=os.dup(int(name)))


def _listens(each: socket.socket) -> bool:
    is_tcp = each.family in {socket.AF_INET, socket.AF_INET6}
    return is_tcp and bool(each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _owes(connection: socket.socket, address: str, waited: float) -> bool:
    if connection.family not in {socket.AF_INET, socket.AF_INET6}:
        return False
    if connection.getpeername()[0] != address:
        return False
    known = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_RECEIVED + 4)
    sent, received = (struct.unpack_from("=I", known, at)[0] for at in (LAST_SENT, LAST_RECEIVED))
    return bool(sent / 1000 >= waited - TICK and received <= sent)
