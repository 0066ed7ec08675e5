"""What every public page does: answer anonymous readers from the cache, exactly."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.views.generic import View

from blog import cache


def absolute(path: str) -> str:
    """A path of this site as an address for the outside; never built from a request's Host."""
    return f"{settings.SITE_URL}{path}"


def _is_nobody(request: HttpRequest) -> bool:
    """No session and no waiting message: what is shown to this visitor is shown to all."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES and (
        "messages" not in request.COOKIES
    )


def _page_path(request: HttpRequest) -> str | None:
    """Path and page number: other parameters change nothing, and must not grow the cache.

    None for a number in another spelling ("last", " 2"): the view may understand it, and its
    answer must not be kept as the first page.
    """
    number = request.GET.get("page", "")
    if not number:
        return request.path
    usual = number.isascii() and number.isdecimal() and len(number) < 9
    return f"{request.path}?page={number}" if usual else None


class PublicPage(View):
    """A page without anything personal in it, kept for anonymous readers until it changes.

    `topics` names what it depends on.  Their tokens are taken before the view reads the
    database; see `blog.cache`.
    """

    http_method_names = ["get", "head", "options"]

    def topics(self) -> list[str]:
        """The cache topics of this page; the default is anything a list of posts shows."""
        return [cache.POSTS, cache.TAGS]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        path = _page_path(request)
        if request.method not in {"GET", "HEAD"} or path is None or not _is_nobody(request):
            return super().dispatch(request, *args, **kwargs)
        generation = cache.tokens(self.topics())
        if generation is None:
            return super().dispatch(request, *args, **kwargs)
        stored = cache.load_page(path, generation)
        if stored is not None:
            return stored
        response = super().dispatch(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            response.render()
        personal = response.cookies or "CSRF_COOKIE" in request.META
        if isinstance(response, HttpResponse) and response.status_code == 200 and not personal:
            cache.store_page(path, generation, response)
        return response
