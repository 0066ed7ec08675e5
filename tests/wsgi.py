"""Requests as a web server hands them on, without the conveniences of a test client."""

import io
from typing import Any

from django.core.handlers.wsgi import WSGIHandler

Answer = tuple[str, dict[str, str], bytes]


class Counting:
    """Django, and how often it was asked."""

    def __init__(self) -> None:
        self.django, self.asked = WSGIHandler(), 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.asked += 1
        return self.django(environ, start_response)


def ask(application: Any, path: str, method: str = "GET", **environ: Any) -> Answer:
    route, _, query = path.partition("?")
    told: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        names = [name for name, _ in headers if name != "Set-Cookie"]
        assert len(set(names)) == len(names), "a header was said twice"
        told.update(status=status, headers=dict(headers))

    body = application(
        {
            "REQUEST_METHOD": method,
            "PATH_INFO": route.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            **environ,
        },
        start_response,
    )
    try:
        return told["status"], told["headers"], b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()
