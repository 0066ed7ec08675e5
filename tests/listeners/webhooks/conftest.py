"""An endpoint with a real server behind it, and a resolver that answers as asked."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from listeners.webhooks.models import Endpoint


@pytest.fixture
def endpoint(db, peer) -> Endpoint:
    return Endpoint.objects.create(label="Mirror", url=peer.url)


@pytest.fixture
def names(monkeypatch) -> Callable[..., list[str]]:
    """`names(a, b)`: every host name is at `a` when it is first asked for, then at `b`."""

    def answer_with(*addresses: str) -> list[str]:
        asked: list[str] = []

        def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
            address = addresses[min(len(asked), len(addresses) - 1)]
            asked.append(host)
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return answer_with
