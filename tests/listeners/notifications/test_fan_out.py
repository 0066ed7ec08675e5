"""Each subscriber hears of a publication once, with every reason, or not at all."""

from collections import Counter

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.models import Post
from blog.services import edit_post, publish, unpublish
from listeners.notifications import audience, outbox, sending
from listeners.notifications.models import Message, Subscription
from listeners.notifications.subscribing import subscribe, unsubscribe
from signalflow.deliveries import run_one
from signalflow.models import Delivery
from signalflow.testing import assert_nothing_left, run_deliveries
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def follow(email: str, target: str, label: str = "", **fields) -> Subscription:
    fields.setdefault("confirmed_at", timezone.now())
    return Subscription.objects.create(email=email, target=target, label=label or target, **fields)


def recipients(mailoutbox) -> list[str]:
    return sorted(address for mail in mailoutbox for address in mail.recipients())


def run_only(*names: str) -> None:
    """What a worker does that is stopped before anything else."""
    for row in Delivery.objects.filter(state="pending").order_by("pk"):
        if row.receiver.endswith(names):
            run_one(row.pk)


@pytest.fixture
def post(write) -> Post:
    return write("On mirrors", tags=["sun", "glass"])


def targets(post: Post) -> list[str]:
    return audience.targets_of(post)


def test_all_reasons_come_in_one_mail(post, ada, mailoutbox) -> None:
    for number, target in enumerate(targets(post)):
        follow("s@example.org", target, f"label {number}")
    follow("other@example.org", "site", "all new posts")
    follow("nobody@example.org", "tag:999", "another tag")
    follow("nobody@example.org", "thread:1", "a conversation")
    publish(post, by=ada)
    run_deliveries()
    assert recipients(mailoutbox) == ["other@example.org", "s@example.org"]
    mail = next(m for m in mailoutbox if m.to == ["s@example.org"])
    for part in (mail.body, mail.alternatives[0].content):
        for number in range(4):
            assert f"You follow label {number}." in part
    assert mail.subject == "On mirrors"
    assert not mail.cc
    assert not mail.bcc


def test_only_confirmed_and_lasting_subscriptions_count(post, ada, mailoutbox) -> None:
    now = timezone.now()
    follow("pending@example.org", "site", confirmed_at=None)
    follow("ended@example.org", "site", ended_at=now)
    follow("never@example.org", "site", confirmed_at=None, ended_at=now)
    publish(post, by=ada)
    run_deliveries()
    assert mailoutbox == []
    assert not Message.objects.exists()


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    chunk=st.integers(1, 7),
    batch=st.integers(1, 5),
    follows=st.sets(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=40),
)
def test_nobody_twice_and_nobody_missing(post, monkeypatch, chunk, batch, follows) -> None:
    """Whatever lies across the border of two chunks."""
    monkeypatch.setattr(audience, "CHUNK", chunk)
    monkeypatch.setattr(outbox, "BATCH", batch)
    for table in (Subscription, Message, Delivery):
        table.objects.all().delete()
    Post._base_manager.update(status="draft")
    for person, target in follows:
        follow(f"{person}@example.org", targets(post)[target], f"label {target}")
    publish(Post.objects.get(pk=post.pk), by=None)
    run_deliveries()
    expected = {
        f"{person}@example.org": sorted(
            f"You follow label {target}." for one, target in follows if one == person
        )
        for person, _ in follows
    }
    told = {m.recipient: sorted(m.reasons) for m in Message.objects.all()}
    assert told == expected
    assert set(Message.objects.values_list("state", flat=True)) <= {"sent"}
    assert_nothing_left()


def test_addresses_in_other_letters_are_one_person(post, ada, mailoutbox, monkeypatch) -> None:
    monkeypatch.setattr(audience, "CHUNK", 1)
    for email in ("S@example.org", "s@example.org", "s@EXAMPLE.org"):
        follow(email, "site")
    publish(post, by=ada)
    run_deliveries()
    assert recipients(mailoutbox) == ["s@example.org"]


# -- once in a post's life ----------------------------------------------------------------


def test_withdrawn_before_sending_is_sent_to_nobody(post, ada, mailoutbox) -> None:
    for number in range(3):
        follow(f"{number}@example.org", "site")
    publish(post, by=ada)
    run_only("queue_subscriber_mail")
    assert Message.objects.filter(state="queued").count() == 3
    unpublish(post, by=ada)
    run_deliveries()
    assert mailoutbox == []
    assert set(Message.objects.values_list("state", flat=True)) == {"cancelled"}
    publish(post, by=ada)
    run_deliveries()
    assert len(recipients(mailoutbox)) == 3, "now they are told"


def test_withdrawn_before_the_fan_out_queues_nothing(post, ada, mailoutbox) -> None:
    follow("s@example.org", "site")
    publish(post, by=ada)
    unpublish(post, by=ada)
    run_deliveries()
    assert not Message.objects.exists()
    assert_nothing_left()


def test_a_post_is_told_of_once_in_its_life(post, ada, mailoutbox) -> None:
    follow("s@example.org", "site")
    for number in range(3):
        publish(post, by=ada)
        run_deliveries()
        fresh = Post.objects.get()
        edit_post(fresh, by=ada, version=fresh.version, title=f"Title {number}", body="Changed.")
        Post.objects.update(slug=f"slug-{number}")
        run_deliveries()
        unpublish(post, by=ada)
    follow("late@example.org", "site")
    publish(post, by=ada)
    run_deliveries()
    assert Counter(recipients(mailoutbox)) == {"s@example.org": 1, "late@example.org": 1}


def test_published_again_while_the_mails_still_wait_is_one_mail(post, ada, mailoutbox) -> None:
    follow("s@example.org", "site")
    for _ in range(3):
        publish(post, by=ada)
        run_only("queue_subscriber_mail")
        unpublish(post, by=ada)
    publish(post, by=ada)
    together(run_deliveries, run_deliveries)
    run_deliveries(even_later=True)
    assert recipients(mailoutbox) == ["s@example.org"]
    assert_nothing_left()


def test_a_mail_under_way_is_not_taken_for_a_dead_workers(post, ada, mailoutbox, monkeypatch):
    """Two fan-outs of one event: while one worker speaks to the server, another one begins."""
    follow("s@example.org", "site")
    publish(post, by=ada)
    run_only("queue_subscriber_mail")
    unpublish(post, by=ada)
    publish(post, by=ada)
    run_only("queue_subscriber_mail")
    reached = []

    def meanwhile(name: str) -> None:
        if name == "mail accepted" and not reached:
            reached.append(name)
            run_deliveries()

    monkeypatch.setattr(sending.failpoints, "reach", meanwhile)
    run_deliveries()
    assert reached
    run_deliveries(even_later=True)
    assert recipients(mailoutbox) == ["s@example.org"]
    message = Message.objects.get()
    assert (message.state, message.uncertain) == ("sent", 0)


def test_who_ends_it_before_the_sending_hears_nothing(post, ada, mailoutbox) -> None:
    rows = [follow("s@example.org", target, target) for target in targets(post)]
    publish(post, by=ada)
    run_only("queue_subscriber_mail")
    for row in rows[:-1]:
        unsubscribe(row.token)
    run_deliveries()
    (mail,) = mailoutbox
    link = mail.extra_headers["List-Unsubscribe"].strip("<>")
    Client().post(link.removeprefix("http://127.0.0.1:8000"))
    assert not Subscription.objects.active().exists(), "the link ends what is left"


def test_who_follows_something_else_meanwhile_is_told_for_that(post, ada, mailoutbox) -> None:
    """A cancelled mail comes back with the reasons of today, not with those that ended."""
    first = follow("s@example.org", "site", "all new posts")
    publish(post, by=ada)
    run_only("queue_subscriber_mail")
    unsubscribe(first.token)
    run_deliveries()
    assert Message.objects.get().state == "cancelled"
    follow("s@example.org", targets(post)[1], "the posts of ada")
    unpublish(post, by=ada)
    publish(post, by=ada)
    run_deliveries()
    (mail,) = mailoutbox
    assert "You follow the posts of ada." in mail.body
    assert "all new posts" not in mail.body


def test_subscribing_after_the_publication_brings_no_old_post(post, ada, mailoutbox) -> None:
    publish(post, by=ada)
    run_deliveries()
    subscribe("s@example.org", "site", "all new posts")
    run_deliveries()
    mailoutbox.clear()
    Subscription.objects.update(confirmed_at=timezone.now())
    fresh = Post.objects.get()
    edit_post(fresh, by=ada, version=1, body="Changed.")
    fresh.save()
    run_deliveries()
    assert mailoutbox == []
