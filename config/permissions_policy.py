"""The Permissions-Policy header: a blog needs none of the browser's devices."""

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

DENIED = ("browsing-topics", "camera", "geolocation", "microphone", "payment", "usb")
POLICY = ", ".join(f"{feature}=()" for feature in DENIED)


class PermissionsPolicyMiddleware(MiddlewareMixin):
    def process_response(self, _request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Permissions-Policy", POLICY)
        return response
