"""Views whose pages are stored for anonymous readers, exactly."""

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.generic import View

from pagecache import pages
from pagecache.fragments import at_generation
from pagecache.freshness import current_generation
from pagecache.pages import Parameters, StoredPage
from pagecache.recording import recording
from pagecache.responses import Representation
from pagecache.tags import collapse_tags


def is_anonymous(cookies: str) -> bool:
    """No session and no waiting message: what is shown to this visitor is shown to all.

    `cookies` is the header as it came; a cookie that only looks like one of these is enough.
    """
    return settings.SESSION_COOKIE_NAME not in cookies and "messages" not in cookies


def page_key(path: str, query: Mapping[str, str], parameters: Parameters) -> str | None:
    """Path and the parameter that makes another page of it: others must not grow the store.

    None for a value in another spelling (" 2", "02"): the view may understand it, and its
    answer must not be stored as the first page.
    """
    for parameter, usual in parameters.items():
        if value := query.get(parameter, ""):
            return f"{path}?{parameter}={value}" if usual.fullmatch(value) else None
    return path


class Explanation(NamedTuple):
    """Why a page looks as it does; see `CachedPage.explain`.

    `expires_at` is in seconds since the epoch, infinite where no moment changes the page.
    `is_page` is False where the view led elsewhere.  `is_storable` says whether visitors without
    a session may get a stored copy, `stored` is the copy that this process has, if it is fresh.
    """

    tags: Sequence[str]
    expires_at: float
    build_seconds: float
    is_page: bool
    is_storable: bool
    stored: StoredPage | None


class CachedPage(View):
    """A page without anything personal in it, stored for anonymous readers until it changes.

    What it depends on is recorded while it is built; see `pagecache.pages`.
    """

    http_method_names = ["get", "head", "options"]
    page_parameters: Parameters = MappingProxyType({})

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return super().dispatch(request, *args, **kwargs)
        if not is_anonymous(request.headers.get("Cookie", "")):
            return _personal(self._for_somebody(request, *args, **kwargs))
        # A form token this visitor brought is theirs; one that is there afterwards was shown.
        for name in ("CSRF_COOKIE", "CSRF_COOKIE_NEEDS_UPDATE"):
            request.META.pop(name, None)
        key = page_key(request.path, request.GET, self.page_parameters)
        now = current_generation() if key is not None else None
        if key is None or now is None:
            return _answer(self._build(request, *args, **kwargs), request)
        found = pages.load(key, now) or self._find_or_build(key, request, *args, **kwargs)
        if not isinstance(found, StoredPage):
            return _answer(found, request)
        pages.pack(key, found, found.page.coding_for(_accepted(request)))
        return _marked(_answer(found.page, request), found)

    def _find_or_build(
        self, key: str, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> StoredPage | Representation | HttpResponseBase:
        """The page that somebody has stored meanwhile, or as it is built now (see `_build`)."""
        with pages.building(key):
            now = current_generation()
            if now is not None and (stored := pages.load(key, now)):
                return stored
            began = time.perf_counter()
            with recording() as recorded, at_generation(now):
                built = self._build(request, *args, **kwargs)
            if now is None or not isinstance(built, Representation):
                return built
            took = time.perf_counter() - began
            return pages.store(key, now, recorded, built, self.page_parameters, took)

    def explain(self) -> "Explanation":
        """What the page of `self.request` depends on, found by building it for nobody.

        The request must be an anonymous one, and the view set up with it (`View.setup`); nothing
        is stored.  Raises what the view raises, Http404 say.
        """
        key = page_key(self.request.path, self.request.GET, self.page_parameters)
        now = current_generation()
        stored = pages.load(key, now) if key is not None and now is not None else None
        began = time.perf_counter()
        with recording() as recorded, timezone.override(None):
            built = self._build(self.request, *self.args, **self.kwargs)
        return Explanation(
            tags=collapse_tags(recorded.tags),
            expires_at=recorded.expires_at,
            build_seconds=time.perf_counter() - began,
            is_page=isinstance(built, Representation),
            is_storable=key is not None and isinstance(built, Representation),
            stored=stored,
        )

    def _respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What the view itself answers."""
        return super().dispatch(request, *args, **kwargs)

    def _for_somebody(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The answer to a visitor who is, or may be, signed in."""
        return self._respond(request, *args, **kwargs)

    def _build(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> Representation | HttpResponseBase:
        """The page ready to be sent to anybody, or a response that only this visitor may have."""
        response = self._respond(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            response.render()
        unusual = response.status_code != 200 or response.cookies or "CSRF_COOKIE" in request.META
        if unusual or not isinstance(response, HttpResponse):
            return response
        return Representation.of(response, _accepted(request))


def _accepted(request: HttpRequest) -> str:
    return request.headers.get("Accept-Encoding", "")


def _answer(built: Representation | HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    return built.answer(request) if isinstance(built, Representation) else built


def _marked(answer: HttpResponseBase, stored: StoredPage) -> HttpResponseBase:
    """Say which stored page it is, for whoever answers before Django next time, and what a cache
    in front of the site has to know of it: with a 304 too, which renews what such a cache has.
    """
    vars(answer)["stored_page"] = stored
    for name, value in stored.headers.items():
        answer[name] = value
    return answer


def _personal(response: HttpResponseBase) -> HttpResponseBase:
    """Somebody's own view of a public page, which no cache may give to anybody else."""
    patch_vary_headers(response, ["Cookie"])
    return response
