"""Every door, with each thing that follows its commit made to fail.

The door says that it succeeded, because it did; what else follows happens; pages are fresh; and
when what failed works again, a worker makes good and nothing is missing.
"""

import io
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from accounts.services import update_profile
from blog import services
from blog.invalidation import rules
from blog.models import Post
from comments.services import approve_comment, reject_comment, submit_comment
from listeners.audit.models import AuditEntry
from listeners.notifications.models import Message, Subscription
from pagecache import freshness
from pagecache.generations import Unreachable, breaker
from pagecache.generations import generations as current_generations
from signalflow import AFTER_COMMIT, action, conf
from signalflow.models import Trace
from signalflow.phases import PendingReceiver
from signalflow.registry import wires
from signalflow.testing import assert_nothing_left, run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

LOCKED = OperationalError("database is locked")
PATHS = (
    *("/", "/tags/", "/tags/sun/", "/authors/", "/authors/ada/", "/archive/", "/feed/"),
    *("/posts/on-mirrors/", "/posts/changed/"),
)
AFTER_COMMIT_UIDS = {w.receiver.uid for w in wires() if w.receiver.phase is AFTER_COMMIT}
RULES = rules.__name__
ENDING_PAGES = {
    "blog.invalidation.receivers.drop_pages_of_deleted_post": f"{RULES}.tags_for_deleted_post",
    "blog.invalidation.receivers.drop_pages_of_retagged_posts": f"{RULES}.tags_for_links",
    "blog.invalidation.receivers.drop_pages_of_saved_post": f"{RULES}.tags_for_saved_post",
    "blog.invalidation.receivers.drop_pages_with_picture": f"{RULES}.tags_for_picture",
    "blog.invalidation.receivers.end_outdated_pages": "blog.invalidation.ending.end",
}


def out_of_reach() -> None:
    raise Unreachable


def refuse(*_: object, **__: object) -> None:
    raise LOCKED


def no_claim(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("signalflow.deliveries._claim", refuse)


def no_look(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("signalflow.deliveries.run_one", refuse)


def no_trace(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Trace.objects, "create", refuse)


def no_broker(patch: pytest.MonkeyPatch) -> None:
    with_broker = conf.Options(check_types=True, dispatch=refuse)
    patch.setattr(conf, "options", lambda: with_broker)


def no_invalidation(patch: pytest.MonkeyPatch) -> None:
    def full(topics: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    books = current_generations().backend
    patch.setattr(books, "errors", (sqlite3.Error, *books.errors))
    patch.setattr(books, "invalidate", full)


def no_receiver(uid: str) -> Callable[[pytest.MonkeyPatch], None]:
    real = PendingReceiver.run

    def run(self, function, served) -> None:
        if self.spec.uid == uid:
            raise LOCKED
        real(self, function, served)

    return lambda patch: patch.setattr(PendingReceiver, "run", run)


def no_answer(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    """What a receiver that ends pages has to ask fails."""
    return lambda patch: patch.setattr(name, refuse)


FAULTS = {
    "claim": no_claim,
    "eager try": no_look,
    "trace": no_trace,
    "broker": no_broker,
    "invalidation": no_invalidation,
    **{uid: no_receiver(uid) for uid in AFTER_COMMIT_UIDS - ENDING_PAGES.keys()},
    **{uid: no_answer(name) for uid, name in ENDING_PAGES.items()},
}

# Each failure is logged; where nothing fails, nothing is.
PROVOKED = [pytest.param(name, marks=pytest.mark.expects_errors) for name in FAULTS]

Act = Callable[[], object]


def acts(ada, bruno, rita, moss) -> Iterator[Act]:
    """Every kind of door, each after the one before it."""

    def post(slug: str) -> Post:
        return Post.objects.get(slug=slug)

    def edit(of: str, **changes: object) -> None:
        services.edit_post(post(of), by=ada, version=post(of).version, **changes)

    yield lambda: services.create_post(ada, title="On mirrors", body="Light.", tags=["sun"])
    yield lambda: services.publish(post("on-mirrors"), by=ada)
    yield lambda: services.create_post(ada, title="On light", body="Light.", tags=["sun", "sea"])
    yield lambda: services.publish(post("on-light"), by=ada)
    yield lambda: edit("on-mirrors", title="On looking glasses")
    yield lambda: edit("on-mirrors", tags=["sea"])
    yield lambda: edit("on-light", slug="changed")
    yield lambda: submit_comment(post("on-mirrors"), author=rita, body="Bright")
    yield lambda: approve_comment(post("on-mirrors").comments.get(), by=moss)
    yield lambda: services.feature(post("on-mirrors"), by=None)
    yield lambda: services.unfeature(post("on-mirrors"), by=None)
    yield lambda: update_profile(ada, bio="Writes on light.")
    yield lambda: services.hand_over(post("changed"), by=None, to=bruno)
    yield lambda: reject_comment(post("on-mirrors").comments.get(), by=moss, verdict="spam")
    yield lambda: services.unpublish(post("on-mirrors"), by=ada)
    yield lambda: services.publish(post("on-mirrors"), by=ada)
    yield lambda: services.delete_post(post("changed"), by=None)


@contextmanager
def nothing_kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(freshness, "generations", out_of_reach)
        yield


def assert_fresh(after: str) -> None:
    shown = {path: Client().get(path).content for path in PATHS}
    with nothing_kept():
        for path, content in shown.items():
            assert Client().get(path).content == content, f"{path} after {after}"


# Of the two posts, one is gone before a worker comes to tell anybody.
FACTS = {
    "mails": [("a@example.org", "post_published")],
    "audit": Counter(
        {"created": 4, "edited": 3, "published": 3}
        | dict.fromkeys(["submitted", "approved", "rejected", "featured", "unfeatured"], 1)
        | dict.fromkeys(["withdrew", "deleted", "handed over", "changed the profile of"], 1)
    ),
    "reconcile": "0 differences found.\n",
}


def facts() -> dict[str, object]:
    told = io.StringIO()
    call_command("reconcile", "--check", stdout=told)
    return {
        "mails": sorted(Message.objects.values_list("recipient", "kind")),
        "audit": Counter(AuditEntry.objects.values_list("verb", flat=True)),
        "reconcile": told.getvalue(),
    }


@pytest.fixture
def cast(ada, bruno, rita, moss):
    Subscription.objects.create(
        email="a@example.org", target="site", label="all", confirmed_at=timezone.now()
    )
    return ada, bruno, rita, moss


def test_every_receiver_after_a_commit_is_made_to_fail() -> None:
    backstopped = {w.receiver.uid for w in wires() if w.receiver.backstop}
    assert backstopped == ENDING_PAGES.keys()
    assert backstopped <= AFTER_COMMIT_UIDS


@pytest.mark.parametrize("fault", ["none", *PROVOKED])
def test_the_doors_succeed_and_nothing_is_lost(fault, cast, monkeypatch, settings) -> None:
    monkeypatch.setattr(breaker, "REST_SECONDS", 0)
    settings.CDN = None
    with pytest.MonkeyPatch.context() as patch:
        FAULTS.get(fault, lambda patch: None)(patch)
        for number, act in enumerate(acts(*cast)):
            with action("act"):
                act()
            assert_fresh(f"act {number}, fault: {fault}")
        with suppress(OperationalError):  # a worker that is run by cron says so, and ends
            run_deliveries()
        assert_fresh(f"the worker, fault: {fault}")
    run_deliveries(even_later=True)
    assert_fresh(f"{fault} is over")
    assert_nothing_left()
    assert facts() == FACTS
