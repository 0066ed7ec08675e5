"""Pages of people signed in: what everybody reads is kept, exact, and their own is their own."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.services import update_preferences
from blog.services import edit_post, publish, unpublish
from comments.services import approve_comment
from pagecache.signed_in import BLOCK_SEPARATOR
from signalflow.testing import run_deliveries
from tests.blog.invalidation.test_exact_pages import paths, site

__all__ = ["site"]

pytestmark = pytest.mark.django_db(transaction=True)


def reader(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_post_published_again_shows_what_was_changed_meanwhile(site) -> None:
    bruno, post = reader(site["bruno"]), site["posts"][2]
    address = post.get_absolute_url()
    assert "B." not in bruno.get(address).content.decode()
    unpublish(post, by=None)
    assert bruno.get(address).status_code == 404
    post.refresh_from_db()
    edit_post(post, by=None, version=post.version, title="On looking glasses")
    approve_comment(site["waiting"], by=None)
    publish(post, by=None)
    run_deliveries()
    page = bruno.get(address).content.decode()
    assert "On looking glasses" in page
    assert "<p>B.</p>" in page


def test_each_reads_the_time_of_their_own_zone(site) -> None:
    ada, rita = site["ada"], site["rita"]
    post = site["posts"][0]
    type(post)._base_manager.filter(pk=post.pk).update(
        published_at=datetime(2026, 5, 3, 23, 30, tzinfo=UTC)
    )
    update_preferences(rita, time_zone="Asia/Tokyo")
    for _ in range(2):
        assert "4 May 2026" in reader(rita).get("/").content.decode()
        assert "3 May 2026" in reader(ada).get("/").content.decode()


def test_only_who_may_answer_or_moderate_is_offered_it(site, moss) -> None:
    path = site["posts"][2].get_absolute_url()
    for _ in range(2):
        for_rita, for_moss, for_all = (
            client.get(path).content.decode()
            for client in (reader(site["rita"]), reader(moss), Client())
        )
        assert "reply=" in for_rita
        assert "Spam" not in for_rita
        assert "Spam" in for_moss
        assert "reply=" not in for_all


def test_a_kept_page_asks_only_who_is_reading(site) -> None:
    rita = reader(site["rita"])
    for path in ("/", "/tags/sun/", "/archive/", "/authors/"):
        rita.get(path)
        with CaptureQueriesContext(connection) as asked:
            rita.get(path)
        tables = {re.search(r'FROM "(\w+)"', one["sql"])[1] for one in asked}
        assert not {table for table in tables if table.startswith("blog_")}, path


def test_unknown_pages_of_a_conversation_are_not_found(site) -> None:
    rita, path = reader(site["rita"]), site["posts"][2].get_absolute_url()
    for named in ("0", "02", "junk"):
        answer = rita.get(path, {"comments": named})
        assert (answer.status_code, answer.headers.get("Location")) == (301, path)


def test_an_old_address_leads_on(site) -> None:
    post = site["posts"][1]
    edit_post(post, by=None, version=post.version, slug="glass")
    answer = reader(site["rita"]).get("/posts/light-01/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/posts/glass/")


def test_the_cut_between_blocks_is_in_no_page(site) -> None:
    rita = reader(site["rita"])
    for path in paths():
        assert BLOCK_SEPARATOR.encode() not in rita.get(path).content, path
