"""A page as it is sent: its bytes in every content coding, each with a strong validator.

RFC 9110: a strong ETag names exact bytes (8.8.1), so each coding has its own (8.8.3.3); who names
it gets 304 without a body (13.1.2), and HEAD gets the headers of GET (9.3.2).  A Range may be
ignored (14.2), and is.  No Last-Modified: when the newest post of a list is withdrawn the date
goes back, and would hide the change.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import brotli  # type: ignore[import-untyped]  # it has no stubs
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

SMALLEST = 200  # bytes; below that the headers of a coding cost more than it saves
BROTLI_QUALITY = 5  # as small as gzip's best at half its time; 11 takes fifty times longer
GZIP_LEVEL = 6

# Anybody may keep the page but has to ask each time whether it is still so: an answer is never
# older than the last change.  Whoever is signed in gets another page at the same address.
POLICY = "public, no-cache"
VARY = "Accept-Encoding, Cookie"


@dataclass(frozen=True)
class Representation:
    """What was rendered, ready to be sent; `codings` has the plain bytes only of small pages."""

    content_type: str
    digest: str
    codings: dict[str, bytes]

    @classmethod
    def of(cls, response: HttpResponse) -> "Representation":
        """The bytes of a rendered response in each coding that is worth it."""
        plain = response.content
        if len(plain) < SMALLEST:
            codings = {"": plain}
        else:
            codings = {
                "br": brotli.compress(plain, quality=BROTLI_QUALITY),
                "gzip": gzip.compress(plain, GZIP_LEVEL, mtime=0),
            }
        digest = hashlib.sha256(plain).hexdigest()[:32]
        return cls(response.headers["Content-Type"], digest, codings)

    @cached_property
    def size(self) -> int:
        """How much room it takes, in bytes."""
        return sum(map(len, self.codings.values()))

    def coding_for(self, accepted: str) -> str:
        """The smallest coding that a visitor with this Accept-Encoding takes."""
        return next((coding for coding in _taken(accepted) if coding in self.codings), "")

    def body(self, coding: str) -> bytes:
        """The bytes in a coding.  Few visitors want them plain: they are unpacked each time."""
        if coding or "" in self.codings:
            return self.codings[coding]
        return gzip.decompress(self.codings["gzip"])

    def etag(self, coding: str) -> str:
        return f'"{self.digest}{"-" if coding else ""}{coding}"'

    def headers(self, coding: str, body: bytes) -> dict[str, str]:
        """What describes these bytes."""
        told = {"ETag": self.etag(coding), "Cache-Control": POLICY, "Vary": VARY}
        if coding:
            told["Content-Encoding"] = coding
        return {**told, "Content-Length": str(len(body)), "Content-Type": self.content_type}

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """The response to GET or HEAD: 304 if the visitor has these bytes already."""
        coding = self.coding_for(request.headers.get("Accept-Encoding", ""))
        body = self.body(coding)
        response = HttpResponse(body, headers=self.headers(coding, body))
        etag = self.etag(coding)
        answer = get_conditional_response(request, etag=etag, response=response)
        if request.method == "HEAD" and answer is response:
            response.content = b""
        return answer or response


@lru_cache(maxsize=256)
def _taken(accepted: str) -> tuple[str, ...]:
    """Of our codings those a visitor takes, the smallest first; a weight of 0 refuses one."""
    taken = set()
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if weight.strip().removeprefix("q=").rstrip("0.") or not weight:
            taken.add(name.strip())
    return tuple(coding for coding in ("br", "gzip") if coding in taken)
