"""Which bodies are taken over ASGI."""

import asyncio
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from config.asgi import application
from config.http.headers import of_every_answer

pytestmark = pytest.mark.django_db

FORM = (b"content-type", b"application/x-www-form-urlencoded")


def send(pieces: list[bytes], *headers: tuple[bytes, bytes], ends: bool = True) -> tuple[Any, str]:
    """The start of the answer, and its body, to a form sent in pieces."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/nothing/",
        "query_string": b"",
        "client": ["192.0.2.1", 1],
        "headers": [(b"host", b"localhost"), FORM, *headers],
    }

    async def ask_once() -> list[Any]:
        communicator = ApplicationCommunicator(application, scope)
        for number, piece in enumerate(pieces, start=1):
            more = number < len(pieces) or not ends
            message = {"type": "http.request", "body": piece, "more_body": more}
            await communicator.send_input(message)
        return [await communicator.receive_output(8), await communicator.receive_output(8)]

    start, body = asyncio.run(ask_once())
    return start, body["body"].decode()


def assert_refused(answer: tuple[Any, str], status: int, words: str) -> None:
    start, body = answer
    assert start["status"] == status
    assert words in body
    names = {name.decode() for name, _ in start["headers"]}
    assert {name.lower() for name in of_every_answer()} <= names


@pytest.mark.parametrize(
    ("header", "status", "words"),
    [
        ((b"content-length", b"3000000"), 413, "At most 2 MB can be sent at once."),
        ((b"content-length", b"9" * 30), 413, "At most 2 MB can be sent at once."),
        ((b"transfer-encoding", b"chunked"), 411, "how long its message is"),
        ((b"content-length", b"-1"), 400, "did not arrive in full"),
    ],
)
def test_what_a_body_says_of_itself(settings, header: Any, status: int, words: str) -> None:
    settings.BODY_MAX_BYTES = 2_000_000
    assert_refused(send([b"a=b"], header), status, words)


def test_a_body_that_says_nothing_is_counted(settings) -> None:
    settings.BODY_MAX_BYTES = 2_000_000
    pieces = [b"x" * 1_000_000] * 3  # as HTTP/2 allows
    assert_refused(send(pieces), 413, "At most 2 MB can be sent at once.")


def test_a_body_that_stays_out_is_ended(settings) -> None:
    settings.BODY_SECONDS = 1
    answer = send([b"a="], (b"content-length", b"9"), ends=False)
    assert_refused(answer, 408, "did not arrive in time")


def test_a_body_within_the_bounds_reaches_django() -> None:
    start, body = send([b"a=", b"b"], (b"content-length", b"3"))
    assert start["status"] in {403, 404}
    assert "did not arrive" not in body
