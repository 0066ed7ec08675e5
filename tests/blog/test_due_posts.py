"""With cron dead, the first request after a post's moment publishes it: no reader sees lateness."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from blog import cache_tags, due_posts
from blog.models import Post
from blog.services import publish, schedule, unschedule
from listeners.audit.models import AuditEntry
from listeners.notifications.models import Message, Subscription
from pagecache import PageCacheWSGI, current_generation, invalidate_now
from signalflow.testing import run_deliveries
from tests.threads import together
from tests.wsgi import Counting, ask

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch) -> None:
    monkeypatch.setattr(due_posts, "_known", due_posts._Known())


@pytest.fixture
def due(write):
    """A post whose moment comes while everybody believes that nothing is due."""

    def make(title: str = "On light") -> Post:
        post = write(title)
        schedule(post, by=None, at=timezone.now() + timedelta(hours=1))
        return post

    return make


def let_time_pass(monkeypatch, hours: float = 2) -> None:
    later = timezone.now() + timedelta(hours=hours)
    monkeypatch.setattr(timezone, "now", lambda: later)
    monkeypatch.setattr("blog.due_posts.time.time", later.timestamp)


@pytest.mark.parametrize("path", ["/", "/posts/on-light/", "/feed/", "/search/?q=light"])
def test_the_first_request_finds_it_public(write, due, monkeypatch, path) -> None:
    write("On mirrors", public=True)
    post = due()
    planned = Post.objects.get(pk=post.pk).publish_at
    assert b"On light" not in Client().get("/").content
    let_time_pass(monkeypatch)
    assert post.get_absolute_url() in Client().get(path).content.decode()
    assert Post.objects.get(pk=post.pk).published_at == planned


def test_a_page_that_is_answered_before_django_waits_for_no_post_that_is_due(
    write, monkeypatch
) -> None:
    """Sooner than the database would be asked in any case: only the plan says that it is time."""
    write("On mirrors", public=True)
    schedule(write("On light"), by=None, at=timezone.now() + timedelta(seconds=30))
    django = Counting()
    site = PageCacheWSGI(django)
    for _ in range(3):
        assert b"On light" not in ask(site, "/")[2]
    assert django.asked == 1, "the page is stored, and nothing is due yet"
    let_time_pass(monkeypatch, hours=40 / 3600)
    assert b"On light" in ask(site, "/")[2]


def test_it_is_nobodys_act_and_happens_once(due, rita, monkeypatch) -> None:
    Subscription.objects.create(
        email="a@example.org", target="site", label="all", confirmed_at=timezone.now()
    )
    due()
    let_time_pass(monkeypatch)
    reader = Client()
    reader.force_login(rita)
    for _ in range(3):
        assert b"On light" in reader.get("/").content
    entry = AuditEntry.objects.get(verb="published")
    assert entry.actor is None
    run_deliveries()
    assert Message.objects.count() == 1


def test_looking_costs_nothing_while_nothing_changes(due, django_assert_num_queries) -> None:
    due()
    due_posts.publish_what_is_due()
    with django_assert_num_queries(0):
        due_posts.publish_what_is_due()
    invalidate_now("posts")  # which nothing waits for
    assert due_posts.is_quiet(current_generation())
    with django_assert_num_queries(0):
        due_posts.publish_what_is_due()
    invalidate_now(cache_tags.SCHEDULE)
    with django_assert_num_queries(1):
        due_posts.publish_what_is_due()


def test_a_new_plan_is_known_at_once(due, write, monkeypatch) -> None:
    Client().get("/")
    assert due_posts.is_quiet(current_generation())
    due()
    assert not due_posts.is_quiet(current_generation())


def test_each_way_to_be_scheduled_is_known_at_once(due, write, ada) -> None:
    post = due()

    def plan_again() -> None:
        schedule(post, by=None, at=timezone.now() + timedelta(minutes=5))

    def write_by_hand() -> None:
        post.publish_at = timezone.now() + timedelta(minutes=4)
        post.save()

    def make_by_hand() -> None:
        Post.objects.create(
            author=ada, title="New", slug="new", status="scheduled", publish_at=timezone.now()
        )

    for change in (plan_again, write_by_hand, make_by_hand):
        due_posts.publish_what_is_due()
        assert due_posts.is_quiet(current_generation())
        change()
        assert not due_posts.is_quiet(current_generation()), change.__name__


def test_what_plans_nothing_is_no_reason_to_look(due, write) -> None:
    planned, draft = due("Planned"), write("Written at once")
    due_posts.publish_what_is_due()
    for change in (lambda: unschedule(planned, by=None), lambda: publish(draft, by=None)):
        change()
        assert due_posts.is_quiet(current_generation())


@pytest.mark.expects_errors
def test_a_post_that_cannot_be_published_holds_nobody_up(due, monkeypatch) -> None:
    broken, good = due("Broken"), due("Good")
    Post._base_manager.filter(pk=broken.pk).update(body="")
    let_time_pass(monkeypatch)
    page = Client().get("/").content
    assert b"Good" in page
    assert b"Broken" not in page
    assert Post.objects.get(pk=good.pk).is_public
    tried: list[int] = []
    monkeypatch.setattr(due_posts, "publish_due", lambda *a, **k: tried.append(1))
    Client().get("/")
    assert not tried, "it is left to cron and its own retries for a while"


def test_probes_and_files_do_not_publish(due, monkeypatch) -> None:
    post = due()
    let_time_pass(monkeypatch)
    Client().get("/healthz/")
    assert not Post.objects.get(pk=post.pk).is_public


def test_many_first_requests_publish_it_once(due, monkeypatch) -> None:
    due()
    let_time_pass(monkeypatch)
    lock, seen = threading.Lock(), []

    def read() -> None:
        try:
            content = Client().get("/").content
            with lock:
                seen.append(b"On light" in content)
        finally:
            connection.close()

    together(*[read] * 5)
    assert seen == [True] * 5
    assert AuditEntry.objects.filter(verb="published").count() == 1


def test_a_long_queue_is_published_in_steps(due, monkeypatch) -> None:
    monkeypatch.setattr(due_posts, "AT_ONCE", 2)
    for number in range(5):
        due(f"Light {number}")
    let_time_pass(monkeypatch)
    counts = []
    for _ in range(3):
        Client().get("/")
        counts.append(Post.objects.published().count())
    assert counts == [2, 4, 5]
