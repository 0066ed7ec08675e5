"""One POST to the API of the CDN: no redirect, no proxy, a bounded answer, no token in errors."""

import json
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from listeners.cdn.providers import Call, Cdn

TIMEOUT = 10.0  # seconds for the connection, for each silence, and for the body of the answer
ANSWER_MAX = 64 * 1024  # bytes of the body that are read


class NotPurged(Exception):  # noqa: N818 - says what is the case
    """The CDN has not confirmed it; it is told again."""


def post(cdn: Cdn, call: Call) -> None:
    """Send a call.  Returns once the CDN has accepted it; raises NotPurged otherwise."""
    api, name = urlsplit(cdn.api), cdn.provider.name
    kind = HTTPSConnection if api.scheme == "https" else HTTPConnection
    try:
        with closing(kind(api.hostname or "", api.port, timeout=TIMEOUT)) as connection:
            connection.request("POST", api.path.rstrip("/") + call.path, call.body, call.headers)
            response = connection.getresponse()
            answer = _read(response)
    except (OSError, HTTPException) as error:
        # Without its cause: a traceback may show what was sent.
        raise NotPurged(f"{name} did not answer ({type(error).__name__}).") from None
    told = _parsed(answer)
    if not 200 <= response.status < 300:
        raise NotPurged(f"{name} answered {response.status}{_reason(cdn, told)}.")
    if told.get("success") is False:  # Cloudflare's way to refuse with 200
        raise NotPurged(f"{name} refused{_reason(cdn, told)}.")


def _read(response: HTTPResponse) -> bytes:
    """The beginning of the body; a server that drips is left."""
    end, body = time.monotonic() + TIMEOUT, b""
    while len(body) < ANSWER_MAX and (part := response.read1(4096)):
        body += part
        if time.monotonic() > end:
            raise TimeoutError
    return body


def _parsed(answer: bytes) -> dict[str, Any]:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _reason(cdn: Cdn, told: dict[str, Any]) -> str:
    """What the CDN says about it, as one short line; whoever repeats our token is not repeated."""
    errors = told.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    said = first.get("message") if isinstance(first, dict) else None
    text = str(said or told.get("msg") or "")
    if not text or cdn.token in text:
        return ""
    return ": " + "".join(sign if sign.isprintable() else " " for sign in text)[:150].rstrip(".")
