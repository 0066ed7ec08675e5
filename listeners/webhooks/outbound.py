"""One POST to a server nobody here knows: checked, bounded, and over by a fixed moment.

No redirect is followed (it could lead to an address that was never checked), no proxy of the
environment is used (it would resolve the name itself), and of a long answer only the beginning
is read.
"""

import io
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

from listeners.webhooks.addresses import NotSent, Target, parse, resolve
from listeners.webhooks.models import EXCERPT_LENGTH

DEADLINE = 10.0  # seconds for everything: name, connection, TLS, request, answer
ANSWER_MAX = 64 * 1024  # bytes of an answer, its headers among them


class NoAnswer(Exception):  # noqa: N818 - says what is the case
    """The call went out and no answer came: whether it was received cannot be known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: the status counts, the excerpt is for people."""

    status: int
    excerpt: str


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send one request and read the beginning of its answer, whatever its status.

    Raises NotSent when nothing was sent (a forbidden address, no host, no connection, a wrong
    certificate) and NoAnswer when it was and no complete answer came back by the deadline.
    """
    end = time.monotonic() + DEADLINE
    target = parse(url)
    with closing(_connect(target, end)) as sock:
        try:
            return _exchange(target, _Line(sock, end), body, headers)
        except TimeoutError as error:
            raise NoAnswer(f"{target.host} did not answer in {DEADLINE:g} seconds.") from error
        except (OSError, HTTPException) as error:
            raise NoAnswer(f"{target.host} gave no proper answer ({_name(error)}).") from error


def _left(end: float) -> float:
    """Seconds until the deadline; raises TimeoutError after it."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time is up")
    return left


def _name(error: Exception) -> str:
    """An error in words; some repeat what the server sent."""
    text = getattr(error, "verify_message", "") or str(error)
    return _printable(text, 150) or type(error).__name__


def _printable(text: str, length: int) -> str:
    """One line without control characters: it is shown, and PostgreSQL takes no NUL."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())[:length]


def _connect(target: Target, end: float) -> socket.socket:
    """A connection to one of the checked addresses, encrypted if the URL says so."""
    found = resolve(target, _left(end))
    failure: OSError | None = None
    for number, (family, sockaddr) in enumerate(found):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            # Each address gets its share, so that a dead first one leaves time for the next.
            sock.settimeout(_left(end) / (len(found) - number))
            sock.connect(sockaddr)
            return _encrypted(sock, target, end) if target.scheme == "https" else sock
        except OSError as error:
            sock.close()
            failure = error
            if isinstance(error, ssl.SSLError):
                break
    reason = _name(failure) if failure else "it has no address"
    raise NotSent(f"There is no connection to {target.host} ({reason}).") from failure


def _encrypted(sock: socket.socket, target: Target, end: float) -> socket.socket:
    """TLS with the certificate checked against the name in the URL, not the address."""
    sock.settimeout(_left(end))
    context = ssl.create_default_context()
    return context.wrap_socket(sock, server_hostname=target.host)


def _exchange(target: Target, line: "_Line", body: bytes, headers: Mapping[str, str]) -> Answer:
    connection = HTTPConnection(target.host, target.port)
    # Already connected: http.client only spells the request and reads the answer.
    connection.sock = line
    fixed = {"Host": target.authority, "Connection": "close"}
    connection.request("POST", target.path, body, {**headers, **fixed})
    response = connection.getresponse()
    return Answer(response.status, _excerpt(response))


def _excerpt(response: HTTPResponse) -> str:
    """The beginning of the answer as one line of text; the status counts without it."""
    try:
        start = response.read(EXCERPT_LENGTH * 4)  # UTF-8 has up to four bytes a character
    except (OSError, HTTPException):
        return ""
    return _printable(start.decode("utf-8", "replace"), EXCERPT_LENGTH)


class _Line:
    """What http.client may do with our socket: everything by one deadline.

    A socket's own timeout begins anew with each read; a server that sends a byte a second
    would hold a worker for hours.
    """

    def __init__(self, sock: socket.socket, end: float) -> None:
        self.sock, self.end = sock, end
        self.budget = ANSWER_MAX

    def sendall(self, data: bytes) -> None:
        self.sock.settimeout(_left(self.end))
        self.sock.sendall(data)

    def receive(self, buffer: Any) -> int:
        if not self.budget:
            raise HTTPException(f"more than {ANSWER_MAX} bytes")
        self.sock.settimeout(_left(self.end))
        count = self.sock.recv_into(memoryview(buffer)[: self.budget])
        self.budget -= count
        return count

    def makefile(self, *args: Any, **kwargs: Any) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """The socket belongs to `post`, which closes it."""


class _Reader(io.RawIOBase):
    def __init__(self, line: _Line) -> None:
        self.line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.line.receive(buffer)
