"""What every public page does: answer anonymous readers from the cache, exactly."""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.generic import View

from blog import cache
from blog.representations import Representation


def absolute(path: str) -> str:
    """A path of this site as an address for the outside; never built from a request's Host.

    What is absolute already (a media host) stays as it is.
    """
    return urljoin(f"{settings.SITE_URL}/", path)


def _is_nobody(request: HttpRequest) -> bool:
    """No session and no waiting message: what is shown to this visitor is shown to all."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES and (
        "messages" not in request.COOKIES
    )


def _page_path(request: HttpRequest, parameter: str) -> str | None:
    """Path and page number: other parameters change nothing, and must not grow the cache.

    None for a number in another spelling ("last", " 2"): the view may understand it, and its
    answer must not be kept as the first page.
    """
    number = request.GET.get(parameter, "")
    if not number:
        return request.path
    usual = number.isascii() and number.isdecimal() and len(number) < 9
    return f"{request.path}?{parameter}={number}" if usual else None


class PublicPage(View):
    """A page without anything personal in it, kept for anonymous readers until it changes.

    `topics` names what it depends on.  Their tokens are taken before the view reads the
    database; see `blog.cache`.
    """

    http_method_names = ["get", "head", "options"]
    page_parameter = "page"  # the one that makes another page of the same path

    def topics(self) -> list[str]:
        """The cache topics of this page; the default is anything a list of posts shows."""
        return [cache.POSTS, cache.TAGS]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return super().dispatch(request, *args, **kwargs)
        if not _is_nobody(request):
            return _personal(super().dispatch(request, *args, **kwargs))
        path = _page_path(request, self.page_parameter)
        generation = cache.tokens(self.topics()) if path is not None else None
        if path is not None and generation is not None:
            stored = cache.load_page(path, generation)
            if stored is not None:
                return stored.answer(request)
        response = super().dispatch(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            response.render()
        unusual = response.status_code != 200 or response.cookies or "CSRF_COOKIE" in request.META
        if unusual or not isinstance(response, HttpResponse):
            return response
        page = Representation.of(response)
        if path is not None and generation is not None:
            cache.store_page(path, generation, page)
        return page.answer(request)


def _personal(response: HttpResponseBase) -> HttpResponseBase:
    """Somebody's own view of a public page: for no cache but the browser's, asked each time."""
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return response
