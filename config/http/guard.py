"""Around Django: requests that it cannot even begin with, and the last word when it breaks.

Django makes its request object outside of everything that turns errors into answers, and so do
the middleware's first steps with a form: the server would say a bare 500.
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.utils.http import parse_header_parameters

from config.http.headers import of_every_answer
from config.http.refusals import Refusal, page, usual

logger = logging.getLogger("heliograph")

# Bytes.  The longest address of ours has a slug of 200 letters; a search of 200 letters, each of
# four bytes and written as %F0%9F%94%A5, takes 2,400.  SQLite looks for texts of up to 50,000.
PATH_MAX = 2_000
QUERY_MAX = 8_000
TYPE_MAX = 1_000


class Guard:
    """A WSGI application around Django's."""

    def __init__(self, application: Any) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        status = unreadable(environ)
        if status is not None:
            logger.warning("refused with %s: %s", status, environ["PATH_INFO"][:200])
            return _say(status, start_response)
        try:
            return self.application(environ, start_response)  # type: ignore[no-any-return]  # Django's own
        except Exception:  # whatever it is: a visitor gets an answer
            logger.exception("no answer: %s", environ["PATH_INFO"][:200])
            return _say(500, start_response)


class AsyncGuard:
    """The same for ASGI, as far as requests go that Django cannot begin with."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        status = unreadable(environ_of(scope)) if scope["type"] == "http" else None
        if status is None:
            await self.application(scope, receive, send)
            return
        await say_async(usual(status), send)


async def say_async(refused: Refusal, send: Any) -> None:
    """Answer over ASGI with a page that refuses."""
    headers, body = _answer(refused)
    told = [(name.lower().encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": int(refused.status), "headers": told})
    await send({"type": "http.response.body", "body": body})


def environ_of(scope: dict[str, Any]) -> dict[str, str]:
    """What is looked at before Django begins, as WSGI names it."""
    told = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    environ = {
        "PATH_INFO": scope["path"],
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "CONTENT_TYPE": told.get("content-type", ""),
        "CONTENT_LENGTH": told.get("content-length", ""),
    }
    if "transfer-encoding" in told:
        environ["HTTP_TRANSFER_ENCODING"] = told["transfer-encoding"]
    return environ


def unreadable(environ: dict[str, Any]) -> int | None:
    """The status to refuse a request with that Django would break on; None if it can be read."""
    if len(environ["PATH_INFO"]) > PATH_MAX or len(environ.get("QUERY_STRING", "")) > QUERY_MAX:
        return 414
    return _unreadable_type(environ.get("CONTENT_TYPE") or "")


def _unreadable_type(content_type: str) -> int | None:
    if ";" not in content_type:
        return None
    if len(content_type) > TYPE_MAX:
        return 400
    try:
        charset = parse_header_parameters(content_type)[1].get("charset", "utf-8")
    except (LookupError, ValueError):
        return 400
    try:
        b"a=\xff".decode(charset, "replace")
    except LookupError as error:
        # Django reads a form in a charset that nobody knows as UTF-8; some it knows are no texts.
        return 415 if "text encoding" in str(error) else None
    except ValueError:
        return 415
    return None


def _answer(refused: Refusal) -> tuple[list[tuple[str, str]], bytes]:
    content_type, body = page(refused)
    headers = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        **of_every_answer(),
    }
    return list(headers.items()), body


def _say(status: int, start_response: Any) -> list[bytes]:
    headers, body = _answer(usual(status))
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]
