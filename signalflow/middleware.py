from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from signalflow.actions import action
from signalflow.context import bound
from signalflow.spans import current_scope
from signalflow.tracing import writing


class ActionMiddleware:
    """Every request is an action: what it causes carries its trace id and its actor.

    Comes after the authentication middleware; the lazy `request.user` is passed on unread,
    so a page that asks nothing about the visitor costs no query.  The trace is written when the
    response has been sent, and nobody waits for it: a WSGI server calls `close` then, and
    Django's own `request_finished` comes from there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        pending: list[Callable[[], None]] = []
        actor = getattr(request, "user", None)
        with bound(writing, pending.append), action(request.method or "", actor=actor):
            response = self.get_response(request)
        close = response.close

        def close_and_write() -> None:
            close()
            while pending:
                pending.pop(0)()

        response.close = close_and_write  # type: ignore[method-assign]
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        """Name the action by its route and the numbers in it: a path may hold somebody's token."""
        place, match = current_scope(), request.resolver_match
        if place is None or match is None:
            return
        route = match.route
        for name, value in match.kwargs.items():
            if isinstance(value, int):
                route = route.replace(f"<int:{name}>", str(value))
        place.span.name = f"{request.method} /{route}"
