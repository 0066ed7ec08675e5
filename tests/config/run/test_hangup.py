"""Whose connection is ended when a body does not arrive, and whose is not."""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from config.run.hangup import Reading, hang_up

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's figures are Linux's")


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def pair(stack: ExitStack, server: socket.socket) -> tuple[socket.socket, socket.socket]:
    """A visitor, and our end of its connection."""
    visitor = stack.enter_context(socket.create_connection(server.getsockname()))
    ours = stack.enter_context(server.accept()[0])
    ours.settimeout(0.3)
    return visitor, ours


def is_ended(ours: socket.socket) -> bool:
    try:
        return ours.recv(10) == b""
    except TimeoutError:
        return False


def test_only_who_waits_for_an_answer_of_ours_is_ended() -> None:
    with ExitStack() as stack:
        site, database = (stack.enter_context(listening()) for _ in range(2))
        slow, slow_here = pair(stack, site)
        slow.sendall(b"half a form")
        assert slow_here.recv(100)
        # What this process asked a service on the same machine, which answered long ago.
        asking, service = pair(stack, database)
        asking.settimeout(0.3)
        asking.sendall(b"a query")
        assert service.recv(100)
        service.sendall(b"rows")
        assert asking.recv(100)

        hang_up("192.0.2.1", 0.0)
        assert not is_ended(slow_here), "another visitor is meant"
        database.close()  # it runs in another process
        hang_up("127.0.0.1", 0.0)
        assert is_ended(slow_here)
        assert not is_ended(asking)
        slow_here.sendall(b"408")
        assert slow.recv(10) == b"408", "it can still be told"


def test_a_body_is_late_only_below_its_rate() -> None:
    reading = Reading("192.0.2.1", grace=20, rate=1_000, began=0.0)
    assert not reading.is_late(19.9)
    assert reading.is_late(20.1)
    reading.received = 50_000
    assert not reading.is_late(69.9)
    assert reading.is_late(70.1)
