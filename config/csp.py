"""The Content-Security-Policy header, by the setting and the rules of Django 6.

On Django 6 `django.middleware.csp` reads the same `SECURE_CSP` and can take over as it stands.
"""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

HEADER = "Content-Security-Policy"

# Django's debug pages style themselves inline; they exist only while DEBUG is on.
DEBUG_PAGES = {HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR}


def build_policy(directives: Mapping[str, Iterable[str]]) -> str:
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


class ContentSecurityPolicyMiddleware(MiddlewareMixin):
    """Add the policy to every response that does not bring one of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.policy = build_policy(settings.SECURE_CSP)

    def process_response(self, _request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not (settings.DEBUG and response.status_code in DEBUG_PAGES):
            response.headers.setdefault(HEADER, self.policy)
        return response
