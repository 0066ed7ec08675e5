"""Kept pages, answered before Django begins.

A kept page needs none of what Django does for each request: its bytes, its headers and what it
depends on are known.  Only the clock of the site is asked, so the answer is as exact as if Django
had given it.  Whatever is unusual about a request goes to Django.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase, QueryDict
from django.utils.http import parse_etags

from blog import cache, clock
from blog.pages import is_nobody, page_path
from blog.representations import Representation

Answer = tuple[str, list[tuple[str, str]], bytes]

HOSTS = 16  # names of this site that are remembered
# What belongs to one answer; all other headers the site says with every page.
OF_THE_BYTES = {
    "cache-control",
    "content-encoding",
    "content-length",
    "content-type",
    "etag",
    "vary",
}
UNUSUAL = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_AUTHORIZATION", "SCRIPT_NAME")


class KeptPages:
    """A WSGI application around Django's."""

    def __init__(self, application: Any) -> None:
        self.application = application
        # Names that Django has answered to, so that none is served that it would refuse.
        self.hosts: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self._answer(environ)
        if answer is None:
            response = self.application(environ, start_response)
            self._learn(environ, response)
            return response  # type: ignore[no-any-return]  # Django's own
        status, headers, body = answer
        start_response(status, headers)
        return [body]

    def _learn(self, environ: dict[str, Any], response: Any) -> None:
        """Remember what Django said with a kept page beside the page itself."""
        kept = getattr(response, "kept", None)
        if kept is None or kept.headers is not None or response.status_code != 200:
            return
        if isinstance(response, HttpResponseBase) and not response.cookies:
            said = response.items()
            kept.headers = [pair for pair in said if pair[0].lower() not in OF_THE_BYTES]
            if len(self.hosts) < HOSTS:
                self.hosts.add(environ.get("HTTP_HOST", ""))

    def _answer(self, environ: dict[str, Any]) -> Answer | None:
        path = self._path(environ)
        if path is None or cache.pages.get(path) is None:
            return None
        now = cache.clock()
        if now is None or not clock.is_quiet(now):
            return None
        kept = cache.load(path, now)
        if kept is None or kept.headers is None:
            return None
        coding = kept.page.coding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        body = kept.page.body(coding)
        headers = [*kept.headers, *kept.page.headers(coding, body).items()]
        if _is_known(kept.page, coding, environ.get("HTTP_IF_NONE_MATCH")):
            return "304 Not Modified", [pair for pair in headers if pair[0] not in _NOT_IN_304], b""
        return "200 OK", headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else body

    def _path(self, environ: dict[str, Any]) -> str | None:
        """What the page is kept as; None for a request that is Django's to answer."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return None
        if environ.get("HTTP_HOST") not in self.hosts or any(map(environ.get, UNUSUAL)):
            return None
        if not is_nobody(environ.get("HTTP_COOKIE", "")) or not _is_safe(environ):
            return None
        path: str = environ["PATH_INFO"]
        if not path.isascii():
            path = path.encode("latin-1").decode("utf-8", "replace")
        if not environ.get("QUERY_STRING"):
            return path
        kept = cache.pages.get(path)  # which knows what in a query makes another page
        if kept is None:
            return None
        return page_path(path, QueryDict(environ["QUERY_STRING"]), kept.parameters)


_NOT_IN_304 = {"Content-Encoding", "Content-Length", "Content-Type"}


def _is_known(page: Representation, coding: str, known: str | None) -> bool:
    """Whether a visitor has these bytes (RFC 9110, 13.1.2: weak comparison)."""
    if known is None:
        return False
    etag = page.etag(coding)
    tags = [tag.removeprefix("W/") for tag in parse_etags(known)]
    return known == etag or etag in tags or tags == ["*"]


def _is_safe(environ: dict[str, Any]) -> bool:
    """Whether no redirect to https is due, where the site demands it."""
    if not settings.SECURE_SSL_REDIRECT:
        return True
    name, value = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")
    return bool(environ.get(name) == value)
