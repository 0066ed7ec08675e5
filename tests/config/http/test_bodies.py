"""Which bodies are taken, and what is said about the others."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import FileResponse, HttpResponse

from config.http import refusals
from config.http.bodies import RefusedError, Slots, WholeRequests
from config.http.refusals import CUT_SHORT, Refusal
from tests.wsgi import Answer, ask

pytestmark = pytest.mark.django_db

TEMPLATES = Path(__file__).parents[3] / "templates"


def post(body: bytes = b"", **environ: Any) -> Answer:
    given = {"wsgi.input": io.BytesIO(body), "CONTENT_TYPE": "text/plain"} | environ
    return ask(WholeRequests(WSGIHandler()), "/subscribe/", "POST", **given)


@pytest.mark.parametrize(
    ("environ", "status", "words"),
    [
        ({"CONTENT_LENGTH": "3000000"}, 413, "At most 2 MB can be sent at once."),
        ({"CONTENT_LENGTH": "9" * 30}, 413, "At most 2 MB can be sent at once."),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411, "how long its message is"),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "3"}, 411, "how long"),
        ({"CONTENT_LENGTH": "-1"}, 400, "did not arrive in full"),
        ({"CONTENT_LENGTH": "a"}, 400, "did not arrive in full"),
        ({"CONTENT_LENGTH": "٣"}, 400, "did not arrive in full"),
        ({"CONTENT_LENGTH": "4"}, 400, "did not arrive in full"),
    ],
)
def test_a_refusal_is_a_page_of_ours(
    settings, environ: dict[str, str], status: int, words: str
) -> None:
    settings.BODY_MAX_BYTES = 2_000_000
    told, headers, page = post(b"abc", **environ)
    assert told.startswith(f"{status} ")
    assert words in page.decode()
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.expects_errors
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("config.http.bodies.SpooledTemporaryFile", lambda _: Full())
    told, headers, page = post(b"abc", CONTENT_LENGTH="3")
    assert told.startswith("503 ")
    assert headers["Retry-After"] == "10"
    assert "send it again in a moment" in page.decode()


def test_whoever_has_its_share_of_threads_waits_for_them_alone(settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    slots = Slots(total=5, each=2)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(slots.of("192.0.2.1"))
        with pytest.raises(RefusedError), slots.of("192.0.2.1"):
            pass
        for _ in range(3):  # a proxy sends for many
            stack.enter_context(slots.of("10.0.0.1"))
        with pytest.raises(RefusedError), slots.of("192.0.2.2"):
            pass
    for address in ("192.0.2.1", "192.0.2.2"):
        with slots.of(address):
            pass


class Closing:
    """A file that knows whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"a", b"b")

    def close(self) -> None:
        self.closed = True


def served(response: HttpResponse | FileResponse) -> Any:
    return WholeRequests(lambda *_: response)({}, None)


def test_a_file_is_handed_over_in_one_piece_and_closed() -> None:
    file = Closing()
    assert served(FileResponse(file, headers={"Content-Length": "2"})) == [b"ab"]
    assert file.closed


def test_what_has_no_end_yet_goes_on_streaming() -> None:
    file = Closing()
    response = FileResponse(file)
    del response.headers["Content-Length"]
    assert served(response) is response
    assert not file.closed


def test_what_is_said_is_written_in_one_place() -> None:
    """Pages that have no header of the site are one document with other words."""
    documents = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if "<!doctype" in path.read_text().lower()
    }
    assert documents == {"base.html", "emails/base.html", "refusal.html"}
    said = [refused.title for refused in vars(refusals).values() if isinstance(refused, Refusal)]
    assert CUT_SHORT.title in said
    templates = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    titles = {str(title) for title in [*said, *(each.title for each in refusals.USUAL.values())]}
    assert [title for title in titles if templates.count(title) > 0] == []
