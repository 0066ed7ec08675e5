"""Refusals, silence, crashes and withdrawals between the event and its call."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from blog.services import publish, unpublish
from comments.services import approve_comment, reject_comment, submit_comment
from listeners.webhooks import calling
from listeners.webhooks.calling import SEND
from listeners.webhooks.models import Call, Endpoint, State
from signalflow.models import Delivery
from signalflow.testing import Crash, assert_nothing_left, failpoint, run_deliveries
from tests.listeners.webhooks.receiving import ids, told, verified

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("status", [500, 404, 429, 301, 302])
def test_another_answer_than_2xx_is_tried_again_under_the_same_id(
    peer, endpoint, write, ada, status
) -> None:
    peer.answers = [status]
    peer.location = "http://127.0.0.2:1/inside"
    publish(write(), by=ada)
    run_deliveries()
    (call,) = Call.objects.all()
    assert call.state == State.REFUSED
    assert f"answered {status}" in call.attempts.get().error
    assert f"answered {status}" in Delivery.objects.get(receiver=SEND).error
    run_deliveries()
    assert len(peer.requests) == 1, "not at once"
    run_deliveries(even_later=True)
    assert ids(peer) == {call.webhook_id}
    assert peer.requests[0].body == peer.requests[1].body
    verified(peer.requests[1], endpoint.secret)
    call = Call.objects.get()
    assert [attempt.state for attempt in call.attempts.all()] == [State.ACCEPTED, State.REFUSED]
    assert call.state == State.ACCEPTED
    assert_nothing_left()


def test_a_redirect_inside_is_not_followed(peer, peers, endpoint, write, ada) -> None:
    inside = peers(host="127.0.0.2")
    peer.answers, peer.location = [302], inside.url
    publish(write(), by=ada)
    run_deliveries(even_later=True)
    assert inside.requests == []


def test_one_that_always_refuses_is_given_up_visibly_and_alone(peer, peers, write, ada) -> None:
    bad = peers(answers=[503] * 99)
    for each in (bad, peer):
        Endpoint.objects.create(label="x", url=each.url)
    publish(write(), by=ada)
    for _ in range(12):
        run_deliveries(even_later=True)
    assert told(peer) == ["post.published"]
    assert len(bad.requests) == 8
    failed = Delivery.objects.get(state="failed")
    assert failed.error == "NotAccepted: 127.0.0.1 answered 503."


def test_a_receiver_inside_is_never_asked(peer, endpoint, write, ada, settings) -> None:
    """Its name led outside when it was added, and inside now."""
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    publish(write(), by=ada)
    run_deliveries()
    assert peer.requests == []
    attempt = Call.objects.get().attempts.get()
    assert attempt.state == State.REFUSED
    assert "127.0.0.1, which is not on the public internet" in attempt.error


def test_a_crash_after_the_answer_is_uncertain_and_the_id_stays(peer, endpoint, write, ada) -> None:
    publish(write(), by=ada)
    with failpoint("webhook answered"), pytest.raises(Crash):
        run_deliveries()
    (call,) = Call.objects.all()
    attempt = call.attempts.get()
    assert attempt.state == State.WAITING, "for all we know it is under way"
    call.attempts.update(at=timezone.now() - timedelta(minutes=1))
    Call.objects.update(requested_at=timezone.now() - timedelta(minutes=2))
    assert Call.objects.get().state == State.UNCERTAIN
    Delivery.objects.filter(state="running").update(available_at=timezone.now())
    run_deliveries()
    assert len(peer.requests) == 2
    assert ids(peer) == {call.webhook_id}
    states = [attempt.state for attempt in call.attempts.all()]
    assert states == [State.ACCEPTED, State.UNCERTAIN]
    assert Call.objects.get().state == State.ACCEPTED
    assert_nothing_left()


def test_a_crash_after_the_note_sends_nothing_again(peer, endpoint, write, ada) -> None:
    publish(write(), by=ada)
    run_deliveries()
    Delivery.objects.filter(receiver=SEND).update(state="running", available_at=timezone.now())
    run_deliveries()
    assert len(peer.requests) == 1


def test_a_server_that_falls_silent_leaves_a_doubt(peer, endpoint, write, ada) -> None:
    peer.answer = lambda handler: None
    publish(write(), by=ada)
    run_deliveries()
    assert Call.objects.get().state == State.UNCERTAIN


def test_withdrawn_while_it_waits_is_called_off(peer, endpoint, write, ada, rita) -> None:
    post = write(public=True)
    comment = submit_comment(post, author=rita, body="Yes.")
    approve_comment(comment, by=None)
    peer.answers = [500, 500]
    run_deliveries()
    unpublish(post, by=ada)
    reject_comment(comment, by=None, verdict="spam")
    publish_calls = Call.objects.exclude(kind="post.unpublished")
    peer.requests.clear()
    run_deliveries(even_later=True)
    assert told(peer) == ["post.unpublished"]
    assert {call.state for call in publish_calls} == {State.CANCELLED}
    assert_nothing_left()


def test_an_endpoint_deleted_meanwhile_is_left_alone(peer, endpoint, write, ada) -> None:
    publish(write(), by=ada)
    peer.answers = [500]
    run_deliveries()
    endpoint.delete()
    run_deliveries(even_later=True)
    assert len(peer.requests) == 1
    assert Delivery.objects.get(receiver=SEND).state == "skipped"


def test_an_endpoint_deleted_during_the_call_does_no_harm(peer, endpoint, write, ada) -> None:
    def delete() -> None:
        endpoint.delete()

    publish(write(), by=ada)
    with failpoint("webhook answered", delete):
        run_deliveries()
    assert not Call.objects.exists()
    assert_nothing_left()


def test_no_transaction_is_open_while_the_network_is_waited_for(
    peer, endpoint, write, ada, monkeypatch
) -> None:
    seen, post = [], calling.post

    def look(*args):
        seen.append((connection.in_atomic_block, Call.objects.get().attempts.count()))
        return post(*args)

    monkeypatch.setattr(calling, "post", look)
    publish(write(), by=ada)
    run_deliveries()
    assert seen == [(False, 1)], "and the attempt is written before"
