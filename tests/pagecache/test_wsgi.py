"""A kept page answered before Django says exactly what Django says, or leaves it to Django."""

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

import pagecache
from blog.services import edit_post
from pagecache import PageCacheWSGI, freshness
from signalflow.testing import run_deliveries
from tests.wsgi import Counting, ask

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = ["/", "/posts/on-mirrors/", "/tags/sun/", "/feed/", "/sitemap.xml", "/posts/on-mirrors.md"]


@pytest.fixture
def mirrors(write):
    post = write("On mirrors", tags=["sun"], public=True, body="Light. " * 100)
    for number in range(12):
        write(f"Light {number}", public=True)
    run_deliveries()
    return post


@pytest.fixture
def django() -> Counting:
    return Counting()


@pytest.fixture
def site(django) -> PageCacheWSGI:
    return PageCacheWSGI(django)


@pytest.mark.parametrize("coding", ["", "br", "gzip", "gzip;q=1, br;q=0"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_says_what_django_says(mirrors, site, django, coding, method) -> None:
    for path in PATHS:
        first = ask(site, path, method, HTTP_ACCEPT_ENCODING=coding)
        asked = django.asked
        again = ask(site, path, method, HTTP_ACCEPT_ENCODING=coding)
        assert django.asked == asked, f"{path} was kept"
        assert again == first
        known = {"HTTP_IF_NONE_MATCH": first[1]["ETag"], "HTTP_ACCEPT_ENCODING": coding}
        quick = ask(site, path, method, **known)
        slow = ask(django, path, method, **known)
        slow[1].pop("Content-Length")  # Django says 0, which RFC 9110 (8.6) does not allow here
        assert quick == slow
        assert quick[0] == "304 Not Modified"
        assert not quick[2]


@pytest.mark.parametrize("tag", ["W/{}", '"other", {}', "*"])
def test_validators_are_compared_weakly(mirrors, site, tag) -> None:
    etag = ask(site, "/")[1]["ETag"]
    assert ask(site, "/", HTTP_IF_NONE_MATCH=tag.format(etag))[0].startswith("304")
    assert ask(site, "/", HTTP_IF_NONE_MATCH='"other"')[0].startswith("200")


@pytest.mark.parametrize("asked", ["bytes=0-9", "bytes=-5", "bytes=5-1", "lines=1-2"])
def test_a_range_of_a_page_is_the_whole_page(mirrors, site, django, asked) -> None:
    """RFC 9110, 14.2: a server may ignore Range, and a page has no parts worth it."""
    whole = ask(site, "/")
    for condition in ({}, {"HTTP_IF_RANGE": whole[1]["ETag"]}, {"HTTP_IF_RANGE": '"other"'}):
        for application in (site, django):
            status, headers, body = ask(application, "/", HTTP_RANGE=asked, **condition)
            assert (status, body) == ("200 OK", whole[2])
            assert "Content-Range" not in headers


def test_a_change_is_seen_with_the_next_request(mirrors, site, django, ada) -> None:
    for path in PATHS:
        ask(site, path)
    edit_post(mirrors, by=ada, version=mirrors.version, title="On glass", tags=["sun", "new"])
    run_deliveries()
    quick = {path: ask(site, path) for path in PATHS}
    pagecache.clear()
    assert quick == {path: ask(django, path) for path in PATHS}
    assert b"On glass" in quick["/posts/on-mirrors/"][2]


UNUSUAL: list[dict[str, Any]] = [
    {"method": "POST"},
    {"method": "OPTIONS"},
    {"HTTP_COOKIE": "sessionid=x"},
    {"HTTP_COOKIE": "a=b; messages=x"},
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": ""},
    {"HTTP_IF_MATCH": '"x"'},
    {"HTTP_AUTHORIZATION": "Basic x"},
    {"SCRIPT_NAME": "/blog"},
    {"path": "/?page=last"},
    {"path": "/?page=2"},
    {"path": "//"},
    {"path": "/%00"},
]


@pytest.mark.expects_errors
@pytest.mark.parametrize("change", UNUSUAL, ids=str)
def test_the_unusual_is_djangos_to_answer(mirrors, site, django, change) -> None:
    ask(site, "/")
    asked = django.asked
    ask(site, **{"path": "/", **change})
    assert django.asked == asked + 1


@pytest.mark.expects_errors
def test_no_foreign_host_is_learnt(mirrors, site, django) -> None:
    ask(site, "/")
    assert ask(site, "/", HTTP_HOST="evil.example")[0].startswith("400")
    assert ask(site, "/", HTTP_HOST="evil.example")[0].startswith("400")


def test_junk_in_a_query_finds_the_kept_page(mirrors, site, django) -> None:
    first, second = ask(site, "/"), ask(site, "/?page=2")
    asked = django.asked
    assert ask(site, "/?utm_source=x&y=%FF") == first
    assert ask(site, "/?page=2&utm_source=x") == second
    assert django.asked == asked
    assert first != second


@pytest.mark.expects_errors
def test_the_part_of_a_sitemap_is_another_page(mirrors, site) -> None:
    """Its parameter is called "p"; a page that heeds only "page" is not taken for it."""
    ask(site, "/sitemap-posts.xml")
    assert b"p=2" not in ask(site, "/sitemap-posts.xml?p=1")[2]
    assert ask(site, "/sitemap-posts.xml?p=9")[0].startswith("404")


def test_https_is_asked_for_where_the_site_demands_it(mirrors, site, settings) -> None:
    ask(site, "/")
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    site.application = WSGIHandler()  # middleware reads its settings once
    assert ask(site, "/")[0].startswith("301")
    secure = ask(site, "/", HTTP_X_FORWARDED_PROTO="https")
    assert secure[0].startswith("200")
    assert ask(site, "/", HTTP_X_FORWARDED_PROTO="http")[0].startswith("301")


def test_a_name_that_is_not_ascii_is_found(write, site, django) -> None:
    post = write("Über Spiegel", public=True)
    run_deliveries()
    path = f"/posts/{post.slug}/"
    first = ask(site, path)
    asked = django.asked
    assert ask(site, path) == first
    assert first[0].startswith("200")
    assert django.asked == asked


@pytest.mark.expects_errors
def test_without_its_clock_the_site_still_answers(mirrors, site, django, monkeypatch) -> None:
    ask(site, "/")
    monkeypatch.setattr(freshness, "generations", None)
    asked = django.asked
    assert b"On mirrors" in ask(site, "/?page=2")[2]
    assert ask(site, "/")[0].startswith("200")
    assert django.asked == asked + 2
