"""Slow and large requests on real web workers, without a proxy: readers notice nothing."""

import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.site import Site, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

COOKIE = "csrftoken=abcdefghijklmnopqrstuvwxyzABCDEF"  # with it the form is read


def head(length: int | str, path: str = "/subscribe/") -> bytes:
    kind = "application/x-www-form-urlencoded"
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    assert parts.hostname
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=60)


def reads(address: str) -> None:
    """A reader gets a page that is kept and one that is not."""
    for path in ("/", "/accounts/login/"):
        with urllib.request.urlopen(address + path, timeout=30) as answer:  # noqa: S310
            assert answer.status == 200


@contextmanager
def trickling(address: str, count: int, piece: bytes) -> Iterator[list[socket.socket]]:
    """`count` visitors that send a form, a piece at a time; b"" for those that fall silent."""
    over = threading.Event()
    with ExitStack() as stack:
        visitors = [stack.enter_context(connected(address)) for _ in range(count)]
        for visitor in visitors:
            visitor.sendall(head(500) + b"email=")

        def trickle() -> None:
            while piece and not over.wait(0.2):
                for visitor in visitors:
                    try:
                        visitor.sendall(piece)
                    except OSError:
                        continue

        sender = threading.Thread(target=trickle)
        sender.start()
        try:
            yield visitors
        finally:
            over.set()
            sender.join()


def answer(visitor: socket.socket) -> str:
    return visitor.recv(60).decode().partition("\r\n")[0]


@pytest.mark.parametrize("piece", [b"a", b""], ids=["trickling", "silent"])
def test_readers_are_answered_while_twenty_send_slowly(site: Site, piece: bytes) -> None:
    address = site.serve(1, BODY_SECONDS="5")
    with trickling(address, 20, piece) as visitors:
        for _ in range(3):
            reads(address)
        answers = [answer(visitor) for visitor in visitors]
    assert answers.count("HTTP/1.1 408 Request Timeout") == 4, answers
    assert answers.count("HTTP/1.1 503 Service Unavailable") == 16, answers
    with connected(address) as visitor:  # and their threads are free again
        visitor.sendall(head(7) + b"email=a")
        assert answer(visitor) == "HTTP/1.1 403 Forbidden"


def test_a_body_that_is_long_but_keeps_coming_is_taken(site: Site) -> None:
    address = site.serve(1, BODY_SECONDS="1")
    pause = threading.Event()
    with connected(address) as visitor:
        visitor.sendall(head(300_000))
        for _ in range(10):
            visitor.sendall(b"a" * 30_000)
            pause.wait(0.25)
        assert answer(visitor) == "HTTP/1.1 403 Forbidden", "Django has read it"


def test_readers_are_answered_while_others_take_pictures_slowly(site: Site) -> None:
    address = site.serve(1)
    media = Path(site.environment["DATA_DIR"]) / "media"
    media.mkdir(exist_ok=True)
    (media / "large.png").write_bytes(b"\0" * 9_000_000)
    with ExitStack() as stack:
        for _ in range(20):
            visitor = stack.enter_context(connected(address))
            visitor.sendall(b"GET /media/large.png HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        reads(address)


def test_headers_that_never_end_close_the_connection(site: Site) -> None:
    address = site.serve(1)
    with connected(address) as visitor:
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        reads(address)
        wait_until(lambda: visitor.recv(60) == b"")


def test_a_large_body_is_refused_before_it_is_sent(site: Site) -> None:
    address = site.serve(1, BODY_MAX_MB="2")
    with connected(address) as visitor:
        visitor.sendall(head(200_000_000))
        assert answer(visitor).startswith("HTTP/1.1 413 ")
