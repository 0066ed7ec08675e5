import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.services import preferences_of


class TimeZoneMiddleware:
    """Times are shown, and typed, in the signed-in person's own zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(_zone(preferences_of(request.user).time_zone)):
            return self.get_response(request)


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    """The zone of this name; None, the site's own, where this machine does not know it."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError):
        return None
