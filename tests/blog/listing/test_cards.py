"""Lists are put together from what they showed before and what is new."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pagecache
from blog import cache_tags
from blog.listing.cards import CARD, FEATURE, Card, render_cards
from blog.services import edit_post, feature, publish, unpublish
from pagecache import current_generation, fragments, invalidate_now, pages, recording
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def posts(write):
    found = [write(f"Light {n}", tags=["sun"], summary=f"Of {n}.", public=True) for n in range(5)]
    run_deliveries()
    for path in ("/", "/tags/sun/", "/authors/ada/"):
        Client().get(path)
    return found


def loaded(path: str) -> list[str]:
    """Which posts a visitor's request loads with what lists show of them, by their ids."""
    with CaptureQueriesContext(connection) as asked:
        assert Client().get(path).status_code == 200
    found = [one["sql"] for one in asked if '"blog_post"."summary"' in one["sql"]]
    ids = [re.search(r'"blog_post"."id" IN \(([\d, ]+)\)', sql) for sql in found]
    return [one for some in ids for one in some[1].split(", ")]


@pytest.mark.parametrize("path", ["/", "/tags/sun/", "/authors/ada/"])
def test_only_what_changed_is_loaded_again(posts, write, ada, path) -> None:
    changed = posts[2]
    edit_post(changed, by=ada, version=changed.version, title="On mirrors", tags=["sun"])
    new = write("Quite new", tags=["sun"])
    publish(new, by=ada)
    assert sorted(loaded(path)) == sorted([str(changed.pk), str(new.pk)])
    page = Client().get(path).content.decode()
    titles = re.findall(r'<h2 class="card-title" dir="auto">\s*<a href="[^"]+">([^<]+)', page)
    assert titles == ["Quite new", "Light 4", "Light 3", "On mirrors", "Light 1", "Light 0"]


def test_what_a_tag_or_its_author_is_called_changes_every_card(posts, ada) -> None:
    tag = posts[0].tags.get()
    tag.name = "evening sun"
    tag.save()
    assert Client().get("/").content.decode().count("evening sun") == 5
    ada.first_name, ada.last_name = "Ada", "Linde"
    ada.save()
    assert Client().get("/tags/sun/").content.decode().count("Ada Linde") == 5


def test_a_featured_post_is_shown_in_both_forms(posts, edith) -> None:
    feature(posts[0], by=edith)
    home, tag = (Client().get(path).content.decode() for path in ("/", "/tags/sun/"))
    assert 'class="feature-summary" dir="auto">Of 0.' in home
    assert 'class="card-summary" dir="auto">Of 0.' in tag
    assert 'class="card-summary" dir="auto">Of 0.' not in home


def test_what_is_not_public_any_more_is_left_out(posts, ada) -> None:
    unpublish(posts[1], by=ada)
    cards = [Card(CARD, post.pk) for post in posts]
    for _ in range(2):
        with fragments.at_generation(current_generation()):
            assert list(render_cards(cards)) == [cards[0], *cards[2:]]


def test_who_shows_a_card_depends_on_what_it_depends_on(posts) -> None:
    shown = posts[1], posts[3]
    for _ in range(2):  # built, and kept
        with fragments.at_generation(current_generation()), recording() as noted:
            render_cards([Card(CARD, shown[0].pk), Card(FEATURE, shown[1].pk, leading=True)])
        assert noted.tags == {
            *(cache_tags.card(post.pk) for post in shown),
            cache_tags.name(shown[0].author_id),
            cache_tags.label(shown[0].tags.get().pk),
        }


def test_what_nobody_can_attribute_ends_every_card(posts, monkeypatch) -> None:
    """Recall before precision: another column or row that is loaded some day is not forgotten."""
    monkeypatch.setattr("blog.listing.cards._about", lambda post: set())
    pagecache.clear()
    Client().get("/")
    monkeypatch.undo()
    invalidate_now(cache_tags.card(posts[0].pk))
    pages.pages.clear()
    assert len(loaded("/")) == len(posts)
