"""A form that met a database which takes nothing: what was typed comes back, to be sent again."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from accounts.interrupted.descriptions import describe
from accounts.interrupted.origins import is_from_us
from accounts.interrupted.requests import InterruptedRequest

logger = logging.getLogger("heliograph.database")

# Full, locked for too long, read-only, gone: another try may succeed.
PASSING = (OperationalError, InterfaceError, InternalError)

RETRY_AFTER = "30"  # seconds


class UnkeptFormMiddleware:
    """Answers a POST of ours that failed for the database's sake."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.method != "POST" or not isinstance(exception, PASSING):
            return None
        if not is_from_us(request) or (typed := InterruptedRequest.of(request)) is None:
            return None
        logger.error("%s was not kept", request.path, exc_info=exception)
        context = {"interrupted": typed, "told": _told(typed, request)}
        response = render(request, "accounts/interrupted/unkept.html", context, status=503)
        add_never_cache_headers(response)
        response.headers["Retry-After"] = RETRY_AFTER
        return response


def _told(typed: InterruptedRequest, request: HttpRequest) -> Any:
    """What was typed, in words; without them where they would have to be looked up."""
    try:
        return describe(typed, request.user)
    except DatabaseError:
        return None
