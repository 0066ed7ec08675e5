"""A page as it is sent: its bytes in every content coding, each with a strong validator.

RFC 9110: a strong ETag names exact bytes (8.8.1), so each coding has its own (8.8.3.3); who names
it gets 304 without a body (13.1.2), and HEAD gets the headers of GET (9.3.2).  No Last-Modified:
when the newest post of a list is withdrawn the date goes back, and would hide the change.
"""

import gzip
import hashlib
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Representation:
    """What was rendered, ready to be sent; `codings` has the plain bytes under ""."""

    content_type: str
    digest: str
    codings: dict[str, bytes]

    @classmethod
    def of(cls, response: HttpResponse) -> "Representation":
        """The bytes of a rendered response in each coding that is worth it."""
        plain = response.content
        codings = {"": plain}
        if len(plain) >= SMALLEST:
            codings["br"] = brotli.compress(plain, quality=BROTLI_QUALITY)
            codings["gzip"] = gzip.compress(plain, GZIP_LEVEL, mtime=0)
        digest = hashlib.sha256(plain).hexdigest()[:32]
        return cls(response.headers["Content-Type"], digest, codings)

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """The response to GET or HEAD: 304 if the visitor has these bytes already."""
        coding = self._coding_for(request.headers.get("Accept-Encoding", ""))
        body = self.codings[coding]
        etag = f'"{self.digest}{"-" if coding else ""}{coding}"'
        headers = {"ETag": etag, "Cache-Control": POLICY, "Vary": VARY}
        if coding:
            headers["Content-Encoding"] = coding
        headers["Content-Length"] = str(len(body))
        response = HttpResponse(body, content_type=self.content_type, headers=headers)
        answer = get_conditional_response(request, etag=etag, response=response)
        if request.method == "HEAD" and answer is response:
            response.content = b""
        return answer or response

    def _coding_for(self, accepted: str) -> str:
        """The smallest coding the visitor takes; one with a weight of 0 is refused."""
        taken = set()
        for part in accepted.lower().split(","):
            name, _, weight = part.partition(";")
            if weight.strip().removeprefix("q=").rstrip("0.") or not weight:
                taken.add(name.strip())
        offered = [coding for coding in self.codings if not coding or coding in taken]
        return min(offered, key=lambda coding: len(self.codings[coding]))
