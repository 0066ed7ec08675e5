"""A list of thirty costs as many queries as a list of one or two."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pagecache
from accounts.models import User
from accounts.services import update_profile
from blog import counting
from blog.models import Post, Tag
from blog.services import feature
from comments.services import approve_comment, submit_comment
from listeners.notifications.models import Subscription
from signalflow.testing import run_deliveries
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
PAGES = {
    "/": None,
    "/?page=1": None,
    "/?before={newest}": None,
    "/tags/tag-0/?before={newest}": None,
    "/authors/author0/?before={newest}": None,
    "/tags/": None,
    "/tags/tag-0/": None,
    "/authors/": None,
    "/authors/author0/": None,
    "/archive/": None,
    f"/archive/{NOW.year}/": None,
    f"/archive/{NOW.year}/{NOW.month}/": None,
    "/posts/the-first/": None,
    "/search/?q=light": None,
    "/feed/": None,
    "/tags/tag-0/feed/": None,
    "/sitemap.xml": None,
    "/studio/": "root",
    "/studio/comments/": "root",
    "/studio/comments/?status=approved": "root",
    "/admin/blog/post/": "root",
    "/admin/comments/comment/": "root",
    "/admin/audit/auditentry/": "root",
    "/admin/notifications/subscription/": "root",
}


def add(write, numbers: range) -> None:
    """Rows of every kind, each with another author, tag and commenter than the one before."""
    first = Post.objects.filter(slug="the-first").first()
    for n in numbers:
        author = person(f"author{n}", "Author")
        update_profile(author, display_name=f"Author {n}")
        post = write(
            f"Light {n}" if first else "The first", author=author, tags=[f"tag {n}", "tag 0"]
        )
        Post._base_manager.filter(pk=post.pk).update(author=User.objects.get(username="author0"))
        post = Post.objects.get(pk=post.pk)
        first = first or post
        Post._base_manager.filter(pk=post.pk).update(
            status="published", published_at=NOW - timedelta(seconds=n)
        )
        for target in (post, first):
            for approve in (True, False):
                parent = target.comments.filter(status="approved").first()
                comment = submit_comment(target, author=author, body=f"Yes {n}", parent=parent)
                if approve:
                    approve_comment(comment, by=None)
        Subscription.objects.create(email=f"{n}@example.org", target="site", label="x")
    for post in Post.objects.published():
        post.save()
    counting.recount_tags(Tag.objects.values_list("pk", flat=True))
    run_deliveries()


def queries(path: str, user: str | None) -> int:
    client = Client()
    if user:
        client.force_login(User.objects.get(username=user))
    pagecache.clear()
    path = path.format(newest=Post.objects.published().latest("published_at").pk)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(path)
    assert answer.status_code == 200, path
    return len(captured)


def test_no_list_costs_more_when_it_is_longer(write) -> None:
    User.objects.create_superuser("root", "root@example.org")
    add(write, range(2))
    feature(Post.objects.get(slug="the-first"), by=None)
    for path, user in PAGES.items():
        queries(path, user)  # content types and the like are looked up once
    few = {path: queries(path, user) for path, user in PAGES.items()}
    add(write, range(2, 31))
    many = {path: queries(path, user) for path, user in PAGES.items()}
    grown = {path: (few[path], many[path]) for path in PAGES if many[path] > few[path]}
    assert grown == {}
    assert max(many.values()) <= 20


def test_a_signed_in_reader_asks_no_more_than_ten_things(write, rita) -> None:
    post = write("On mirrors", tags=["sun"], public=True)
    write("On light", tags=["sun"], public=True)
    approve_comment(submit_comment(post, author=rita, body="Yes."), by=None)
    run_deliveries()
    reader = Client()
    reader.force_login(rita)
    reader.get(post.get_absolute_url())
    with CaptureQueriesContext(connection) as captured:
        page = reader.get(post.get_absolute_url()).content.decode()
    assert "rita" in page
    assert "On light" in page
    assert len(captured) <= 10
