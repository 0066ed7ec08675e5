"""A post that a shell gives to another author, or to another day, leaves no list that counts it."""

from datetime import timedelta

import pytest
from django.test import Client

from blog.models import Post
from blog.public.archive import PeriodView
from blog.public.views import PostList
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def oldest(write, monkeypatch) -> Post:
    """The oldest of five posts, which first pages of three count and do not show."""
    monkeypatch.setattr(PostList, "size", 3)
    monkeypatch.setattr(PeriodView, "size", 3)
    posts = [write(f"Light {number}", public=True) for number in range(5)]
    run_deliveries()
    return Post.objects.get(pk=posts[0].pk)


def page(path: str) -> str:
    return Client().get(path).content.decode()


def test_the_old_author_has_one_post_less(oldest, bruno) -> None:
    assert "5 posts" in page("/authors/ada/")
    oldest.author = bruno
    oldest.save()
    assert "4 posts" in page("/authors/ada/")


def test_the_old_year_has_one_post_less(oldest) -> None:
    year = f"/archive/{oldest.published_at.year}/"
    assert "5 posts" in page(year)
    oldest.published_at -= timedelta(days=800)
    oldest.save()
    assert "4 posts" in page(year)
