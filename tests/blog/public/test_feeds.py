"""Feeds: valid whatever people type, complete, and addressed by the settings."""

import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import pytest
import time_machine
from defusedxml.ElementTree import fromstring
from django.test import Client
from django.utils import timezone

import pagecache
from accounts.services import update_profile
from blog.models import Post, Tag
from blog.services import edit_post, unpublish
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

FEEDS = ["/feed/", "/tags/sun/feed/", "/authors/ada/feed/"]
FORMS = ["", "atom/", "json/"]
ATOM = "{http://www.w3.org/2005/Atom}"

HOSTILE = [
    "</script><script>alert(1)</script>",
    "]]></description><item>",
    "<!DOCTYPE x [<!ENTITY e 'x'>]>&e;",
    "A & B < C > D \"E\" 'F'",
    "\U0001f525" * 100,
    "مرآة \u202egnp",
    "a\x01b\x08c\x0bd\x0ce\x1bf",
    "a\ufffeb\uffff",
    "nul-free but \x7f\x85",
]


@pytest.fixture
def mirrors(write) -> Post:
    post = write(
        "On mirrors",
        body="Full **text** with [a link](/tags/) and ![one](/media/post/a.png)\n\n" + "end " * 900,
        summary="Short.",
        tags=["sun"],
        public=True,
    )
    run_deliveries()
    return post


def feed(path: str = "/feed/", **headers: str) -> ElementTree.Element:
    answer = Client().get(path, **headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    return fromstring(answer.content)


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_complete(mirrors, path) -> None:
    channel = feed(path).find("channel")
    for name in ("title", "link", "description", "lastBuildDate"):
        assert channel.findtext(name)
    (item,) = channel.findall("item")
    assert item.findtext("title") == "On mirrors"
    assert item.findtext("link") == "http://127.0.0.1:8000/posts/on-mirrors/"
    assert item.findtext("guid")
    assert item.findtext("category") == "sun"
    text = item.findtext("description")
    assert "<strong>text</strong>" in text
    assert text.count("end") == 900, "the full text"
    mirrors.refresh_from_db()
    published = parsedate_to_datetime(item.findtext("pubDate"))
    assert published == mirrors.published_at.replace(microsecond=0)


@pytest.mark.parametrize(
    "path", [f"{feed}{form}" for feed in FEEDS for form in FORMS] + ["/sitemap.xml", "/robots.txt"]
)
def test_addresses_come_from_the_settings_whatever_the_host(mirrors, path) -> None:
    answers = [
        Client().get(path, **headers).content.decode()
        for headers in (
            {},
            {"HTTP_HOST": "localhost"},
            {"HTTP_HOST": "127.0.0.1", "HTTP_X_FORWARDED_HOST": "evil.example"},
            {"HTTP_FORWARDED": "host=evil.example", "HTTP_X_ORIGINAL_URL": "/admin/"},
        )
    ]
    assert len(set(answers)) == 1
    addresses = re.findall(r"https?://[^\s<\"']+", answers[0])
    known = ("http://127.0.0.1:8000/", "http://www.w3.org/", "http://www.sitemaps.org/")
    known += ("http://purl.org/dc/elements/1.1/", "https://jsonfeed.org/version/1.1")
    assert all(address.startswith(known) for address in addresses)


def test_nothing_in_a_feed_is_relative(mirrors) -> None:
    """A feed reader has no page to which an address could be relative."""
    text = feed().find("channel/item").findtext("description")
    found = dict(re.findall(r'(href|src)="([^"]*)"', text))
    assert found == {
        "href": "http://127.0.0.1:8000/tags/",
        "src": "http://127.0.0.1:8000/media/post/a.png",
    }


@pytest.mark.parametrize("kind", range(len(HOSTILE)))
def test_whatever_is_typed_a_feed_stays_valid(mirrors, ada, kind) -> None:
    text = HOSTILE[kind]
    tag = Tag.objects.get()
    Tag.objects.filter(pk=tag.pk).update(name=text[:50])
    update_profile(ada, display_name=text[:100])
    fresh = Post.objects.get()
    edit_post(fresh, by=None, version=fresh.version, title=text, body=text, summary=text)
    run_deliveries()
    for path in FEEDS:
        (item,) = feed(path).findall("channel/item")
        assert "<script" not in item.findtext("description")
        if text.isprintable():
            assert item.findtext("title") == text
    assert fromstring(Client().get("/sitemap.xml").content) is not None
    for path in ("/", fresh.get_absolute_url(), "/tags/sun/", "/authors/ada/", "/archive/"):
        answer = Client().get(path)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


def test_what_is_hidden_is_in_no_feed(mirrors, write, ada) -> None:
    write("Draft MARKER", tags=["sun"])
    unpublish(write("Withdrawn MARKER", tags=["sun"], public=True), by=ada)
    Post._base_manager.filter(pk=write("Planned MARKER", tags=["sun"]).pk).update(
        status="scheduled", publish_at="2999-01-01T00:00Z"
    )
    Post._base_manager.filter(pk=write("Private MARKER", tags=["sun"]).pk).update(status="private")
    run_deliveries()
    feeds = [f"{feed}{form}" for feed in FEEDS for form in FORMS]
    for path in (*feeds, "/sitemap.xml", "/", "/archive/", "/search/?q=marker"):
        page = Client().get(path).content.decode().lower()
        assert "marker" not in page.replace("q=marker", "").replace('value="marker"', "").replace(
            "<title>marker", ""
        )


@pytest.mark.expects_errors
def test_feeds_of_what_is_not_there(write, rita) -> None:
    write(tags=["empty"])
    for path in (
        "/tags/none/feed/",
        "/tags/empty/feed/",
        "/authors/rita/feed/",
        "/authors/ada/feed/",
    ):
        for form in FORMS:
            assert Client().get(f"{path}{form}").status_code == 404


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_without_items_is_the_same_a_day_later(write, form) -> None:
    write(tags=["empty"])
    before = Client().get(f"/tags/empty/feed/{form}").content
    pagecache.clear()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert Client().get(f"/tags/empty/feed/{form}").content == before


def test_a_feed_has_the_newest_twenty(write) -> None:
    for number in range(22):
        write(f"Post {number}", public=True)
    titles = [item.findtext("title") for item in feed().findall("channel/item")]
    assert titles == [f"Post {number}" for number in range(21, 1, -1)]
