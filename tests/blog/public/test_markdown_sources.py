"""Each public post as Markdown: complete, quoted, and never of what is hidden."""

import json
import re

import pytest
from django.test import Client

from accounts.services import update_profile
from blog.models import Tag
from blog.services import edit_post, unpublish
from signalflow.testing import run_deliveries
from tests.blog.public.test_feeds import HOSTILE

pytestmark = pytest.mark.django_db(transaction=True)

BODY = "Full **text**\n\n---\n\ntitle: not the title"
# What YAML 1.2 allows in a document; it ends lines at \x85, \u2028 and \u2029 too.
PRINTABLE = re.compile(
    "[\t\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
)


def source(path: str = "/posts/on-mirrors.md") -> tuple[dict, str]:
    """Front matter and text, read as a machine would."""
    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    before, matter, body = answer.content.decode().split("---\n", 2)
    assert before == ""
    assert PRINTABLE.fullmatch(matter)
    pairs = [line.split(": ", 1) for line in matter.split("\n") if line]
    return {name: json.loads(value) for name, value in pairs}, body


def test_the_source_is_complete(write) -> None:
    post = write("On mirrors", body=BODY, tags=["sun", "code"], public=True)
    run_deliveries()
    post.refresh_from_db()
    matter, body = source()
    assert body == f"\n{BODY}\n"
    assert matter == {
        "title": "On mirrors",
        "url": "http://127.0.0.1:8000/posts/on-mirrors/",
        "author": "ada",
        "published": post.published_at.isoformat(),
        "updated": post.updated_at.isoformat(),
        "tags": ["code", "sun"],
    }


def test_the_page_names_its_source(write) -> None:
    write("On mirrors", public=True)
    page = Client().get("/posts/on-mirrors/").content.decode()
    (address,) = re.findall(r'type="text/markdown"\s+href="([^"]+)"', page)
    assert source(address)[0]["title"] == "On mirrors"


def test_search_engines_are_led_to_the_page(write) -> None:
    write("On mirrors", public=True)
    answer = Client().get("/posts/on-mirrors.md")
    assert answer["Link"] == '<http://127.0.0.1:8000/posts/on-mirrors/>; rel="canonical"'
    assert "X-Robots-Tag" not in answer


def test_what_is_to_be_found_elsewhere_or_nowhere_says_so(write) -> None:
    elsewhere = "https://example.org/spiegel/über"
    write("On mirrors", public=True, canonical_url=elsewhere, is_unlisted=True)
    built, kept = (Client().get("/posts/on-mirrors.md") for _ in range(2))
    for answer in (built, kept):
        assert answer["Link"] == '<https://example.org/spiegel/%C3%BCber>; rel="canonical"'
        assert answer["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("kind", [*range(len(HOSTILE)), "lines"])
def test_nothing_breaks_out_of_the_front_matter(write, ada, kind) -> None:
    text = "a\n---\nx: y\u2028z" if kind == "lines" else HOSTILE[kind]
    post = write("On mirrors", tags=["sun"], public=True)
    Tag.objects.update(name=text[:50])
    update_profile(ada, display_name=text[:100])
    edit_post(post, by=None, version=post.version, title=text, body=text)
    run_deliveries()
    post.refresh_from_db()
    matter, body = source()
    assert matter["title"] == post.title
    assert matter["tags"] == [Tag.objects.get().name]
    assert body == f"\n{post.body}\n"


@pytest.mark.expects_errors
def test_what_is_hidden_has_no_source(write, ada) -> None:
    write("A draft")
    unpublish(write("Withdrawn", public=True), by=ada)
    author = Client()
    author.force_login(ada)
    for path in ("/posts/a-draft.md", "/posts/withdrawn.md", "/posts/none.md"):
        assert Client().get(path).status_code == 404
        assert author.get(path).status_code == 404


def test_it_is_kept_until_the_post_changes(write, django_assert_num_queries) -> None:
    post = write("On mirrors", public=True)
    source()
    with django_assert_num_queries(0):
        source()
    edit_post(post, by=None, version=post.version, body="Silver on glass.")
    assert source()[1] == "\nSilver on glass.\n"
