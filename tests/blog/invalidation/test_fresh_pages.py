"""What changed is visible with the very next request, on every surface."""

import threading
from collections.abc import Callable

import pytest
from django.test import Client

import pagecache
from accounts.services import update_profile
from blog.models import Post, Tag
from blog.services import (
    delete_post,
    edit_post,
    feature,
    hand_over,
    publish,
    unpublish,
)
from comments.models import Comment
from comments.services import approve_comment, reject_comment, submit_comment
from pagecache import pages as stored_pages
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

SURFACES = [
    "/",
    "/posts/on-mirrors/",
    "/posts/on-mirrors.md",
    "/posts/on-light/",
    "/posts/on-shade/",
    "/tags/",
    "/tags/sun/",
    "/tags/sun/feed/",
    "/tags/code/",
    "/authors/",
    "/authors/ada/",
    "/authors/ada/feed/",
    "/authors/bruno/",
    "/archive/",
    "/feed/",
    "/feed/atom/",
    "/feed/json/",
    "/tags/sun/feed/json/",
    "/authors/ada/feed/atom/",
    "/sitemap.xml",
    "/sitemap-posts.xml",
    "/sitemap-tags.xml",
]


@pytest.fixture
def site(write, ada, bruno, rita, moss) -> dict[str, Post]:
    mirrors = write("On mirrors", tags=["sun"], public=True)
    light = write("On light", tags=["sun", "code"], public=True)
    shade = write("On shade", author=bruno)
    waiting = submit_comment(mirrors, author=rita, body="Waiting for a moderator")
    shown = submit_comment(mirrors, author=rita, body="Shown to everybody")
    approve_comment(shown, by=moss)
    run_deliveries()
    return {"mirrors": mirrors, "light": light, "shade": shade} | {
        "waiting": waiting,
        "shown": shown,
    }


def edit(site, **changes) -> None:
    post = Post.objects.get(pk=site["mirrors"].pk)
    edit_post(post, by=None, version=post.version, **changes)


def rename_tag(site) -> None:
    tag = Tag.objects.get(name="sun")
    tag.name = "sunlight"
    tag.save()


OPERATIONS: dict[str, Callable] = {
    "publish": lambda s: publish(s["shade"], by=None),
    "withdraw": lambda s: unpublish(s["mirrors"], by=None),
    "delete": lambda s: delete_post(s["mirrors"], by=None),
    "delete by queryset": lambda s: Post.objects.filter(pk=s["mirrors"].pk).delete(),
    "edit title": lambda s: edit(s, title="On looking glasses"),
    "move": lambda s: edit(s, slug="on-looking-glasses"),
    "edit text": lambda s: edit(s, body="Silver on glass."),
    "retag": lambda s: edit(s, tags=[Tag.objects.get(name="code")]),
    "untag from the tag's side": lambda s: Tag.objects.get(name="sun").posts.clear(),
    "rename tag": rename_tag,
    "delete tag": lambda s: Tag.objects.get(name="sun").delete(),
    "feature": lambda s: feature(s["mirrors"], by=None),
    "hand over": lambda s: hand_over(s["mirrors"], by=None, to=s["shade"].author),
    "rename author": lambda s: update_profile(s["mirrors"].author, display_name="Ada L."),
    "approve": lambda s: approve_comment(s["waiting"], by=None),
    "reject": lambda s: reject_comment(s["shown"], by=None, verdict="spam"),
    "delete comment": lambda s: s["shown"].delete(),
    "save by the admin": lambda s: Post.objects.get(pk=s["mirrors"].pk).save(),
}


def pages() -> dict[str, tuple[int, bytes]]:
    reader = Client()
    answers = {path: reader.get(path) for path in SURFACES}
    return {path: (answer.status_code, answer.content) for path, answer in answers.items()}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_page_is_older_than_the_change(site, operation, logged_errors) -> None:
    before = pages()
    OPERATIONS[operation](site)
    run_deliveries()
    after = pages()
    pagecache.clear()
    assert after == pages(), "what the cache answered is what the database says"
    if operation != "save by the admin":
        assert after != before, "the operation can be seen somewhere"
    logged_errors.clear()  # pages that are gone answer 404, which Django logs


def test_pages_are_really_kept(site, django_assert_num_queries) -> None:
    pages()
    for path in set(SURFACES) - {"/posts/on-shade/", "/authors/bruno/"}:
        with django_assert_num_queries(0):
            assert Client().get(path).status_code == 200


def test_a_slow_reader_stores_nothing_stale(site, ada, monkeypatch) -> None:
    """The reader has read the old rows, the change commits, then the reader stores its page."""
    rendered, go_on = threading.Event(), threading.Event()
    real = stored_pages.store

    def slow_store(*arguments):
        rendered.set()
        assert go_on.wait(10)
        return real(*arguments)

    monkeypatch.setattr(stored_pages, "store", slow_store)
    reader = threading.Thread(target=lambda: Client().get("/"))
    reader.start()
    assert rendered.wait(10)
    edit(site, title="On looking glasses")
    go_on.set()
    reader.join()
    monkeypatch.undo()
    assert b"On looking glasses" in Client().get("/").content


def test_junk_in_the_address_does_not_grow_the_cache(site, django_assert_num_queries) -> None:
    Client().get("/")
    with django_assert_num_queries(0):
        assert Client().get("/?utm_source=junk&x=1").status_code == 200


def test_nothing_personal_is_kept(site, rita) -> None:
    member = Client()
    member.force_login(rita)
    for path in ("/", "/posts/on-mirrors/"):
        assert b"rita" not in Client().get(path).content.replace(b">rita<", b"")
        personal = member.get(path)
        anonymous = Client().get(path)
        assert b"csrfmiddlewaretoken" in personal.content
        assert b"csrfmiddlewaretoken" not in anonymous.content
        assert not anonymous.cookies


@pytest.mark.expects_errors
def test_readers_use_the_database_when_the_cache_is_down(site, settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert Client().get("/").status_code == 200
    edit(site, title="On looking glasses")
    assert b"On looking glasses" in Client().get("/").content
    assert Comment.objects.exists()
