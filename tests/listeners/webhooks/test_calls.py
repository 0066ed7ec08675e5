"""What a receiver outside sees: each event once, signed, and only while it is true."""

import base64
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from blog.services import bulk_publish, import_post, publish, unpublish
from comments.services import approve_comment, import_comment, submit_comment
from listeners.webhooks.calling import SEND
from listeners.webhooks.models import Call, Endpoint, State
from signalflow.models import Delivery
from signalflow.operating.operations import replay
from signalflow.testing import assert_nothing_left, run_deliveries
from tests.listeners.webhooks.receiving import ids, told, verified
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_publication_is_told_signed_and_in_public_facts_only(peer, endpoint, write, ada) -> None:
    post = write("Über <Spiegel>", body="A secret draft.")
    publish(post, by=ada)
    run_deliveries()
    (request,) = peer.requests
    assert request.path == "/hook"
    assert request.headers["content-type"] == "application/json"
    body = verified(request, endpoint.secret)
    assert body == {
        "type": "post.published",
        "timestamp": body["timestamp"],
        "data": {
            "id": post.pk,
            "title": "Über <Spiegel>",
            "url": f"http://127.0.0.1:8000{post.get_absolute_url()}",
            "author": "ada",
            "published_at": post.published_at.isoformat(),
        },
    }
    call = Call.objects.get()
    assert call.body.encode() == request.body, "kept as it was sent"
    assert (call.state, call.attempts.get().status) == (State.ACCEPTED, 200)
    assert call.attempts.get().excerpt == "thanks"
    assert_nothing_left()


def test_a_secret_is_long_random_and_its_own(db) -> None:
    one, other = (Endpoint.objects.create(label="x", url="https://a.example").secret for _ in "ab")
    assert one != other
    assert one.startswith("whsec_")
    assert len(base64.b64decode(one.removeprefix("whsec_"))) == 32


def test_each_event_has_its_own_call(peer, endpoint, write, ada, rita) -> None:
    post = write()
    publish(post, by=ada)
    run_deliveries()
    comment = submit_comment(post, author=rita, body="Yes.")
    approve_comment(comment, by=None)
    run_deliveries()
    unpublish(post, by=ada)
    run_deliveries()
    publish(post, by=ada)
    run_deliveries()
    kinds = ["post.published", "comment.approved", "post.unpublished", "post.published"]
    assert told(peer) == kinds
    assert len(ids(peer)) == 4
    data = verified(peer.requests[1], endpoint.secret)["data"]
    assert data["author"] == "rita"
    assert data["url"].endswith(f"/comments/{comment.pk}/")
    assert data["post"]["id"] == post.pk
    assert_nothing_left()


def test_drafts_and_imports_are_nobodys_business(peer, endpoint, write, ada) -> None:
    write()
    old = import_post(
        ada, title="Old", body="x", source="wp:1", status="published", published_at=timezone.now()
    )
    import_comment(old, body="x", parent=None, author_name="Guest", status="approved")
    run_deliveries()
    assert peer.requests == []
    assert not Call.objects.exists()


def test_without_endpoints_nothing_is_written(write, ada) -> None:
    publish(write(), by=ada)
    run_deliveries()
    assert not Call.objects.exists()
    assert not Delivery.objects.filter(receiver=SEND).exists()


def test_many_publishers_make_one_call_for_each_endpoint(peers, write, edith) -> None:
    ours = [peers(), peers()]
    for peer in ours:
        Endpoint.objects.create(label="x", url=peer.url)
    Endpoint.objects.create(label="paused", url=ours[0].url, active=False)
    post = write()
    results = together(
        *[lambda: publish(post, by=None)] * 2, *[lambda: bulk_publish([post], by=edith)]
    )
    assert len(results) == 3
    run_deliveries()
    replay("webhooks.receivers.queue_publication", timezone.now() - timedelta(hours=1))
    run_deliveries()
    assert [told(peer) for peer in ours] == [["post.published"]] * 2
    assert_nothing_left()


def test_withdrawn_before_it_was_told_is_not_told(peer, endpoint, write, ada) -> None:
    post = write()
    publish(post, by=ada)
    unpublish(post, by=ada)
    run_deliveries()
    assert "post.published" not in told(peer)


def test_public_again_is_not_told_as_withdrawn(peer, endpoint, write, ada) -> None:
    post = write(public=True)
    run_deliveries()
    unpublish(post, by=ada)
    publish(post, by=ada)
    run_deliveries()
    assert told(peer) == ["post.published", "post.published"]
    assert_nothing_left()


def test_pruning_keeps_what_is_new_or_did_not_end_well(peer, endpoint, write, ada) -> None:
    peer.answers = [200, 500]
    for title in ("One", "Two"):
        publish(write(title), by=ada)
        run_deliveries()
    call_command("signals", "prune", "--days", "1")
    assert Call.objects.count() == 2
    Call.objects.update(created_at=timezone.now() - timedelta(days=2))
    call_command("signals", "prune", "--days", "1")
    assert Call.objects.get().state == State.REFUSED
