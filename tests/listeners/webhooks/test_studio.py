"""The pages of those who operate webhooks: what they see, may do, and leave in the audit trail."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from blog.models import Post
from blog.services import Refused, publish
from listeners.audit.models import AuditEntry
from listeners.webhooks import services
from listeners.webhooks.models import Attempt, Call, Endpoint, State
from signalflow.models import Delivery, Trace
from signalflow.testing import assert_nothing_left, run_deliveries
from tests.blog.studio.test_receipts import effects_on
from tests.listeners.webhooks.receiving import ids, told, verified

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def window(olga) -> Client:
    client = Client()
    client.force_login(olga)
    return client


def trail() -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.filter(target_label__startswith="webhook").order_by("pk")
    return [(row.actor_name, row.verb, row.target_label) for row in rows]


def test_from_the_first_form_to_a_verified_test_call(peer, window) -> None:
    page = window.get("/studio/webhooks/")
    assert "No other program is told of anything yet" in page.content.decode()
    assert window.post("/studio/webhooks/", {"label": "Mirror", "url": peer.url}).status_code == 302
    endpoint = Endpoint.objects.get()
    address = f"/studio/webhooks/{endpoint.pk}/"
    page = window.get(address)
    assert "no-store" in page["Cache-Control"]
    assert endpoint.secret in page.content.decode()
    assert "Nothing was sent yet" in page.content.decode()
    window.post(f"{address}test/")
    run_deliveries()
    body = verified(peer.requests[0], endpoint.secret)
    assert (body["type"], body["data"]["url"]) == ("ping", "http://127.0.0.1:8000")
    page = window.get(address).content.decode()
    assert "state-accepted" in page
    assert Call.objects.get().webhook_id in page
    assert "Accepted" in window.get("/studio/webhooks/").content.decode()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://example.org/", "begin with https:// or http://"),
        ("https://me:secret@example.org/", "must not contain a user name"),
        ("http://127.0.0.1:8000/", "not on the public internet"),
        ("http://169.254.169.254/", "not on the public internet"),
        ("http://2130706433/", "not on the public internet"),
        ("", "required"),
    ],
)
def test_the_form_refuses_what_is_never_called(window, url, told) -> None:
    page = window.post("/studio/webhooks/", {"label": "Mirror", "url": url})
    assert told in page.content.decode()
    assert not Endpoint.objects.exists()


def test_every_act_is_recorded_without_secrets(peer, window, olga) -> None:
    window.post("/studio/webhooks/", {"label": "Mirror", "url": f"{peer.url}/token-of-theirs"})
    endpoint = Endpoint.objects.get()
    for act in ("pause", "pause", "resume", "test"):
        assert window.post(f"/studio/webhooks/{endpoint.pk}/{act}/").status_code == 302
    run_deliveries()
    window.post(f"/studio/webhooks/calls/{Call.objects.get().pk}/redeliver/")
    window.post(f"/studio/webhooks/{endpoint.pk}/delete/")
    verbs = ["added", "paused", "resumed", "tested", "redelivered", "deleted"]
    assert trail() == [("olga", verb, "webhook Mirror") for verb in verbs]
    recorded = str(list(AuditEntry.objects.values()))
    assert endpoint.secret not in recorded
    assert "token-of-theirs" not in recorded
    assert "127.0.0.1" in recorded
    assert not Endpoint.objects.exists()


def test_an_act_that_was_not_recorded_did_not_happen(endpoint, olga, monkeypatch) -> None:
    def fail(**kwargs):
        raise RuntimeError("no paper")

    monkeypatch.setattr(services.operator_acted, "send", fail)
    for door in (services.pause, services.send_test, services.delete_endpoint):
        with pytest.raises(RuntimeError):
            door(endpoint, by=olga)
    assert Endpoint.objects.get().active
    assert not Call.objects.exists()
    assert not Delivery.objects.exists()


def test_only_those_who_may_find_it(window, ada, endpoint) -> None:
    assert "/studio/webhooks/" in window.get("/studio/").content.decode()
    client = Client()
    client.force_login(ada)
    assert "/studio/webhooks/" not in client.get("/studio/").content.decode()
    with pytest.raises(PermissionDenied):
        services.redeliver(Call(endpoint=endpoint), by=ada)
    ada.user_permissions.add(Permission.objects.get(codename="operate_webhooks"))
    assert client.get(f"/studio/webhooks/{endpoint.pk}/").status_code == 200


def test_redelivered_it_has_the_same_id_and_body(peer, endpoint, window, write) -> None:
    write(public=True)
    run_deliveries()
    call = Call.objects.get()
    window.post(f"/studio/webhooks/calls/{call.pk}/redeliver/")
    assert Call.objects.get().state == State.WAITING
    run_deliveries()
    assert ids(peer) == {call.webhook_id}
    assert len({request.body for request in peer.requests}) == 1
    assert len(peer.requests) == 2
    assert Call.objects.get().state == State.ACCEPTED
    assert_nothing_left()


def test_redelivered_while_it_waits_it_is_sent_once(peer, endpoint, window, write) -> None:
    peer.answers = [500]
    write(public=True)
    run_deliveries()
    call = Call.objects.get()
    page = window.get(f"/studio/webhooks/{endpoint.pk}/").content.decode()
    assert "next try" in page
    window.post(f"/studio/webhooks/calls/{call.pk}/redeliver/")
    run_deliveries()
    run_deliveries(even_later=True)
    assert len(peer.requests) == 2
    assert_nothing_left()


def test_redelivered_after_it_was_given_up_no_failure_is_left(
    peer, endpoint, window, write
) -> None:
    peer.answers = [500] * 8
    write(public=True)
    for _ in range(9):
        run_deliveries(even_later=True)
    page = window.get(f"/studio/webhooks/{endpoint.pk}/").content.decode()
    assert "given up after 8 attempts" in page
    window.post(f"/studio/webhooks/calls/{Call.objects.get().pk}/redeliver/")
    run_deliveries()
    assert Call.objects.get().state == State.ACCEPTED
    assert_nothing_left()


def test_paused_it_is_told_nothing_but_tests(peer, endpoint, olga, write) -> None:
    peer.answers = [500]
    write("One", public=True)
    run_deliveries()
    services.pause(endpoint, by=olga)
    write("Two", public=True)
    run_deliveries(even_later=True)
    assert len(peer.requests) == 1
    (call,) = Call.objects.all()
    assert (call.state, call.cancelled) == (State.CANCELLED, "the webhook is paused")
    with pytest.raises(Refused, match="Resume it first"):
        services.redeliver(call, by=olga)
    services.send_test(endpoint, by=olga)
    run_deliveries()
    assert told(peer) == ["post.published", "ping"]
    services.resume(endpoint, by=olga)
    services.redeliver(call, by=olga)
    run_deliveries()
    assert told(peer) == ["post.published", "ping", "post.published"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_forecast_says_what_the_receipt_will(peer, ada, write, count) -> None:
    client = Client()
    client.force_login(ada)
    for number in range(count):
        Endpoint.objects.create(label=str(number), url=peer.url)
    post = write()
    forecast = effects_on(client.get(f"/studio/posts/{post.pk}/forecast/").content.decode())
    assert peer.requests == []
    assert not Call.objects.exists()
    assert not Post.objects.get(pk=post.pk).is_public
    client.post(f"/studio/posts/{post.pk}/publish/")
    run_deliveries()
    trace = Trace.objects.filter(name__startswith="POST").first()
    page = client.get(f"/studio/receipts/{trace.pk}/").content.decode()
    assert effects_on(page) == forecast
    assert ("127.0.0.1 was told" in page) == bool(count)
    about = {sentence for sentence in forecast if "webhook" in sentence}
    words = {0: set(), 1: {"1 webhook will be told"}, 3: {"3 webhooks will be told"}}
    assert about == words[count]


def test_a_long_log_has_pages_and_costs_the_same(
    endpoint, window, django_assert_max_num_queries
) -> None:
    def fill(number: int) -> None:
        Call.objects.all().delete()
        for index in range(number):
            call = Call.objects.create(endpoint=endpoint, event=str(index), kind="ping", body="{}")
            Attempt.objects.create(call=call, at=timezone.now(), milliseconds=3, status=200)

    queries = []
    for number in (1, 20, 45):
        fill(number)
        window.get("/")  # after a change the first request asks what is due
        with django_assert_max_num_queries(12) as seen:
            page = window.get(f"/studio/webhooks/{endpoint.pk}/").content.decode()
        queries.append(len(seen))
    assert len(set(queries)) == 1
    assert "Page 1 of 3" in page
    assert len(re.findall("Redeliver", page)) == 20


def test_publishing_by_nobody_tells_too(peer, endpoint, write) -> None:
    publish(write(), by=None)
    run_deliveries()
    assert told(peer) == ["post.published"]
