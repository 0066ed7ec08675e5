"""What can be found is what is public now, under every word it has."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import update_profile
from blog.models import Post, Tag
from blog.services import (
    create_post,
    delete_post,
    edit_post,
    hand_over,
    publish,
    schedule,
    unpublish,
)
from listeners.search.excerpts import excerpt
from listeners.search.models import Document
from listeners.search.queries import parse
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


def found(query: str) -> list[str]:
    """Titles on the result page, in order."""
    page = Client().get("/search/", {"q": query})
    assert page.status_code == 200
    return [post.title for post in page.context["posts"]]


@pytest.fixture
def mirrors(write, ada) -> Post:
    update_profile(ada, display_name="Countess Lovelace")
    post = write(
        "On mirrors",
        body="A looking glass of **polished** silver, see [the manual](/manual).",
        summary="About reflections.",
        tags=["heliography"],
        public=True,
    )
    run_deliveries()
    return post


@pytest.mark.parametrize(
    "query",
    [
        "mirrors",
        "MIRRORS",
        "mirror",
        "polished",
        "polish",
        "reflections",
        "heliography",
        "lovelace",
        "looking glass",
        "glass looking",
        "silver mirrors lovelace",
        "mirr",
        "“mirrors”!",
        "the mirrors",
    ],
)
def test_a_post_is_found_by_any_of_its_words(mirrors, query) -> None:
    assert found(query) == ["On mirrors"]


@pytest.mark.parametrize("query", ["moon", "mirrors moon", "strong", "href", "manual moon", "x"])
def test_what_it_does_not_say_is_not_found(mirrors, query) -> None:
    assert found(query) == []
    assert "Nothing has all of these words" in Client().get(f"/search/?q={query}").content.decode()


def test_a_title_weighs_more_than_a_mention(write) -> None:
    write("Other things", body="There is a lantern somewhere. " + "Words. " * 50, public=True)
    write("The lantern", body="Short. " + "Words. " * 50, public=True)
    assert found("lantern") == ["The lantern", "Other things"]


WORDS = {
    "Straße": ["straße", "Straße", "STRAßE"],
    "Django 5.2 arrives": ["5.2", "django 5.2", "5"],
    "read/write and and/or": ["write", "read/write", "write and"],
    "see example.org/path?q=1": ["example", "example.org", "path"],
    "the e-mail of ada@example.net": ["e-mail", "ada@example.net", "net"],
    "snake_case and C++": ["snake_case", "case", "c++"],
    "1,000,000 or 3.14": ["1,000,000", "3.14", "14"],
    "Crème brûlée": ["Crème", "brûlée"],
    "日本語": ["日本語"],
    "العربية": ["العربية"],
    "don't O'Brien": ["o'brien", "brien", "don't o"],
}


@pytest.mark.parametrize("text", WORDS)
def test_words_are_found_as_people_write_them(write, text) -> None:
    post = write("Untitled", body=f"Before {text} after", public=True)
    for query in WORDS[text]:
        assert found(query) == [post.title], query


def test_signs_in_a_text_are_signs_in_the_result(write) -> None:
    write("Sums", body="`1 < 2 && 3 > 2` is a *sum* about lanterns", public=True)
    page = Client().get("/search/?q=lanterns").content.decode()
    assert "1 &lt; 2 &amp;&amp; 3 &gt; 2" in page
    assert "&amp;lt;" not in page
    assert found("lt") == []
    assert found("amp") == []


def test_matches_are_marked_and_nothing_is_executed(write) -> None:
    write("Attack", body="<script>alert('lantern')</script> lantern", public=True)
    page = Client().get("/search/", {"q": "lantern <script>"}).content.decode()
    assert "<script>alert" not in page
    assert "<mark>lantern</mark>" in Client().get("/search/?q=lantern").content.decode()


# -- what readers may not see --------------------------------------------------------------------


def test_only_what_is_public_is_found(write, ada, mirrors) -> None:
    write("Draft on mirrors")
    schedule(write("Planned mirrors"), by=ada, at=timezone.now() + timedelta(days=1))
    unpublish(write("Withdrawn mirrors", public=True), by=ada)
    run_deliveries()
    assert found("mirrors") == ["On mirrors"]
    unpublish(mirrors, by=ada)
    assert found("mirrors") == [], "with the very next request"
    publish(mirrors, by=ada)
    assert found("mirrors") == ["On mirrors"]


def test_a_stale_index_shows_nothing_hidden(mirrors) -> None:
    """Even if no receiver ran: results are looked up among what is public."""
    Post._base_manager.update(status="draft")
    assert Document.objects.exists()
    page = Client().get("/search/?q=mirrors").content.decode()
    assert "<mark>" not in page
    assert "looking glass" not in page


# -- kept up to date ----------------------------------------------------------------------------


def edit(post: Post, **changes) -> None:
    fresh = Post.objects.get(pk=post.pk)
    edit_post(fresh, by=None, version=fresh.version, **changes)


def rename_tag(name: str) -> None:
    tag = Tag.objects.get(name="heliography")
    tag.name = name
    tag.save()


CHANGES = {
    "title": (lambda p, b: edit(p, title="On lanterns"), "lanterns", "mirrors"),
    "text": (lambda p, b: edit(p, body="A lantern."), "lantern", "polished"),
    "summary": (lambda p, b: edit(p, summary="About lanterns."), "lanterns", "reflections"),
    "tags": (
        lambda p, b: edit(p, tags=Tag.find_or_create(["lantern"])),
        "lantern",
        "heliography",
    ),
    "tag from its side": (
        lambda p, b: Tag.objects.get(name="heliography").posts.clear(),
        "",
        "heliography",
    ),
    "tag's name": (lambda p, b: rename_tag("lantern"), "lantern", "heliography"),
    "tag deleted": (lambda p, b: Tag.objects.all().delete(), "", "heliography"),
    "author's name": (
        lambda p, b: update_profile(p.author, display_name="Lantern"),
        "lantern",
        "lovelace",
    ),
    "author": (lambda p, b: hand_over(p, by=None, to=b), "bruno", "lovelace"),
    "deleted": (lambda p, b: delete_post(p, by=None), "", "mirrors"),
    "deleted by queryset": (lambda p, b: Post.objects.all().delete(), "", "mirrors"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_index_follows(mirrors, bruno, change) -> None:
    act, new, old = CHANGES[change]
    assert found(old)
    act(mirrors, bruno)
    run_deliveries()
    assert found(old) == []
    if new:
        assert len(found(new)) == 1
    call_command("reconcile", "--check")


def test_what_no_signal_saw_is_found_and_healed(mirrors, write, capsys) -> None:
    Post.objects.filter(pk=mirrors.pk).update(title="On lanterns")
    User.objects.filter(username="ada").update(first_name="x")
    lost = write("Lost", public=True)
    Document.objects.filter(pk=lost.pk).delete()
    Document.objects.create(post_id=10**6, title="ghost")
    with pytest.raises(Exception, match="4 differences"):  # one is the card's
        call_command("reconcile", "--check")
    call_command("reconcile")
    assert found("lanterns") == ["On lanterns"]
    assert found("lost") == ["Lost"]
    assert found("ghost") == []
    call_command("reconcile", "--check")
    capsys.readouterr()


def test_the_index_can_be_built_anew(mirrors, write, ada, capsys) -> None:
    create_post(ada, title="Draft on mirrors", body="x")
    Document.objects.all().delete()
    Document.objects.create(post_id=10**6, title="ghost")
    call_command("rebuild_search_index")
    assert "1 posts indexed, 1 forgotten" in capsys.readouterr().out
    assert found("mirrors") == ["On mirrors"]
    call_command("rebuild_search_index")
    assert found("mirrors") == ["On mirrors"], "again changes nothing"


def test_an_excerpt_shows_the_match() -> None:
    text = "Before. " * 100 + "the lantern shines" + " After." * 100
    parts = excerpt(text, parse("lantern"))
    assert ("lantern", True) in parts
    assert parts[:2] == [("… ", False), (parts[1][0], False)]
    assert parts[1][0].startswith("Before. "), "words are not cut"
    assert sum(len(piece) for piece, _ in parts) < 300
    assert "".join(piece for piece, _ in excerpt("short", parse(""))) == "short"
