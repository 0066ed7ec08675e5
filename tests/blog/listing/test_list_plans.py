"""Each list is read from its index, in order, and counted on one: nothing is sorted or skipped."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from blog.listing import entries
from blog.models import Post, Tag
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

POSTS = 3_000
BEGUN = datetime(2018, 1, 1, tzinfo=UTC)

# Pages, and the indexes that must answer for them.
READS = {
    "/": {"post_public"},
    "/?before={middle}": {"post_public"},
    "/?page=150": {"post_public"},
    "/?page=last": {"post_public"},
    "/tags/popular/": {"listing_order"},
    "/tags/popular/?before={middle}": {"listing_order"},
    "/tags/popular/?page=40": {"listing_order"},
    "/tags/popular/?page=last": {"listing_order"},
    "/tags/rare/": {"listing_order"},
    "/authors/author3/": {"post_public_by_author"},
    "/authors/author3/?before={middle}": {"post_public_by_author"},
    "/authors/author3/?page=last": {"post_public_by_author"},
    "/archive/": {"listing_months"},
    "/archive/2019/": {"post_public"},
    "/archive/2019/?page=last": {"post_public"},
    "/posts/post-1500/": {"post_public"},
    "/feed/": {"post_public"},
    "/tags/popular/feed/": {"listing_order"},
    "/authors/author3/feed/": {"post_public_by_author"},
    "/sitemap.xml": {"post_changed"},
}
LONG = ("blog_post", "blog_listing", "blog_post_tags")  # tables that grow with the posts


@pytest.fixture
def library(monkeypatch) -> dict[str, Any]:
    """Thousands of posts by ten authors: "popular" has a third of them, "rare" the oldest three."""
    monkeypatch.setattr("blog.public.sitemaps._OwnAddress.limit", 100)
    authors = [person(f"author{n}") for n in range(10)]
    popular, rare = Tag.find_or_create(["popular", "rare"])
    posts = Post.objects.bulk_create(
        Post(
            title=f"Post {n}",
            slug=f"post-{n}",
            author=authors[n % 10],
            status="published",
            published_at=BEGUN + timedelta(hours=17) * n,
        )
        for n in range(POSTS)
    )
    for slot, post in enumerate(posts[-5:-2]):
        Post._base_manager.filter(pk=post.pk).update(featured_slot=slot)
    link = Post.tags.through
    link.objects.bulk_create(link(post=post, tag=popular) for post in posts[::3])
    link.objects.bulk_create(link(post=post, tag=rare) for post in posts[:3])
    entries.list_posts(post.pk for post in posts)
    Tag.objects.filter(pk=popular.pk).update(post_count=POSTS // 3)
    for author in User.objects.all():
        type(author.profile).objects.update_or_create(user=author, defaults={"post_count": 300})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"middle": posts[POSTS // 2].pk}


# Sorts of few rows: the posts beside one are two, related ones at most RELATED_AMONG.
FEW = ('AS "shared"', 'U0."id" AS "pk"')


def statements(path: str) -> list[tuple[str, Any]]:
    """What a page asks, with its parameters: SQLite plans otherwise for what is spelled out."""
    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert Client().get(path).status_code == 200, path
    return [(sql, params) for sql, params in seen if sql.lstrip().startswith(("SELECT", "WITH"))]


def plan(sql: str, params: Any) -> list[str]:
    explain, column = ("EXPLAIN QUERY PLAN", 3) if connection.vendor == "sqlite" else ("EXPLAIN", 0)
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}", params)
        return [row[column].strip() for row in cursor.fetchall()]


def faults(sql: str, params: Any) -> list[str]:
    """Steps of a plan whose cost grows with the posts."""
    lines = [line.replace("->", "").split() for line in plan(sql, params)]
    scans = [line for line in lines if line[:1] == ["SCAN"] and line[1] in LONG]
    wrong = [line for line in scans if "INDEX" not in line]
    wrong += [line for line in lines if line[:2] == ["Seq", "Scan"] and line[3] in LONG]
    if "LIMIT" in sql and not any(mark in sql for mark in FEW):
        sorts = [line for line in lines if "TEMP" in line or line[0] == "Sort"]
        wrong += [line for line in sorts if "LAST" not in line]
    return [" ".join(line) for line in wrong]


@pytest.mark.parametrize("is_measured", [True, False])
def test_every_list_is_read_from_its_index(library, is_measured) -> None:
    """Also where the database has never been told to look at its tables (ANALYZE)."""
    if connection.vendor == "sqlite" and not is_measured:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1")
            cursor.execute("ANALYZE sqlite_master")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Three thousand rows are soon read and sorted: what matters is whether they need be.
            for step in ("seqscan", "sort", "bitmapscan"):
                cursor.execute(f"SET enable_{step} = off")
            # Pages cost nothing, rows do: how many pages there are, earlier tests have a say in.
            for page in ("seq", "random"):
                cursor.execute(f"SET {page}_page_cost = 0")
    found = {}
    for path, indexes in READS.items():
        used = ""
        for sql, params in statements(path.format(**library)):
            used += "\n".join(plan(sql, params))
            if "OFFSET" in sql and "?page=" not in path:
                found[f"{path} skips"] = sql
            if any(f'"{table}"' in sql for table in LONG) and (wrong := faults(sql, params)):
                found[path] = f"{wrong}\n{sql}"
        if missing := {index for index in indexes if index not in used}:
            found[f"{path} does not use"] = f"{missing}:\n{used}"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("RESET ALL")
    assert found == {}
