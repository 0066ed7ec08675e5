"""What visitors send, read in full before Django begins, within bounds of size and time.

A thread that waits for a slow visitor answers nobody else.  So few threads of a process may read
bodies at once, fewer for one address; Django has threads of its own number; and what comes too
slowly is ended (`config/run/hangup.py`).  A proxy that reads requests first makes all of this idle.
"""

import io
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.addresses import is_trusted
from config.http.refusals import (
    CUT_SHORT,
    LENGTH_UNKNOWN,
    NO_ROOM,
    TOO_LARGE,
    TOO_SLOW,
    Refusal,
    response,
)
from config.run.hangup import Reading, Watch
from config.run.serving import BODY_THREADS, DJANGO_THREADS

logger = logging.getLogger("heliograph.bodies")

REFUSED = "heliograph.body_refused"  # in the WSGI environment: with which words

THREADS_OF_AN_ADDRESS = 4  # that may read bodies of one visitor
PIECE = 65_536  # bytes read at a time
IN_MEMORY = 1_000_000  # bytes; what is larger goes to a temporary file

RATE = 16_000  # bytes a second that a body must bring after settings.BODY_SECONDS

# A picture is sent in one piece up to this size, so that slow visitors hold no thread.
ONE_PIECE = 16_000_000  # bytes

RETRY_AFTER = "10"  # seconds


class RefusedError(Exception):
    """A body that is not taken; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal.title))
        self.refusal = refusal


class Slots:
    """How many threads read bodies, and of which address."""

    def __init__(self, total: int, each: int) -> None:
        self.total, self.each = total, each
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def of(self, address: str) -> Iterator[None]:
        """Take one while the block runs; raises RefusedError where none is left."""
        with self._lock:
            shared = is_trusted(address)  # a proxy: many people
            full = self._taken.total() >= self.total
            if full or (not shared and self._taken[address] >= self.each):
                raise RefusedError(NO_ROOM)
            self._taken[address] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[address] -= 1
                self._taken += Counter()  # forget who has none


class WholeRequests:
    """A WSGI application around Django's, which is given bodies that are there already."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.slots = Slots(BODY_THREADS, THREADS_OF_AN_ADDRESS)
        self.room = threading.BoundedSemaphore(DJANGO_THREADS)
        self.watch = Watch()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if has_body(environ):
            try:
                environ["wsgi.input"] = self._read(environ)
            except RefusedError as refused:
                environ[REFUSED] = refused.refusal
                environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(), "0"
        with self.room:
            response = self.application(environ, start_response)
        return _in_one_piece(response)

    def _read(self, environ: dict[str, Any]) -> Any:
        """The whole body; raises RefusedError."""
        length, address = length_of(environ), environ.get("REMOTE_ADDR", "")
        reading = Reading(address, settings.BODY_SECONDS, RATE)
        with self.slots.of(address), self.watch.over(reading):
            body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - Django reads it
            while missing := length - reading.received:
                piece = environ["wsgi.input"].read(min(missing, PIECE))
                if not piece:
                    break
                reading.received += len(piece)
                _write(body, piece)
        if missing:
            raise RefusedError(TOO_SLOW if reading.ended else CUT_SHORT)
        body.seek(0)
        return body


def has_body(environ: dict[str, Any]) -> bool:
    """Whether a request says that it brings one."""
    return (environ.get("CONTENT_LENGTH") or "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ


def length_of(environ: dict[str, Any]) -> int:
    """The length that a request tells, in bytes; raises RefusedError."""
    if "HTTP_TRANSFER_ENCODING" in environ:  # no browser does; Django would see an empty body
        raise RefusedError(LENGTH_UNKNOWN)
    told = environ["CONTENT_LENGTH"]
    if not (told.isascii() and told.isdecimal()):
        raise RefusedError(CUT_SHORT)
    if len(told) > 18 or int(told) > settings.BODY_MAX_BYTES:
        raise RefusedError(TOO_LARGE)
    return int(told)


def _write(body: Any, piece: bytes) -> None:
    try:
        body.write(piece)
    except OSError as error:
        logger.error("no room for what a visitor sends: %s", error.strerror)
        raise RefusedError(NO_ROOM) from None


def _in_one_piece(response: Any) -> Iterable[bytes]:
    """A file as one piece of bytes, which the server sends without a thread of ours."""
    if not getattr(response, "streaming", False):
        return response  # type: ignore[no-any-return]  # Django's own, which is one piece
    if int(response.headers.get("Content-Length") or ONE_PIECE + 1) > ONE_PIECE:
        return response  # type: ignore[no-any-return]
    try:
        return [b"".join(response)]
    finally:
        response.close()


class RefusedBodyMiddleware:
    """Answers what was refused above with a page of ours, and with the headers of every page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refused = request.META.get(REFUSED)
        if refused is None:
            return self.get_response(request)
        answer = response(refused)
        answer.headers["Cache-Control"] = "no-store"
        if refused == NO_ROOM:
            answer.headers["Retry-After"] = RETRY_AFTER
        return answer
