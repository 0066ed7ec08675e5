"""What every answer must be, whatever was asked."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.fuzz.inputs import MARK, SAFE
from tests.wsgi import Answer

ALWAYS = (
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
)
BARE = (
    b"Traceback (most",
    b"<h1>Bad Request (400)",
    b"<h1>Server Error",
    b"<h1>Not Found",
    b"403 Forbidden",
)
HOSTS = {"", "127.0.0.1", "127.0.0.1:8000", "localhost"}
UNKEPT = ("no-store", "no-cache", "private")
MAY_BE_503 = ("/healthz/ready/",)


def complaints(method: str, path: str, answer: Answer) -> Iterator[str]:
    """What is wrong with an answer."""
    status, headers, body = int(answer[0][:3]), answer[1], answer[2]
    if status >= 500 and not (status == 503 and path in MAY_BE_503):
        yield "an error of ours"
    yield from (f"without {name}" for name in ALWAYS if name not in headers)
    yield from (f"bare: {text!r}" for text in BARE if text in body)
    if status >= 400:
        yield from _of_refusal(method, headers, body)
    if "Set-Cookie" in headers and "public" in headers.get("Cache-Control", ""):
        yield "a cookie for everybody"
    if "html" in headers.get("Content-Type", "") and MARK in body:
        yield "markup that was sent comes back"
    yield from _of_target(headers.get("Location", ""))
    for name, value in headers.items():
        if any(character in value for character in "\r\n\0") or not value.isascii():
            yield f"header {name}: {value!r}"


def _of_refusal(method: str, headers: dict[str, str], body: bytes) -> Iterator[str]:
    cached = headers.get("Cache-Control", "")
    if method in SAFE and not any(word in cached for word in UNKEPT):
        yield f"a refusal that may be kept: {headers.get('Cache-Control')}"
    if method == "HEAD":
        return
    kind = headers.get("Content-Type", "")
    if "json" in kind:
        json.loads(body)
    elif "html" in kind:
        if b"</" not in body or (b"</h1>" not in body and b"</html>" in body):
            yield f"a refusal without words: {body[:80]!r}"
    elif len(body.split()) < 3:
        yield f"a refusal without a sentence: {kind} {body[:80]!r}"


def _of_target(location: str) -> Iterator[str]:
    try:
        parts = urlsplit(location)
        host, scheme = parts.netloc, parts.scheme
    except ValueError:
        yield f"leads nowhere: {location!r}"
        return
    if host not in HOSTS or scheme not in {"", "http", "https"} or location.startswith("/\\"):
        yield f"leads away: {location!r}"


def is_reading(method: str) -> bool:
    return method in SAFE
