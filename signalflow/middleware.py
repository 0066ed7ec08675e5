from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from signalflow.actions import action
from signalflow.spans import here
from signalflow.tracing import written_afterwards


class ActionMiddleware:
    """Every request is an action: what it causes carries its trace id and its actor.

    Comes after the authentication middleware; the lazy `request.user` is passed on unread,
    so a page that asks nothing about the visitor costs no query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with (
            written_afterwards() as write,
            action(request.method or "", actor=getattr(request, "user", None)),
        ):
            response = self.get_response(request)
        return _after(response, write)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        """Name the action by its route and the numbers in it: a path may hold somebody's token."""
        place, match = here(), request.resolver_match
        if place is None or match is None:
            return
        route = match.route
        for name, value in match.kwargs.items():
            if isinstance(value, int):
                route = route.replace(f"<int:{name}>", str(value))
        place[1].name = f"{request.method} /{route}"


def _after(response: HttpResponse, write: Callable[[], None]) -> HttpResponse:
    """Write the trace when the response has been sent: nobody waits for it.

    `close` is what a WSGI server calls then; Django's own `request_finished` comes from there.
    """
    close = response.close

    def close_and_write() -> None:
        close()
        write()

    response.close = close_and_write  # type: ignore[method-assign]
    return response
