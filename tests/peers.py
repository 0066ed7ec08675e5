"""A real server on the loopback interface that keeps what it was told and answers as asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Thread
from typing import Any

import pytest


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Peer:
    """Somebody's program that receives our calls."""

    host: str = "127.0.0.1"
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # statuses to give first; then 200
    location: str = ""
    before_answer: Callable[[], Any] = lambda: None
    answer: Callable[[Any], None] | None = None  # writes the whole answer itself
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/hook"

    def start(self) -> None:
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                peer.handle(self)

            def log_message(self, *args: Any) -> None:
                """Nothing: the test looks at what came."""

        self.server = ThreadingHTTPServer((self.host, 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append(Request(handler.path, headers, handler.rfile.read(length)))
        self.before_answer()
        if self.answer is not None:
            self.answer(handler)
            return
        status = self.answers.pop(0) if self.answers else 200
        handler.send_response(status)
        if self.location:
            handler.send_header("Location", self.location)
        handler.send_header("Content-Length", "6")
        handler.end_headers()
        handler.wfile.write(b"thanks")


@pytest.fixture
def peers(settings) -> Iterator[Callable[..., Peer]]:
    """`peers()` starts a server; calls to the loopback interface are allowed meanwhile."""
    settings.WEBHOOK_PRIVATE_NETWORKS = [ip_network("127.0.0.0/8")]
    started: list[Peer] = []

    def start(**options: Any) -> Peer:
        peer = Peer(**options)
        peer.start()
        started.append(peer)
        return peer

    yield start
    for peer in started:
        peer.stop()


@pytest.fixture
def peer(peers) -> Peer:
    return peers()
