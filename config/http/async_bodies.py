"""The same bounds of size and time for what visitors send, where ASGI is spoken.

Django reads a body in full before it begins with a request here too.  No thread waits meanwhile,
so no share of threads has to be kept; but what is too large, or comes too slowly, takes room on
the disk and a connection.
"""

import asyncio
import time
from typing import Any

from django.conf import settings

from config.http.bodies import RATE, RefusedError, has_body, length_of
from config.http.guard import environ_of, say_async
from config.http.refusals import TOO_LARGE, TOO_SLOW, Refusal
from config.run.hangup import Reading

GONE = {"type": "http.disconnect"}


class BoundedBodies:
    """An ASGI application around Django's."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        environ = environ_of(scope)
        try:
            if has_body(environ):
                length_of(environ)
        except RefusedError as refused:
            await say_async(refused.refusal, send)
            return
        bounded = Receiving(receive, (scope.get("client") or [""])[0])
        await self.application(scope, bounded, send)
        if bounded.refused is not None:
            await say_async(bounded.refused, send)


class Receiving:
    """What a server hands over of one request, up to the bounds.

    Past them the visitor seems to have left: Django ends the request without a word of its own,
    and `refused` tells which words are due.
    """

    def __init__(self, receive: Any, address: str) -> None:
        self.receive = receive
        self.reading = Reading(address, settings.BODY_SECONDS, RATE)
        self.is_whole = False
        self.refused: Refusal | None = None

    async def __call__(self) -> dict[str, Any]:
        if self.is_whole:
            return await self.receive()  # type: ignore[no-any-return]  # the server's own
        if self.refused is None:
            message = await self._next()
            if self.refused is None:
                return message
        return GONE

    async def _next(self) -> dict[str, Any]:
        """The next message; sets `refused` where it is late, or one too many."""
        reading = self.reading
        left = reading.grace + reading.received / reading.rate - (time.monotonic() - reading.began)
        try:
            message: dict[str, Any] = await asyncio.wait_for(self.receive(), max(left, 0))
        except TimeoutError:
            self.refused = TOO_SLOW
            return GONE
        reading.received += len(message.get("body", b""))
        if reading.received > settings.BODY_MAX_BYTES:
            self.refused = TOO_LARGE
        self.is_whole = not message.get("more_body", False)
        return message
