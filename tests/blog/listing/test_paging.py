"""Pages of posts: links that keep their posts, counts that are true, no post lost or twice."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pagecache
from accounts.models import User
from blog.listing import entries, paging
from blog.models import Post, Tag
from blog.services import feature, publish, unpublish

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LISTS = ["/", "/tags/sun/", "/authors/ada/", "/archive/2026/"]


def shelve(count: int, author: User, gap: timedelta = timedelta(hours=5)) -> list[Post]:
    """Public posts, the oldest first, as an import writes them; two of three are of one moment."""
    tag = Tag.find_or_create(["sun"])[0]
    posts = Post.objects.bulk_create(
        Post(
            title=f"Post {n}",
            slug=f"post-{n}",
            author=author,
            status="published",
            published_at=NOON + gap * (n - n % 3 // 2),
        )
        for n in range(count)
    )
    links = Post.tags.through.objects
    links.bulk_create(Post.tags.through(post=post, tag=tag) for post in posts)
    entries.list_posts(post.pk for post in posts)
    return posts


def read(path: str) -> tuple[list[str], str, dict[str, str]]:
    """The slugs a page lists, how many posts it says there are, and where its links lead."""
    answer = Client().get(path)
    assert answer.status_code == 200, path
    text = re.sub(r"\s+", " ", answer.content.decode())
    slugs = re.findall(r'card-title" dir="auto"> <a href="/posts/([^"]+)/"', text)
    count = re.search(r"<span>([\d,]+ posts)</span>", text)
    base = path.partition("?")[0]
    links = {
        name: href if href.startswith("/") else base + href
        for href, name in re.findall(
            r'href="([^"]*)">(Newest|Newer posts|Older posts|Oldest)<', text
        )
    }
    canonical = re.search(r'rel="canonical" href="http://127.0.0.1:8000([^"]*)"', text)
    return slugs, count[1] if count else "", {**links, "canonical": canonical[1]}


def newest_first(posts: list[Post]) -> list[str]:
    return [p.slug for p in sorted(posts, key=lambda p: (p.published_at, p.pk), reverse=True)]


def size_of(path: str) -> int:
    return 30 if "archive" in path else 10


@pytest.mark.parametrize("path", LISTS)
def test_each_way_shows_every_post_once(ada, path) -> None:
    expected, size = newest_first(shelve(67, ada)), size_of(path)
    pages = -(-67 // size)
    step, seen, way = path, [], []
    for number in range(1, pages + 1):
        slugs, count, links = read(step)
        assert count == "67 posts"
        assert ("Newest" in links) == (number > 2), "the page above the second is the newest"
        assert ("Oldest" in links) == (number < pages)
        assert slugs == read(f"{path}?page={number}")[0]
        assert links["canonical"] == step == read(f"{path}?page={number}")[2]["canonical"]
        seen += slugs
        way.append(step)
        step = links.get("Older posts", "")
    assert step == ""
    assert seen == expected
    last = read(f"{path}?page=last")
    assert (last[0], last[1]) == (expected[(pages - 1) * size :], "67 posts")
    assert last[2]["canonical"] == way[-1]
    step = f"{path}?page=last"
    for known in reversed(way[:-1]):
        step = read(step)[2]["Newer posts"]
        assert step == known


@pytest.mark.parametrize("path", LISTS)
def test_a_link_keeps_its_posts_when_others_are_published(ada, write, path) -> None:
    shelve(67, ada, timedelta(minutes=1))
    link = read(path)[2]["Older posts"]
    before = read(link)[0]
    for number in range(3):
        post = write(f"New {number}", tags=["sun"])
        Post._base_manager.filter(pk=post.pk).update(published_at=NOON + timedelta(days=9))
        post.refresh_from_db()
        publish(post, by=ada)
    slugs, count, links = read(link)
    assert (slugs, count) == (before, "70 posts")
    assert "Newest" in links, "three more newer ones begin another page"
    again = read(links["Newer posts"])
    assert read(again[2]["Newer posts"])[0] == read(path)[0]


def test_the_featured_posts_are_on_no_page_of_the_list(ada) -> None:
    posts = shelve(33, ada)
    for post in (posts[0], posts[15], posts[32]):
        feature(post, by=None)
    rest = [slug for slug in newest_first(posts) if slug not in {"post-0", "post-15", "post-32"}]
    assert [read(f"/?page={n}")[:2] for n in (1, 2, 3)] == [
        (rest[10 * n : 10 * n + 10], "33 posts") for n in range(3)
    ]
    assert read("/?page=last")[0] == rest[20:]
    assert read(read("/")[2]["Older posts"])[:2] == (rest[10:20], "33 posts")


@pytest.mark.expects_errors
def test_what_names_no_page(ada, write) -> None:
    posts = shelve(25, ada)
    link = f"/?before={posts[14].pk}"
    read(link)
    draft = write("Draft")
    for junk in ("x", "0", "-1", "09", "1e3", "9" * 40, "²", str(draft.pk), str(posts[0].pk)):
        answer = Client().get("/", {"before": junk})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/"), junk
    for junk in ("0", "-1", "02", "x", "4", "9" * 40, "²", " 2"):
        assert Client().get("/", {"page": junk}).status_code == 404, junk
    unpublish(posts[14], by=None)
    assert Client().get(link).headers["Location"] == "/"
    rest = newest_first(posts[:14] + posts[15:])
    assert read(f"/?before={posts[15].pk}&page=3&x=y")[0] == rest[rest.index("post-15") + 1 :][:10]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.expects_errors
def test_a_number_leads_no_farther_than_agreed(ada, monkeypatch, path) -> None:
    shelve(67, ada)
    size = size_of(path)
    monkeypatch.setattr(paging, "FARTHEST", size)
    assert len(read(f"{path}?page=2")[0]) == size
    assert Client().get(f"{path}?page=3").status_code == 404
    assert read(f"{path}?page=last")[0], "the oldest page needs no number"


def test_one_count_serves_all_pages_of_a_list(ada) -> None:
    posts = shelve(35, ada)
    paths = ["/", "/?page=2", "/?page=last", f"/?before={posts[20].pk}"]
    with CaptureQueriesContext(connection) as asked:
        for path in paths:
            assert read(path)[1] == "35 posts"
    counts = [one["sql"] for one in asked if "COUNT(" in one["sql"]]
    assert len(counts) == 1, counts
    unpublish(posts[0], by=None)
    assert [read(path)[1] for path in paths] == ["34 posts"] * 4


def test_other_parameters_make_no_other_page(ada) -> None:
    posts = shelve(25, ada)
    with_junk = Client().get(f"/?before={posts[14].pk}&page=7&utm_source=x").content
    pagecache.clear()
    assert Client().get(f"/?before={posts[14].pk}").content == with_junk
