"""What pages tell search engines: JSON-LD that parses, whatever people are called."""

import json
from datetime import datetime
from html.parser import HTMLParser

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from accounts.services import update_profile
from blog.models import Post, Tag
from blog.services import edit_post
from signalflow.testing import run_deliveries
from tests.blog.public.test_feeds import HOSTILE

pytestmark = pytest.mark.django_db(transaction=True)

SITE = "http://127.0.0.1:8000"
PAGES = {
    "/posts/on-mirrors/": {"BlogPosting", "BreadcrumbList"},
    "/tags/sun/": {"BreadcrumbList"},
    "/authors/ada/": {"Person", "BreadcrumbList"},
}


class Scripts(HTMLParser):
    """The contents of the JSON-LD elements, ended where a browser would end them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = False

    def handle_starttag(self, tag, attrs) -> None:
        self.inside = tag == "script" and dict(attrs).get("type") == "application/ld+json"
        if self.inside:
            self.found.append("")

    def handle_endtag(self, tag) -> None:
        self.inside = False

    def handle_data(self, data) -> None:
        if self.inside:
            self.found[-1] += data


def told(path: str) -> dict[str, dict]:
    parser = Scripts()
    parser.feed(Client().get(path).content.decode())
    things = [json.loads(text) for text in parser.found]
    assert all(thing["@context"] == "https://schema.org" for thing in things)
    return {thing["@type"]: thing for thing in things}


@pytest.fixture
def mirrors(write) -> Post:
    post = write("On mirrors", body="Four words of text", tags=["sun"], public=True)
    run_deliveries()
    return Post.objects.get(pk=post.pk)


def test_a_post_is_told_whole(mirrors, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    upload = ContentFile(b"x", name="light.webp")
    edit_post(mirrors, by=None, version=1, image=upload, image_alt="Light", summary="Short.")
    mirrors.refresh_from_db()
    post = told("/posts/on-mirrors/")["BlogPosting"]
    assert datetime.fromisoformat(post.pop("datePublished")) == mirrors.published_at
    assert datetime.fromisoformat(post.pop("dateModified")) == mirrors.updated_at
    assert post == {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": "On mirrors",
        "description": "Short.",
        "url": f"{SITE}/posts/on-mirrors/",
        "author": {"@type": "Person", "name": "ada", "url": f"{SITE}/authors/ada/"},
        "keywords": ["sun"],
        "wordCount": 4,
        "image": {"@type": "ImageObject", "url": f"{SITE}{mirrors.image.url}"},
    }


def test_an_author_is_told_as_the_page_shows_them(mirrors, ada) -> None:
    update_profile(ada, display_name="Ada L.", bio="Counts.", website="https://ada.example/")
    assert told("/authors/ada/")["Person"] == {
        "@context": "https://schema.org",
        "@type": "Person",
        "name": "Ada L.",
        "url": f"{SITE}/authors/ada/",
        "description": "Counts.",
        "sameAs": "https://ada.example/",
    }


@pytest.mark.parametrize("path", PAGES)
def test_the_way_to_a_page_can_be_walked(mirrors, path, settings) -> None:
    way = told(path)["BreadcrumbList"]["itemListElement"]
    assert [step["position"] for step in way] == list(range(1, len(way) + 1))
    assert way[0]["name"] == settings.SITE_NAME
    assert way[-1]["item"] == f"{SITE}{path}"
    for step in way:
        assert step["item"].startswith(f"{SITE}/")
        assert Client().get(step["item"].removeprefix(SITE)).status_code == 200


@pytest.mark.parametrize("kind", range(len(HOSTILE)))
def test_whatever_is_typed_the_data_parses_and_stays_inside(mirrors, ada, kind) -> None:
    text = HOSTILE[kind]
    Tag.objects.update(name=text[:50])
    update_profile(ada, display_name=text[:100], bio=text)
    edit_post(mirrors, by=None, version=1, title=text, body=text, summary=text)
    run_deliveries()
    mirrors.refresh_from_db()
    ada.refresh_from_db()
    names = [mirrors.title, Tag.objects.get().name, ada.public_name]
    for (path, kinds), name in zip(PAGES.items(), names, strict=True):
        things = told(path)
        assert set(things) == kinds
        assert things["BreadcrumbList"]["itemListElement"][-1]["name"] == name
    assert told("/posts/on-mirrors/")["BlogPosting"]["headline"] == mirrors.title
