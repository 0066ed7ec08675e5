"""For every write and every page: the pages dropped are those whose bytes have changed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

import pagecache
from accounts.models import User
from accounts.services import update_preferences, update_profile
from blog.models import Post, Tag
from blog.services import (
    create_post,
    delete_post,
    edit_post,
    feature,
    hand_over,
    import_post,
    publish,
    schedule,
    unfeature,
    unpublish,
)
from comments.models import Comment
from comments.services import approve_comment, reject_comment, submit_comment
from pagecache import current_generation, pages
from signalflow.testing import run_deliveries
from tests.cast import person
from tests.photos import photo

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)


def imported(author: User, number: int, at: datetime, tags: list[str]) -> Post:
    return import_post(
        author,
        title=f"Light {number:02}",
        summary=f"The summary {number}.",
        body=f"Text {number}.\n",
        tags=tags,
        status="published",
        published_at=at,
        source=f"test:{number}",
    )


@pytest.fixture
def site() -> dict[str, Any]:
    """Thirteen posts of two authors in two years, with tags, one featured, with comments."""
    ada, bruno, rita = person("ada", "Author"), person("bruno", "Author"), person("rita")
    posts = [
        imported(
            bruno if number % 4 == 3 else ada,
            number,
            NOW - timedelta(days=40 * number),
            ["sun"] if number % 3 else ["sea", "sky"][: 1 + number % 2],
        )
        for number in range(13)
    ]
    feature(posts[4], by=None)
    shown, waiting = (submit_comment(posts[2], author=rita, body=text) for text in ("A.", "B."))
    approve_comment(shown, by=None)
    # A change of the text is seen in the sitemap, which tells days.
    Post._base_manager.update(updated_at=NOW - timedelta(days=5))
    draft = create_post(ada, title="A draft", body="Text.", tags=["sun"])
    run_deliveries()
    return {
        "ada": ada,
        "bruno": bruno,
        "rita": rita,
        "posts": posts,
        "shown": shown,
        "waiting": waiting,
        "draft": draft,
    }


def paths() -> list[str]:
    """Every page of the public, as a crawler would find them."""
    sources = ["/"]
    sources += [tag.get_absolute_url() for tag in Tag.objects.filter(post_count__gt=0)]
    sources += [author.get_absolute_url() for author in User.objects.filter(posts__isnull=False)]
    feeds = ["/feed/", "/feed/atom/", "/tags/sun/feed/", "/authors/ada/feed/json/"]
    moments = {post.published_at for post in Post.objects.published()}
    periods = {f"/archive/{at:%Y}/" for at in moments}
    periods |= {f"/archive/{at.year}/{at.month}/" for at in sorted(moments)[-3:]}
    posts = [post.get_absolute_url() for post in Post.objects.published()]
    lists = ["/?page=2", "/tags/", "/authors/", "/archive/", "/posts/light-01.md"]
    maps = ["/sitemap.xml", "/sitemap-posts.xml", "/sitemap-tags.xml"]
    return sorted({*sources, *feeds, *periods, *posts, *lists, *maps})


# What is another one at each look: form tokens, and the id of a form that is sent once.
ONCE = re.compile(rb'name="(csrfmiddlewaretoken|submission)" value="[^"]+"')


def read(places: list[str], reader: Client | None = None) -> dict[str, tuple[int, bytes]]:
    """What somebody sees: a new visitor at each page, or this reader."""
    answers = {path: (reader or Client()).get(path) for path in places}
    return {path: (one.status_code, ONCE.sub(b"", one.content)) for path, one in answers.items()}


def is_kept(path: str) -> bool:
    now = current_generation()
    assert now is not None
    return pages.load(path, now) is not None


def edit(post: Post, **changes: Any) -> None:
    fresh = Post.objects.get(pk=post.pk)
    edit_post(fresh, by=None, version=fresh.version, **changes)


def rename(tag: str, name: str) -> None:
    row = Tag.objects.get(name=tag)
    row.name = name
    row.save()


def published(s: dict[str, Any], **fields: Any) -> None:
    post = create_post(s["ada"], title="Brand new", body="Text.", **fields)
    publish(post, by=None)


WRITES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "nothing": lambda s: None,
    "publish": lambda s: published(s),
    "publish with a tag": lambda s: published(s, tags=["sun"]),
    "publish with a new tag": lambda s: published(s, tags=["new"]),
    "publish the draft": lambda s: publish(s["draft"], by=None),
    "withdraw": lambda s: unpublish(s["posts"][5], by=None),
    "withdraw the featured one": lambda s: unpublish(s["posts"][4], by=None),
    "publish it again": lambda s: (
        unpublish(s["posts"][5], by=None),
        publish(s["posts"][5], by=None),
    ),
    "delete": lambda s: delete_post(s["posts"][3], by=None),
    "delete a draft": lambda s: delete_post(s["draft"], by=None),
    "delete by queryset": lambda s: Post.objects.filter(pk=s["posts"][6].pk).delete(),
    "edit the title": lambda s: edit(s["posts"][1], title="On looking glasses"),
    "edit the address": lambda s: edit(s["posts"][1], slug="glass"),
    "edit the summary": lambda s: edit(s["posts"][1], summary="Another."),
    "edit the text": lambda s: edit(s["posts"][1], body="Silver on glass."),
    "keep it from search engines": lambda s: edit(s["posts"][1], is_unlisted=True),
    "edit a draft": lambda s: edit(s["draft"], title="Still a draft", body="More."),
    "close the conversation": lambda s: edit(s["posts"][1], comments_open=False),
    "retag": lambda s: edit(s["posts"][1], tags=["sea"]),
    "retag a draft": lambda s: edit(s["draft"], tags=["sea"]),
    "schedule": lambda s: schedule(s["draft"], by=None, at=datetime(2999, 1, 1, tzinfo=UTC)),
    "feature": lambda s: feature(s["posts"][1], by=None),
    "unfeature": lambda s: unfeature(s["posts"][4], by=None),
    "hand over": lambda s: hand_over(s["posts"][1], by=None, to=s["bruno"]),
    "rename a tag": lambda s: rename("sea", "ocean"),
    "delete a tag": lambda s: Tag.objects.get(name="sea").delete(),
    "make a tag": lambda s: Tag.objects.create(name="new", slug="new"),
    "clear a tag's posts": lambda s: Tag.objects.get(name="sea").posts.clear(),
    "rename an author": lambda s: update_profile(s["bruno"], display_name="Bruno B."),
    "change a bio": lambda s: update_profile(s["bruno"], bio="Writes."),
    "rename a commenter": lambda s: update_profile(s["rita"], display_name="Rita R."),
    "choose a picture": lambda s: update_profile(s["bruno"], avatar=photo(300, 300)),
    "change preferences": lambda s: update_preferences(s["ada"], theme="dark"),
    "submit a comment": lambda s: submit_comment(s["posts"][2], author=s["rita"], body="C."),
    "approve": lambda s: approve_comment(s["waiting"], by=None),
    "reject a public comment": lambda s: reject_comment(s["shown"], by=None, verdict="spam"),
    "reject a waiting comment": lambda s: reject_comment(s["waiting"], by=None, verdict="spam"),
    "delete a comment": lambda s: Comment.objects.get(pk=s["shown"].pk).delete(),
    "delete a waiting comment": lambda s: Comment.objects.get(pk=s["waiting"].pk).delete(),
    "delete a commenter": lambda s: s["rita"].delete(),
    "save by hand": lambda s: Post.objects.get(pk=s["posts"][1].pk).save(),
    "sign in": lambda s: Client().force_login(s["rita"]),
}


# Where a page may be dropped that looks as before; decision 20 says why.
MAPS = {"/sitemap.xml", "/sitemap-posts.xml", "/sitemap-tags.xml"}  # they tell days, not moments
ALSO_DROPPED = {
    "reject a waiting comment": {"/posts/light-02/"},
    "delete a waiting comment": {"/posts/light-02/"},
    "delete a commenter": {"/posts/light-02/"},
}
# Which posts are under a tag decides which posts are related to those that have it.
OF_TAGS = {
    "publish with a tag",
    "publish the draft",
    "withdraw",
    "withdraw the featured one",
    "delete",
    "delete by queryset",
    "retag",
    "delete a tag",
    "clear a tag's posts",
}
IN_VAIN = {"publish it again", "save by hand"}  # written anew, and found as it was


@pytest.mark.parametrize("write", WRITES)
def test_what_is_dropped_is_what_has_changed(site, write) -> None:
    places = paths()
    tagged = {post.get_absolute_url() for post in Post.objects.exclude(tags=None)}
    member = Client()
    member.force_login(site["bruno"])
    before = read(places)
    read(places, member)
    assert all(is_kept(path) for path in places)
    WRITES[write](site)
    run_deliveries()
    dropped = {path for path in places if not is_kept(path)}
    for_member = read(places, member)
    pagecache.clear()
    after = read(places)
    old = [path for path, page in read(places, member).items() if page != for_member[path]]
    assert not old, "somebody signed in is shown what was before the change"
    changed = {path for path in places if before[path] != after[path]}
    assert changed - dropped == set(), "a page is shown that is older than the change"
    if write not in IN_VAIN:
        also = dropped - changed - MAPS - (tagged if write in OF_TAGS else set())
        assert also == ALSO_DROPPED.get(write, set()), "a page was dropped that had not changed"
