"""What visitors send, read in full before Django begins, within bounds of size and time.

A thread that waits for a slow visitor answers nobody else.  So few threads of a process may read
bodies at once, fewer for one address; Django has threads of its own number; and what comes too
slowly is ended (`config/hangup.py`).  A proxy that reads requests first makes all of this idle.
"""

import io
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts.addresses import is_trusted
from config.hangup import Reading, Watch
from config.serving import BODY_THREADS, DJANGO_THREADS

logger = logging.getLogger("heliograph.bodies")

REFUSED = "heliograph.body_refused"  # in the WSGI environment: with which status

THREADS_OF_AN_ADDRESS = 4  # that may read bodies of one visitor
PIECE = 65_536  # bytes read at a time
IN_MEMORY = 1_000_000  # bytes; what is larger goes to a temporary file

RATE = 16_000  # bytes a second that a body must bring after settings.BODY_SECONDS

# A picture is sent in one piece up to this size, so that slow visitors hold no thread.
ONE_PIECE = 16_000_000  # bytes

WORDS = {
    HTTPStatus.BAD_REQUEST: (_("This did not arrive in full"), _("Go back and send it again.")),
    HTTPStatus.REQUEST_TIMEOUT: (
        _("This took too long"),
        _("What you sent did not arrive in time. Go back and send it again."),
    ),
    HTTPStatus.LENGTH_REQUIRED: (
        _("This cannot be read"),
        _("Your program has to say how long its message is."),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        _("This is too large"),
        _("At most %(limit)s MB can be sent at once. Go back and choose something smaller."),
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        _("Too much is being sent just now"),
        _("Nothing was kept of it. Go back and send it again in a moment."),
    ),
}
RETRY_AFTER = "10"  # seconds


class RefusedError(Exception):
    """A body that is not taken; `status` says why."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


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
                raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE)
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
        if (environ.get("CONTENT_LENGTH") or "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ:
            try:
                environ["wsgi.input"] = self._read(environ)
            except RefusedError as refusal:
                environ[REFUSED] = refusal.status
                environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(), "0"
        with self.room:
            response = self.application(environ, start_response)
        return _in_one_piece(response)

    def _read(self, environ: dict[str, Any]) -> Any:
        """The whole body; raises RefusedError."""
        length, address = _length(environ), environ.get("REMOTE_ADDR", "")
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
            late = reading.ended
            raise RefusedError(HTTPStatus.REQUEST_TIMEOUT if late else HTTPStatus.BAD_REQUEST)
        body.seek(0)
        return body


def _length(environ: dict[str, Any]) -> int:
    if "HTTP_TRANSFER_ENCODING" in environ:  # no browser does; Django would see an empty body
        raise RefusedError(HTTPStatus.LENGTH_REQUIRED)
    told = environ["CONTENT_LENGTH"]
    if not (told.isascii() and told.isdecimal()):
        raise RefusedError(HTTPStatus.BAD_REQUEST)
    if len(told) > 18 or int(told) > settings.BODY_MAX_BYTES:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return int(told)


def _write(body: Any, piece: bytes) -> None:
    try:
        body.write(piece)
    except OSError as error:
        logger.error("no room for what a visitor sends: %s", error.strerror)
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE) from None


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
        status = request.META.get(REFUSED)
        if status is None:
            return self.get_response(request)
        title, text = WORDS[status]
        limit = f"{settings.BODY_MAX_BYTES / 1_000_000:g}"
        words = {"title": title, "sentence": str(text) % {"limit": limit}}
        response = render(request, "refusal.html", words, status=status)
        response.headers["Cache-Control"] = "no-store"
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers["Retry-After"] = RETRY_AFTER
        return response
