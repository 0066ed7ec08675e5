"""What readers must load besides the words: style, script, markup; compressed as it is sent."""

import re

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from blog.services import feature
from comments.services import approve_comment, submit_comment

pytestmark = pytest.mark.django_db(transaction=True)

STYLE, STYLE_AND_SCRIPT, MARKUP = 20_000, 30_000, 8_000  # bytes at most
KEY = "/posts/on-mirrors/"


@pytest.fixture
def pages(write, edith, rita) -> dict[str, str]:
    """The pages that are read most, full: ten posts and three featured; a conversation."""
    for number in range(13):
        post = write(f"Post {number}", public=True, tags=["sun", "sea", "salt"], summary="Words.")
        if number < 3:
            feature(post, by=edith)
    body = "\n\n".join(f"## Part {number}\n\nWords." for number in range(10))
    post = write("On mirrors", public=True, tags=["sun", "sea"], body=body)
    for _ in range(20):
        approve_comment(submit_comment(post, author=rita, body="Yes."), by=None)
    return {path: Client().get(path).content.decode() for path in ("/", KEY)}


def weight(text: str | bytes) -> int:
    return len(brotli.compress(text.encode() if isinstance(text, str) else text))


def files(page: str, pattern: str) -> list[bytes]:
    """The static files a page names, as they lie in the project."""
    found = []
    for name in re.findall(pattern, page):
        with open(finders.find(name), "rb") as file:
            found.append(file.read())
    return found


def test_style_and_script_are_light(pages) -> None:
    for path, page in pages.items():
        style = files(page, r'<link rel="stylesheet"\s+href="/static/([^"]+)"')
        script = files(page, r'<script src="/static/([^"]+)"')
        assert (len(style), len(script)) == (3, 1), path
        assert sum(map(weight, style)) <= STYLE
        assert sum(map(weight, [*style, *script])) <= STYLE_AND_SCRIPT
        assert b"@import" not in b"".join(style)
        assert b"@font-face" not in b"".join(style), "no web font"


def test_the_markup_is_light(pages) -> None:
    for path, page in pages.items():
        head, main = page.split("<main", 1)
        assert weight(head + re.sub(r">[^<]+<", "><", main)) <= MARKUP, path


def test_nothing_comes_from_elsewhere(pages) -> None:
    for page in pages.values():
        assert not re.findall(r'(?:src|srcset|<link[^>]+stylesheet[^>]+href)="(?:https?:)?//', page)
