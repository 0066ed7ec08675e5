"""Mail servers of every temper, and a look at what one of them was told."""

import re
import socket
from collections.abc import Iterator

import pytest

from tests.site import Sink

LINK = re.compile(r"http://127\.0\.0\.1:8000(/\S+)")


class Silent:
    """A server that takes connections and never greets."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self.socket.getsockname()[1]

    def connections(self) -> int:
        """How many came since this was asked last."""
        self.socket.setblocking(False)
        count = 0
        while True:
            try:
                self.socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


@pytest.fixture
def silent(settings) -> Iterator[Silent]:
    server = Silent()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_TIMEOUT = 0.5
    yield server
    server.socket.close()


def send_to(settings, sink: Sink) -> None:
    """The mail server is there (again)."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, port = sink.url.removeprefix("smtp://").split(":")
    settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = int(port), 5


def text_of(mail) -> str:
    """The text part of a mail, as a mail program shows it."""
    part = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    return part.get_payload(decode=True).decode()


def link_in(text: str) -> str:
    return LINK.search(text)[1]
