"""A page as it is sent: its bytes in every content coding, each with a strong validator.

RFC 9110: a strong ETag names exact bytes (8.8.1), so each coding has its own (8.8.3.3); who names
it gets 304 without a body (13.1.2), and HEAD gets the headers of GET (9.3.2).  A Range may be
ignored (14.2), and is.  No Last-Modified: when the newest post of a list is withdrawn the date
goes back, and would hide the change.
"""

import gzip
import hashlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import brotli  # type: ignore[import-untyped]  # it has no stubs
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

SMALLEST = 200  # bytes; below that the headers of a coding cost more than it saves
BROTLI_QUALITY = 5  # as small as gzip's best at half its time; 11 takes fifty times longer
BROTLI_WINDOW = 16  # 64 kB, a page; the usual 4 MB are set up and cleared for each
GZIP_LEVEL = 6

# Anybody may keep the page but has to ask each time whether it is still so: an answer is never
# older than the last change.  Whoever is signed in gets another page at the same address.
POLICY = "public, no-cache"
VARY = "Accept-Encoding, Cookie"

OF_VIEWS = ("Link", "X-Robots-Tag")  # what a view may say of its page beside its type
NOT_IN_304 = {"Content-Encoding", "Content-Length", "Content-Type", *OF_VIEWS}


Header = tuple[str, str]


class Ready(NamedTuple):
    """What goes with the bytes of one coding: for who has them already (304), and who has not."""

    etag: str
    headers: list[Header]
    headers_of_304: list[Header]


@dataclass(slots=True)
class Representation:
    """What was rendered, ready to be sent.

    `codings` has the codings that were asked for so far; a small page is plain for everybody.
    """

    content_type: str
    digest: str
    codings: dict[str, bytes]
    is_small: bool = False
    view_headers: tuple[Header, ...] = ()  # of OF_VIEWS

    @classmethod
    def of(cls, response: HttpResponse, accepted: str = "") -> "Representation":
        """The bytes of a rendered response, for a visitor with this Accept-Encoding."""
        plain = response.content
        is_small = len(plain) < SMALLEST
        coding = "" if is_small else _best(accepted)
        digest = hashlib.sha256(plain).hexdigest()[:32]
        content_type = sys.intern(response.headers["Content-Type"])
        view_headers = tuple((name, response[name]) for name in OF_VIEWS if name in response)
        return cls(content_type, digest, {coding: _PACK[coding](plain)}, is_small, view_headers)

    def coding_for(self, accepted: str) -> str:
        """The smallest coding that a visitor with this Accept-Encoding takes."""
        return "" if self.is_small else _best(accepted)

    def body(self, coding: str) -> bytes:
        """The bytes in a coding; made when somebody asks for it first."""
        body = self.codings.get(coding)
        if body is None:
            packed_as, packed = next(iter(self.codings.items()))
            body = self.codings[coding] = _PACK[coding](_UNPACK[packed_as](packed))
        return body

    def etag(self, coding: str) -> str:
        return f'"{self.digest}{"-" if coding else ""}{coding}"'

    def headers(self, coding: str, body: bytes) -> list[Header]:
        """What describes these bytes."""
        length = ("Content-Length", str(len(body)))
        described = _described(self.content_type, coding)
        return [("ETag", self.etag(coding)), length, *described, *self.view_headers]

    def ready(self, coding: str, common: Iterable[Header]) -> Ready:
        """All headers in a coding; `common` are those of every page."""
        headers = [*common, *self.headers(coding, self.body(coding))]
        of_304 = [pair for pair in headers if pair[0] not in NOT_IN_304]
        return Ready(self.etag(coding), headers, of_304)

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """The response to GET or HEAD: 304 if the visitor has these bytes already."""
        coding = self.coding_for(request.headers.get("Accept-Encoding", ""))
        body = self.body(coding)
        response = HttpResponse(body, headers=dict(self.headers(coding, body)))
        etag = self.etag(coding)
        answer = get_conditional_response(request, etag=etag, response=response)
        if request.method == "HEAD" and answer is response:
            response.content = b""
        return answer or response


def _gzip(plain: bytes) -> bytes:
    return gzip.compress(plain, GZIP_LEVEL, mtime=0)


def _brotli(plain: bytes) -> bytes:
    packed: bytes = brotli.compress(plain, quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW)
    return packed


_PACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, "br": _brotli, "gzip": _gzip}
_UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


@lru_cache(maxsize=64)
def _described(content_type: str, coding: str) -> tuple[Header, ...]:
    """The headers that many pages share, once."""
    shared = [("Cache-Control", POLICY), ("Vary", VARY), ("Content-Type", content_type)]
    return (*shared, ("Content-Encoding", coding)) if coding else tuple(shared)


def _best(accepted: str) -> str:
    return next(iter(_taken(accepted)), "")


@lru_cache(maxsize=256)
def _taken(accepted: str) -> tuple[str, ...]:
    """Of our codings those a visitor takes, the smallest first; a weight of 0 refuses one."""
    taken = set()
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if weight.strip().removeprefix("q=").rstrip("0.") or not weight:
            taken.add(name.strip())
    return tuple(coding for coding in ("br", "gzip") if coding in taken)
