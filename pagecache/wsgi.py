"""Stored pages, answered before Django begins.

A stored page needs none of what Django does for each request: its bytes, its headers and what it
depends on are known.  Only the site's generation is asked for, so the answer is as exact as if
Django had given it.  Whatever is unusual about a request goes to Django.
"""

import logging
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from django.utils.http import parse_etags

from pagecache.conf import hook, options
from pagecache.freshness import current_generation, is_fresh
from pagecache.pages import StoredPage, pages
from pagecache.responses import Header
from pagecache.views import is_anonymous, page_key

logger = logging.getLogger("pagecache")

Answer = tuple[str, list[Header], bytes]

HOSTS = 16  # names of this site that are remembered
# What belongs to one page; all other headers the site says with every page.
OF_THE_PAGE = {
    "cache-control",
    "content-encoding",
    "content-length",
    "content-type",
    "etag",
    "link",
    "vary",
    "x-robots-tag",
}
UNUSUAL = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_AUTHORIZATION", "SCRIPT_NAME")


class PageCacheWSGI:
    """A WSGI application around Django's."""

    def __init__(self, application: Any) -> None:
        self.application = application
        # Names that Django has answered to, so that none is served that it would refuse.
        self.hosts: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            answer = self._answer(environ)
        except Exception:  # Django finds the same fault, and has words for it
            logger.exception("a stored page could not be looked for")
            answer = None
        if answer is None:
            response = self.application(environ, start_response)
            self._learn(environ, response)
            return response  # type: ignore[no-any-return]  # Django's own
        status, headers, body = answer
        start_response(status, headers)
        return [body]

    def _learn(self, environ: dict[str, Any], response: Any) -> None:
        """Remember the host that Django answered to, and its headers with a stored page."""
        stored: StoredPage | None = getattr(response, "stored_page", None)
        if stored is None or response.status_code != 200 or response.cookies:
            return
        if len(self.hosts) < HOSTS:
            self.hosts.add(environ.get("HTTP_HOST", ""))
        coding = stored.page.coding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if coding not in stored.ready:
            common = (pair for pair in response.items() if pair[0].lower() not in OF_THE_PAGE)
            stored.ready[coding] = stored.page.ready(coding, [_same(*pair) for pair in common])

    def _answer(self, environ: dict[str, Any]) -> Answer | None:
        path = self._path(environ)
        stored = pages.get(path) if path is not None else None
        if path is None or stored is None:
            return None
        coding = stored.page.coding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        ready = stored.ready.get(coding)
        now = current_generation()
        if ready is None or now is None or not _may_serve(now):
            return None
        if not is_fresh(stored, now):
            return None
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and _is_known(ready.etag, known):
            return "304 Not Modified", list(ready.headers_of_304), b""
        body = b"" if environ["REQUEST_METHOD"] == "HEAD" else stored.page.body(coding)
        return "200 OK", list(ready.headers), body

    def _path(self, environ: dict[str, Any]) -> str | None:
        """What the page is stored as; None for a request that is Django's to answer."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return None
        if environ.get("HTTP_HOST") not in self.hosts or any(map(environ.get, UNUSUAL)):
            return None
        cookies = environ.get("HTTP_COOKIE")
        if cookies and not is_anonymous(cookies):
            return None
        if settings.SECURE_SSL_REDIRECT and not _is_secure(environ):
            return None
        path: str = environ["PATH_INFO"]
        if not path.isascii():
            path = path.encode("latin-1").decode("utf-8", "replace")
        if not environ.get("QUERY_STRING"):
            return path
        stored = pages.get(path)  # which knows what in a query makes another page
        if stored is None:
            return None
        try:
            return page_key(path, QueryDict(environ["QUERY_STRING"]), stored.parameters)
        except TooManyFieldsSent:
            return None


def _may_serve(generation: int) -> bool:
    """Whether nothing has to happen first, which Django would see to."""
    before_serving = options().before_serving
    return not before_serving or bool(hook(before_serving)(generation))


@lru_cache(maxsize=64)
def _same(name: str, value: str) -> Header:
    """A header that all pages have, in memory once."""
    return name, value


def _is_known(etag: str, known: str) -> bool:
    """Whether a visitor has these bytes (RFC 9110, 13.1.2: weak comparison)."""
    if known == etag:
        return True
    tags = [tag.removeprefix("W/") for tag in parse_etags(known)]
    return etag in tags or tags == ["*"]


def _is_secure(environ: dict[str, Any]) -> bool:
    """Whether a request came by https."""
    name, value = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")
    return bool(environ.get(name) == value)
