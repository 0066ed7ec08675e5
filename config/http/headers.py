"""What every answer says, whoever gave it: the site's own headers, and words where it refuses."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest, HttpResponse

from config import csp
from config.http.refusals import page, refusal, usual

# Django's debug pages style themselves inline; they exist only while DEBUG is on.
DEBUG_PAGES = {HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR}

# A blog needs none of the browser's devices.
DENIED = ("browsing-topics", "camera", "geolocation", "microphone", "payment", "usb")

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


def of_every_answer() -> dict[str, str]:
    """The headers that no answer goes without, unless it brings its own."""
    return {
        csp.HEADER: csp.build_policy(settings.SECURE_CSP),
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DENIED),
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        # As Django's SecurityMiddleware says them, which does not see what it refuses itself.
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    }


class HeadersMiddleware:
    """Comes before all others, so that what they answer or refuse themselves passes here too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.headers = of_every_answer()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            _refuse(request, response)
        if response.cookies and "public" in response.get("Cache-Control", ""):
            response.cookies.clear()  # a form token that was renewed in passing, say
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        if settings.DEBUG and response.status_code in DEBUG_PAGES:
            del response.headers[csp.HEADER]
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The admin takes names of fields from a query (`_to_field=`), or what is none."""
        match = request.resolver_match
        if isinstance(error, FieldDoesNotExist) and match and match.app_name == "admin":
            return refusal(HTTPStatus.BAD_REQUEST)
        return None


def _refuse(request: HttpRequest, response: HttpResponse) -> None:
    """Give a refusal words if it has none, and keep it from every cache.

    An answer to a form is kept by none anyway, and going back to it must show what was typed.
    """
    if not response.streaming and not response.content:
        response.headers["Content-Type"], response.content = page(usual(response.status_code))
        response.headers["Content-Length"] = str(len(response.content))
    if request.method in SAFE:
        response.headers.setdefault("Cache-Control", "no-store")
