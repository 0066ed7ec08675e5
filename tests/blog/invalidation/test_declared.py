"""The pages of the site say all that they depend on; what says nothing depends on its table."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from accounts.models import UserProfile
from blog.models import Post, Tag
from listeners.notifications.models import Subscription
from listeners.search.models import Document
from pagecache import pages, recording
from tests.blog.invalidation.test_exact_pages import paths, read, site

__all__ = ["site"]
pytestmark = pytest.mark.django_db(transaction=True)

User = get_user_model()


def test_no_page_of_the_site_depends_on_a_whole_table(site) -> None:
    read(paths())
    stored = {path: pages.pages.get(path) for path in paths()}
    assert all(stored.values()), "each is stored"
    of_tables = {
        path: [tag for tag in page.tags if tag.startswith("table:")]
        for path, page in stored.items()
        if page
    }
    assert {path: tags for path, tags in of_tables.items() if tags} == {}


READS: dict[str, tuple[Callable[[], Any], set[str]]] = {
    "people": (lambda: list(User.objects.all()), {"table:accounts_user"}),
    "profiles": (lambda: UserProfile.objects.first(), {"table:accounts_userprofile"}),
    "how many people": (lambda: User.objects.count(), {"table:accounts_user"}),
    "the index of the search": (lambda: list(Document.objects.all()), {"table:search_document"}),
    "subscriptions": (
        lambda: Subscription.objects.exists(),
        {"table:notifications_subscription"},
    ),
    "posts through people": (
        lambda: list(User.objects.filter(posts__status="published")),
        {"table:accounts_user", "table:blog_post"},
    ),
    "raw posts": (lambda: list(Post.objects.raw("SELECT * FROM blog_post")), {"table:blog_post"}),
    "posts by no queryset of ours": (lambda: Post._base_manager.first(), {"table:blog_post"}),
}


@pytest.mark.parametrize("kind", READS)
def test_what_is_read_without_a_word_is_a_dependency(site, kind) -> None:
    act, expected = READS[kind]
    with recording() as recorded:
        act()
    assert {tag for tag in recorded.tags if tag.startswith("table:")} == expected


def test_tracked_models_say_what_they_are(site) -> None:
    with recording() as recorded:
        list(Post.objects.select_related("author__profile"))
        list(Tag.objects.all())
    assert not [tag for tag in recorded.tags if tag.startswith("table:")]
    assert {f"bio:{site['ada'].pk}", f"picture:{site['ada'].pk}", "tags"} <= recorded.tags
