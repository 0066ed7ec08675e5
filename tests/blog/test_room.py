"""The store of kept pages takes the room it says it takes."""

import gc
import tracemalloc

import brotli
import pytest
from django.http import HttpResponse
from django.test import Client

import pagecache
from pagecache import Dependencies, PageCacheWSGI, pages
from pagecache import responses as representations
from pagecache.responses import Representation
from signalflow.testing import run_deliveries
from tests.wsgi import Counting, ask

PAGES = 1000
TABLE = 500_000  # bytes in one piece: no page, but the interpreter's table of known strings


def keep(number: int) -> None:
    """A page as large as a home page, which shares most of its topics with others."""
    text = " ".join(f"{word * number:x}" for word in range(1000))
    page = Representation.of(HttpResponse(text), "br")
    noted = Dependencies(
        {f"card:{number + other}" for other in range(20)} | {"posts", f"post:{number}"}
    )
    kept = pages.store(f"/posts/post-{number}/", 1, noted, page, {})
    kept.ready["br"] = page.ready("br", [])


def test_what_it_says_is_what_it_takes(settings) -> None:
    pages.pages.clear()
    keep(0)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(1, PAGES + 1):
            keep(number)
        gc.collect()
        traces = tracemalloc.take_snapshot().traces
    finally:
        tracemalloc.stop()
    taken = sum(trace.size for trace in traces if trace.size < TABLE)
    assert 0.85 < pages.pages.used / taken < 1.15


def at_most(function, times: int):
    """A function that fails when it is called more often."""
    left = list(range(times))

    def call(*arguments):
        left.pop()
        return function(*arguments)

    return call


@pytest.mark.django_db(transaction=True)
def test_a_coding_is_made_when_it_is_asked_for_first(write, monkeypatch) -> None:
    write("On mirrors", public=True, body="Light. " * 200)
    run_deliveries()
    pagecache.clear()
    site = PageCacheWSGI(Counting())
    ask(site, "/", HTTP_ACCEPT_ENCODING="br")
    kept = pages.pages.get("/")
    assert kept is not None
    assert set(kept.page.codings) == {"br"}
    before = pages.pages.used
    monkeypatch.setitem(representations._UNPACK, "br", at_most(brotli.decompress, 2))
    for accepted in ("gzip", "gzip", "", ""):
        body = ask(site, "/", HTTP_ACCEPT_ENCODING=accepted)[2]
        assert len(body) == len(Client().get("/", headers={"accept-encoding": accepted}).content)
    codings = kept.page.codings
    assert set(codings) == {"br", "gzip", ""}
    assert pages.pages.used == before + len(codings["gzip"]) + len(codings[""]), "with room for it"


@pytest.mark.django_db(transaction=True)
def test_the_room_is_never_more_than_was_given(write, monkeypatch) -> None:
    for number in range(6):
        write(f"Mirror {number}", public=True, body=f"Light {number}. " * 200)
    run_deliveries()
    monkeypatch.setattr(pages.pages, "limit", 15_000)
    for accepted in ("br", "gzip", "br"):
        for number in range(6):
            Client().get(f"/posts/mirror-{number}/", headers={"accept-encoding": accepted})
            kept = [pages.pages.get(f"/posts/mirror-{one}/") for one in range(6)]
            assert pages.pages.used <= 15_000
            assert pages.pages.used >= sum(one.size for one in kept if one)
    assert any(kept)
    pages.pages.clear()
    assert pages.pages.used == 0
