"""The sitemap names every public page once, by its schema, in one file or in many."""

import re
from datetime import datetime
from xml.etree import ElementTree

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client

from blog.models import Post
from blog.public import sitemaps
from blog.services import edit_post, unpublish
from signalflow.testing import run_deliveries
from tests.samples import sample

pytestmark = pytest.mark.django_db(transaction=True)

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XSD = "{http://www.w3.org/2001/XMLSchema}"
SITE = "http://127.0.0.1:8000"


def read(path: str, **headers: str) -> ElementTree.Element:
    answer = Client().get(path, **headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/xml"
    return fromstring(answer.content)


def places(path: str) -> list[str]:
    return [url.findtext(f"{MAP}loc") for url in read(path).findall(f"{MAP}url")]


def parts(**headers: str) -> dict[str, str | None]:
    """The files the index names, with their dates."""
    root = read("/sitemap.xml", **headers)
    assert root.tag == f"{MAP}sitemapindex"
    return {part.findtext(f"{MAP}loc"): part.findtext(f"{MAP}lastmod") for part in root}


@pytest.fixture
def posts(write) -> list[Post]:
    found = [write(f"Post {number}", tags=["sun"], public=True) for number in range(5)]
    run_deliveries()
    return found


@pytest.fixture
def split(posts, monkeypatch) -> None:
    monkeypatch.setattr(sitemaps._OwnAddress, "limit", 2)


def test_the_sitemap_names_every_public_page_once(write) -> None:
    write("On mirrors", tags=["sun"], public=True)
    write("Ünïcode & <signs>", public=True)
    write("Draft")
    run_deliveries()
    found = places("/sitemap.xml")
    assert len(found) == len(set(found)) == 3
    for place in found:
        assert place.isascii()
        assert Client().get(place.removeprefix(SITE)).status_code == 200


def assert_valid(root: ElementTree.Element) -> None:
    schema = fromstring(sample("schema", "sitemap.xsd").read_bytes())
    known = {element.get("name") for element in schema.iter(f"{XSD}element")}
    assert root.tag == f"{MAP}urlset"
    assert len(root)
    for element in root.iter():
        assert element.tag.removeprefix(MAP) in known
    order = ["loc", "lastmod", "changefreq", "priority"]
    for url in root:
        names = [child.tag.removeprefix(MAP) for child in url]
        assert names == [name for name in order if name in names]
        assert names[0] == "loc"
        date = url.findtext(f"{MAP}lastmod")
        assert date is None or re.match(r"\d{4}-\d\d-\d\d(T[\d:+Z.-]+)?$", date)


def test_the_sitemap_keeps_to_its_schema(posts) -> None:
    assert_valid(read("/sitemap.xml"))


def test_every_part_keeps_to_its_schema(split) -> None:
    for part in parts():
        assert_valid(read(part.removeprefix(SITE)))


def test_a_long_sitemap_becomes_an_index(split) -> None:
    named = list(parts())
    assert named == [
        f"{SITE}/sitemap-posts.xml",
        f"{SITE}/sitemap-posts.xml?p=2",
        f"{SITE}/sitemap-posts.xml?p=3",
        f"{SITE}/sitemap-tags.xml",
    ]
    for _again in range(2):  # the second time from the cache: each page is kept for itself
        found = [place for part in named for place in places(part.removeprefix(SITE))]
        assert len(found) == len(set(found)) == 6
    assert set(found) == {f"{SITE}/posts/post-{n}/" for n in range(5)} | {f"{SITE}/tags/sun/"}


def test_the_index_is_addressed_by_the_settings(split) -> None:
    assert parts() == parts(HTTP_HOST="localhost")
    assert all(place.startswith(f"{SITE}/") for place in parts(HTTP_HOST="localhost"))


def test_the_index_has_the_newest_change(split, posts) -> None:
    before = parts()
    post = Post.objects.get(pk=posts[0].pk)
    edit_post(post, by=None, version=post.version, body="Changed.")
    run_deliveries()
    post.refresh_from_db()
    after = parts()
    assert after.keys() == before.keys()
    for date in after.values():
        assert datetime.fromisoformat(date) == post.updated_at


def test_parts_come_and_go_with_posts(split, posts, write, ada) -> None:
    parts()
    for post in posts[:3]:
        unpublish(post, by=ada)
    run_deliveries()
    assert len(places("/sitemap.xml")) == 3, "short again: one file"
    assert places("/sitemap-posts.xml") == [f"{SITE}/posts/post-{n}/" for n in (4, 3)]


def test_a_section_without_pages_is_not_named(write, monkeypatch) -> None:
    monkeypatch.setattr(sitemaps._OwnAddress, "limit", 1)
    for title in ("One", "Two"):
        write(title, public=True)
    assert list(parts()) == [f"{SITE}/sitemap-posts.xml", f"{SITE}/sitemap-posts.xml?p=2"]


@pytest.mark.expects_errors
@pytest.mark.parametrize("path", ["-none.xml", "-posts.xml?p=4", "-posts.xml?p=x"])
def test_there_is_no_other_part(split, path) -> None:
    assert Client().get("/sitemap-posts.xml").status_code == 200
    assert Client().get(f"/sitemap{path}").status_code == 404


def test_robots_are_told_the_way() -> None:
    answer = Client().get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /studio/" in lines
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in lines
