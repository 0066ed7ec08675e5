"""Atom and JSON Feed say what RSS says: the same posts, under the same ids, each in its form."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from defusedxml.ElementTree import fromstring
from django.core.files.base import ContentFile
from django.test import Client

import pagecache
from accounts.services import update_profile
from blog.models import Post, Tag
from blog.services import edit_post
from signalflow.testing import run_deliveries
from tests.blog.public.test_feeds import FEEDS, HOSTILE

pytestmark = pytest.mark.django_db(transaction=True)

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "http://127.0.0.1:8000"


@pytest.fixture
def mirrors(write) -> Post:
    body = "Full **text** with [a link](/tags/)\n\n" + "end " * 900
    post = write("On mirrors", body=body, summary="Short.", tags=["sun"], public=True)
    write("On light", tags=["sun"], public=True)
    run_deliveries()
    return Post.objects.get(pk=post.pk)


def atom(path: str) -> ElementTree.Element:
    answer = Client().get(f"{path}atom/")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return fromstring(answer.content)


def json_feed(path: str) -> dict[str, Any]:
    answer = Client().get(f"{path}json/")
    assert answer.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    return json.loads(answer.content)


def rss_ids(path: str) -> list[str]:
    return [guid.text for guid in fromstring(Client().get(path).content).iter("guid")]


@pytest.mark.parametrize("path", FEEDS)
def test_atom_is_complete(mirrors, path) -> None:
    feed = atom(path)
    newest, entry = feed.findall(f"{ATOM}entry")
    for name in ("id", "title", "updated"):
        assert feed.findtext(f"{ATOM}{name}")
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"{SITE}{path}atom/"
    assert newest.findtext(f"{ATOM}title") == "On light"
    assert entry.findtext(f"{ATOM}title") == "On mirrors"
    assert entry.find(f"{ATOM}link").get("href") == f"{SITE}/posts/on-mirrors/"
    assert entry.findtext(f"{ATOM}summary") == "Short."
    content = entry.find(f"{ATOM}content")
    assert content.get("type") == "html"
    assert content.text.count("end") == 900
    assert f'href="{SITE}/tags/"' in content.text
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "ada"
    assert entry.findtext(f"{ATOM}author/{ATOM}uri") == f"{SITE}/authors/ada/"
    assert entry.find(f"{ATOM}category").get("term") == "sun"
    updated = datetime.fromisoformat(entry.findtext(f"{ATOM}updated"))
    assert updated == mirrors.updated_at


@pytest.mark.parametrize("path", FEEDS)
def test_json_feed_is_complete(mirrors, path) -> None:
    feed = json_feed(path)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{SITE}{path}json/"
    item = feed["items"][1]
    assert item["content_html"].count("end") == 900
    assert f'href="{SITE}/tags/"' in item["content_html"]
    published = datetime.fromisoformat(item["date_published"])
    assert published == mirrors.published_at
    for name in ("id", "date_modified", "content_html", "date_published"):
        assert isinstance(item.pop(name), str)
    assert item == {
        "url": f"{SITE}/posts/on-mirrors/",
        "title": "On mirrors",
        "summary": "Short.",
        "authors": [{"name": "ada", "url": f"{SITE}/authors/ada/"}],
        "tags": ["sun"],
    }


@pytest.mark.parametrize("kind", range(len(HOSTILE)))
def test_whatever_is_typed_every_format_stays_valid(mirrors, ada, kind) -> None:
    text = HOSTILE[kind]
    Tag.objects.filter(name="sun").update(name=text[:50])
    update_profile(ada, display_name=text[:100])
    edit_post(mirrors, by=None, version=mirrors.version, title=text, body=text, summary=text)
    run_deliveries()
    for path in FEEDS:
        entry = atom(path).findall(f"{ATOM}entry")[1]
        item = json_feed(path)["items"][1]
        assert entry.findtext(f"{ATOM}title") == item["title"]
        assert entry.findtext(f"{ATOM}content") == item["content_html"]
        assert "<script" not in item["content_html"]
        assert item["authors"][0]["name"]
        if text.isprintable():
            assert item["title"] == item["summary"] == text


def test_ids_are_unique_stable_and_the_same_in_every_format(mirrors) -> None:
    before = rss_ids("/feed/")
    edit_post(mirrors, by=None, version=mirrors.version, title="Another", body="Changed.")
    run_deliveries()
    for path in FEEDS:
        entries = atom(path).findall(f"{ATOM}entry")
        assert rss_ids(path) == before
        assert [entry.findtext(f"{ATOM}id") for entry in entries] == before
        assert [item["id"] for item in json_feed(path)["items"]] == before
    assert len(set(before)) == 2
    assert all(re.fullmatch(r"tag:[\w.-]+,\d{4}-\d\d-\d\d:post-\d+", guid) for guid in before)


def test_the_image_goes_along_while_its_file_is_there(mirrors, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    upload = ContentFile(b"x" * 321, name="light.webp")
    edit_post(mirrors, by=None, version=mirrors.version, image=upload, image_alt="Light")
    run_deliveries()
    mirrors.refresh_from_db()
    address = f"{SITE}{mirrors.image.url}"
    expected = {"length": "321", "type": "image/webp"}
    rss = fromstring(Client().get("/feed/").content).find("channel/item[2]/enclosure")
    assert rss.attrib == {"url": address, **expected}
    (link,) = atom("/feed/").iterfind(f"{ATOM}entry/{ATOM}link[@rel='enclosure']")
    assert link.attrib == {"rel": "enclosure", "href": address, **expected}
    assert json_feed("/feed/")["items"][1]["image"] == address
    mirrors.image.storage.delete(mirrors.image.name)
    pagecache.clear()
    assert b"<enclosure" not in Client().get("/feed/").content
    assert len(atom("/feed/").findall(f"{ATOM}entry")) == 2
    assert "image" not in json_feed("/feed/")["items"][1]


@pytest.mark.parametrize(
    ("page", "path"), [("/", FEEDS[0]), ("/tags/sun/", FEEDS[1]), ("/authors/ada/", FEEDS[2])]
)
def test_a_page_names_its_feeds(mirrors, page, path) -> None:
    links = re.findall(r"<link rel=\"alternate\"[^>]*>", Client().get(page).content.decode())
    found = {re.search('type="([^"]+)"', link)[1]: link for link in links}  # the page's come last
    assert set(found) == {"application/rss+xml", "application/atom+xml", "application/feed+json"}
    for kind, link in found.items():
        address = re.search('href="([^"]+)"', link)[1]
        answer = Client().get(address)
        assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert urlsplit(address).path.startswith(path)
