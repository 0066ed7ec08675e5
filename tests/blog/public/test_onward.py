"""Where a post leads: those beside it by date, and those that share its tags."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pagecache
from blog.models import Post, Tag
from blog.querysets import RELATED_AMONG
from blog.services import unpublish
from comments.services import approve_comment, submit_comment
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def library(write):
    """Public posts of chosen tags, each a day older than the one before."""

    def fill(**tags: list[str]) -> dict[str, Post]:
        posts = {title: write(title, tags=names, public=True) for title, names in tags.items()}
        run_deliveries()
        for days, post in enumerate(posts.values()):
            at = timezone.now() - timedelta(days=days)
            Post._base_manager.filter(pk=post.pk).update(published_at=at)
        return {title: Post.objects.get(pk=post.pk) for title, post in posts.items()}

    return fill


def related(post: Post) -> list[str]:
    return [other.title for other in Post.objects.published().related_to(post)]


def test_those_sharing_most_tags_come_first_then_the_newest(library) -> None:
    posts = library(
        this=["sun", "sea", "salt"],
        new=["sun"],
        newer_of_two=["sun", "salt"],
        older_of_two=["sea", "salt"],
        oldest_of_three=["sun", "sea", "salt", "sand"],
        other=["sand"],
    )
    assert related(posts["this"]) == ["oldest_of_three", "newer_of_two", "older_of_two"]
    assert related(posts["other"]) == ["oldest_of_three"]


def test_only_public_posts_are_told(library, ada) -> None:
    posts = library(this=["sun"], withdrawn=["sun"], public=["sun"])
    unpublish(posts["withdrawn"], by=ada)
    assert related(posts["this"]) == ["public"]


@pytest.mark.parametrize("tags", [[], ["alone"]])
def test_a_post_without_company_has_no_such_list(tags, library) -> None:
    page = Client().get(library(this=tags, other=["sun"])["this"].get_absolute_url())
    assert "Related" not in page.content.decode()


def test_the_page_names_them_with_their_dates(library) -> None:
    posts = library(this=["sun"], other=["sun"])
    page = Client().get(posts["this"].get_absolute_url()).content.decode()
    section = page.partition('<section class="related"')[2].partition("</section>")[0]
    assert posts["other"].get_absolute_url() in section
    assert posts["other"].published_at.strftime("%Y-%m-%d") in section


def test_a_tag_of_any_size_is_looked_at_as_far_as_promised(library, monkeypatch) -> None:
    """The rarest tags are looked at whole; of one that is larger, its newest posts."""
    monkeypatch.setattr("blog.querysets.RELATED_AMONG", 2)
    posts = library(**{f"post_{n}": ["large", "sea"] for n in range(5)}, this=["large", "sea"])
    late = max(posts.values(), key=lambda post: post.pk)
    assert len(related(posts["post_0"])) <= 2
    assert late.title in related(posts["post_0"])


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_the_newest_of_a_tag_are_read_from_an_index(library) -> None:
    post = library(this=["sun"], other=["sun"])["this"]
    plan = Post.objects.published().related_to(post).explain()
    assert "COVERING INDEX blog_post_tags_newest" in plan
    assert "SCAN" not in plan
    beside = Post.objects.published().beside(post).explain()
    assert beside.count("COVERING INDEX post_public (published_at") == 2


def test_the_whole_page_takes_six_queries(library, rita) -> None:
    posts = library(first=["sun"], this=["sun", "sea"], last=["sea"])
    for _ in range(20):
        approve_comment(submit_comment(posts["this"], author=rita, body="Yes."), by=None)
    run_deliveries()
    pagecache.clear()
    with CaptureQueriesContext(connection) as captured:
        page = Client().get(posts["this"].get_absolute_url()).content.decode()
    for shown in ("20 comments", "Before", "After", "Related", "sea"):
        assert shown in page
    assert len(captured) <= 6, [query["sql"] for query in captured]


def test_tags_of_nobody_else_cost_no_query(library) -> None:
    post = library(this=["sun"])["this"]
    assert Tag.objects.get().post_count == 1 < RELATED_AMONG
    post = Post.objects.prefetch_related("tags").get(pk=post.pk)
    with CaptureQueriesContext(connection) as captured:
        assert related(post) == []
    assert len(captured) == 0
