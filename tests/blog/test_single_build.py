"""Many readers of a page that has just changed: one of them builds it, all see the change."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.test import Client
from django.test.signals import template_rendered

import pagecache
from blog.services import edit_post
from pagecache import pages as stored_pages
from signalflow.testing import run_deliveries
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/posts/on-mirrors/"


@pytest.fixture
def mirrors(write):
    post = write("On mirrors", public=True, body="Light. " * 200)
    run_deliveries()
    return post


def read() -> str:
    return Client().get(PATH, headers={"accept-encoding": "identity"}).content.decode()


@contextmanager
def building(first: threading.Event | None = None) -> Iterator[list[str]]:
    """The names of the threads that build the page; the first of them waits for an event."""
    seen: list[str] = []

    def look(template, **kwargs) -> None:
        if template.name == "blog/post.html":
            seen.append(threading.current_thread().name)
            if len(seen) == 1 and first is not None:
                assert first.wait(20)

    template_rendered.connect(look)
    try:
        yield seen
    finally:
        template_rendered.disconnect(look)


def wait_for(seen: list[str]) -> None:
    for _ in range(2000):
        if seen:
            return
        threading.Event().wait(0.01)
    raise AssertionError("nobody builds the page")


def test_one_of_many_readers_builds_the_page(mirrors) -> None:
    pagecache.clear()
    with building() as seen:
        pages = together(*[read] * 4)
    assert len(seen) == 1
    assert len(set(pages)) == 1


def test_who_waited_is_not_shown_what_changed_meanwhile(mirrors, ada) -> None:
    pagecache.clear()
    go_on, pages = threading.Event(), []
    with building(go_on) as seen:
        slow = threading.Thread(target=lambda: pages.extend(together(read)))
        slow.start()
        wait_for(seen)
        edit_post(mirrors, by=ada, version=mirrors.version, title="On glass")
        quick = threading.Thread(target=lambda: pages.extend(together(read)))
        quick.start()
        quick.join(0.2)
        assert quick.is_alive(), "it waits for the first"
        go_on.set()
        slow.join(20)
        quick.join(20)
    assert len(seen) == 2
    assert "On glass" in pages[1]
    assert "On glass" in read()


def test_nobody_waits_for_ever(mirrors, monkeypatch) -> None:
    monkeypatch.setattr(stored_pages, "LOCK_TIMEOUT_SECONDS", 0.1)
    pagecache.clear()
    go_on = threading.Event()
    with building(go_on) as seen:
        stuck = threading.Thread(target=lambda: together(read))
        stuck.start()
        wait_for(seen)
        assert "On mirrors" in read()
        assert len(seen) == 2
        go_on.set()
        stuck.join(20)
