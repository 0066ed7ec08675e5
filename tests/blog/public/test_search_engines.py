"""What an author tells search engines about a post, from the form to the page."""

from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from blog.models import Post
from blog.services import create_post, edit_post
from tests.blog.public.test_structured_data import told

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "http://127.0.0.1:8000/posts/on-mirrors/"
THERE = "https://elsewhere.example/mirrors?a=1&b=2"


class Head(HTMLParser):
    """Titles, metas and links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        values = dict(attrs)
        self.inside = tag == "title" and "title" not in self.found
        if tag == "meta" and (name := values.get("name") or values.get("property")):
            self.found[name] = values["content"] or ""
        if tag == "link" and values["rel"] == "canonical":
            self.found["canonical"] = values["href"]

    def handle_data(self, data) -> None:
        if self.inside:
            self.found["title"] = data
            self.inside = False


def head() -> dict[str, str]:
    return Head(Client().get("/posts/on-mirrors/").content.decode()).found


@pytest.fixture
def mirrors(write) -> Post:
    return write("On mirrors", summary="Short.", public=True)


def save(post: Post, author, **fields: str):
    client = Client()
    client.force_login(author)
    version = Post.objects.get(pk=post.pk).version
    typed = {"title": "On mirrors", "summary": "Short.", "body": "Text.", "tags": ""}
    return client.post(
        f"/studio/posts/{post.pk}/edit/", {**typed, "version": version, "do": "save", **fields}
    )


def test_without_them_title_and_summary_serve(mirrors) -> None:
    found = head()
    assert found["title"] == "On mirrors · Heliograph"
    assert found["description"] == found["og:description"] == "Short."
    assert found["og:title"] == found["twitter:title"] == "On mirrors"
    assert found["canonical"] == found["og:url"] == HERE
    assert "robots" not in found


def test_what_the_form_takes_is_on_the_page(mirrors, ada) -> None:
    answer = save(
        mirrors,
        ada,
        search_title="Mirrors </title><script>",
        search_description='All "about" mirrors',
        canonical_url=THERE,
        is_unlisted="on",
    )
    assert answer.status_code == 302
    found = head()
    assert found["title"] == "Mirrors </title><script> · Heliograph"
    assert found["og:title"] == found["twitter:title"] == "Mirrors </title><script>"
    for name in ("description", "og:description", "twitter:description"):
        assert found[name] == 'All "about" mirrors'
    assert found["canonical"] == found["og:url"] == THERE
    assert found["robots"] == "noindex"
    data = told("/posts/on-mirrors/")["BlogPosting"]
    assert (data["headline"], data["description"], data["url"]) == (
        "Mirrors </title><script>",
        'All "about" mirrors',
        THERE,
    )
    page = Client().get("/posts/on-mirrors/").content.decode()
    assert '<h1 class="post-title "\n      dir="auto">On mirrors</h1>' in page


@pytest.mark.parametrize("fields", [{"is_unlisted": "on"}, {"canonical_url": THERE}])
def test_the_sitemap_names_what_is_to_be_found_here(mirrors, write, ada, fields) -> None:
    write("Another", public=True)
    assert HERE in Client().get("/sitemap.xml").content.decode()
    save(mirrors, ada, **fields)
    sitemap = Client().get("/sitemap.xml").content.decode()
    assert HERE not in sitemap
    assert "/posts/another/" in sitemap
    save(mirrors, ada)
    assert HERE in Client().get("/sitemap.xml").content.decode()


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://example.org/x", "nonsense", "/here"]
)
def test_only_addresses_of_the_web_are_taken(mirrors, ada, address) -> None:
    answer = save(mirrors, ada, canonical_url=address)
    assert answer.status_code == 200
    assert answer.context["form"].errors["canonical_url"]
    assert 'class="folded" open' in answer.content.decode()
    for door in (
        lambda: create_post(ada, title="x", canonical_url=address),
        lambda: edit_post(mirrors, by=ada, version=mirrors.version, canonical_url=address),
    ):
        with pytest.raises(ValidationError):
            door()
    assert head()["canonical"] == HERE


def test_the_fields_are_folded_until_they_say_something(mirrors, ada) -> None:
    client = Client()
    client.force_login(ada)
    path = f"/studio/posts/{mirrors.pk}/edit/"
    assert 'class="folded" open' not in client.get(path).content.decode()
    save(mirrors, ada, search_title="Mirrors")
    assert 'class="folded" open' in client.get(path).content.decode()
