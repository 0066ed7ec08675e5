"""What every public page does: answer anonymous readers from the cache, exactly."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.views.generic import View

from blog import cache, fragments, topics
from blog.representations import Representation

if TYPE_CHECKING:
    from blog.models import Post

# How an id or a page number is written in an address: each other spelling would be another page.
NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
LAST = "last"
# A place in a conversation: the ids of a comment and of those above it ("812-900").
PLACE = re.compile(rf"{NUMBER.pattern}(?:-{NUMBER.pattern}){{0,19}}", re.ASCII)


class Elsewhere(Exception):  # noqa: N818 - where the reader should go is no error
    """What was asked for is to be found at the same path with another query; "" its first page."""

    def __init__(self, query: str = "") -> None:
        super().__init__(query)
        self.query = query


def absolute(path: str) -> str:
    """A path of this site as an address for the outside; never built from a request's Host.

    What is absolute already (a media host) stays as it is.
    """
    return urljoin(f"{settings.SITE_URL}/", path)


def canonical(post: "Post") -> str:
    """The address to find a post under: here, or where its text appeared first."""
    return post.canonical_url or absolute(post.get_absolute_url())


def is_nobody(cookies: str) -> bool:
    """No session and no waiting message: what is shown to this visitor is shown to all.

    `cookies` is the header as it came; a cookie that only looks like one of these is enough.
    """
    return settings.SESSION_COOKIE_NAME not in cookies and "messages" not in cookies


def page_path(path: str, query: Mapping[str, str], parameters: Sequence[str]) -> str | None:
    """Path and the parameter that makes another page of it: others must not grow the cache.

    None for a value in another spelling (" 2", "02"): the view may understand it, and its
    answer must not be kept as the first page.
    """
    for parameter in parameters:
        if value := query.get(parameter, ""):
            usual = PLACE.fullmatch(value) or value == LAST
            return f"{path}?{parameter}={value}" if usual else None
    return path


class PublicPage(View):
    """A page without anything personal in it, kept for anonymous readers until it changes.

    What it depends on is noted while it is built; see `blog.cache`.
    """

    http_method_names = ["get", "head", "options"]
    page_parameters: Sequence[str] = ()  # those that make another page of the same path

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return super().dispatch(request, *args, **kwargs)
        if not is_nobody(request.headers.get("Cookie", "")):
            return _personal(self._for_somebody(request, *args, **kwargs))
        # A form token this visitor brought is theirs; one that is there afterwards was shown.
        for name in ("CSRF_COOKIE", "CSRF_COOKIE_NEEDS_UPDATE"):
            request.META.pop(name, None)
        path = page_path(request.path, request.GET, self.page_parameters)
        now = cache.clock() if path is not None else None
        if path is None or now is None:
            return _answer(self._build(request, *args, **kwargs), request)
        kept = cache.load(path, now) or self._find_or_build(path, request, *args, **kwargs)
        if not isinstance(kept, cache.Kept):
            return _answer(kept, request)
        cache.pack(path, kept, kept.page.coding_for(_accepted(request)))
        return _marked(_answer(kept.page, request), kept)

    def _find_or_build(
        self, path: str, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> cache.Kept | Representation | HttpResponseBase:
        """The page that somebody has kept meanwhile, or as it is built now (see `_build`)."""
        with cache.building(path):
            now = cache.clock()
            if now is not None and (kept := cache.load(path, now)):
                return kept
            with topics.recording() as noted, fragments.reading(now):
                built = self._build(request, *args, **kwargs)
            if now is None or not isinstance(built, Representation):
                return built
            return cache.keep(path, now, noted, built, self.page_parameters)

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


def _marked(answer: HttpResponseBase, kept: cache.Kept) -> HttpResponseBase:
    """Say which kept page it is, for whoever answers before Django next time, and what a cache
    in front of the site has to know of it: with a 304 too, which renews what such a cache has.
    """
    vars(answer)["kept"] = kept
    for name, value in kept.said.items():
        answer[name] = value
    return answer


def _personal(response: HttpResponseBase) -> HttpResponseBase:
    """Somebody's own view of a public page; `config.personal` says that nobody may keep it."""
    patch_vary_headers(response, ["Cookie"])
    return response
