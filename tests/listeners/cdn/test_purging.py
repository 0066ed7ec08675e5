"""What ends here ends at the CDN: the right tags, in batches, once, whatever fails between."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.services import edit_post, publish, schedule
from comments.services import approve_comment, submit_comment
from listeners.cdn import calling
from listeners.cdn.models import EndedTag
from listeners.cdn.purging import READ
from pagecache import invalidate_now
from signalflow import rehearse
from signalflow.models import Delivery, Trace
from signalflow.operating.health import facts
from signalflow.testing import Crash, assert_nothing_left, failpoint, run_deliveries
from tests.listeners.cdn.edge import EVERYTHING, TOKEN
from tests.photos import photo
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def purges() -> list[Delivery]:
    return list(Delivery.objects.filter(receiver="cdn.receivers.purge_ended_pages"))


def written(count: int) -> None:
    """So many tags ended, all in one change."""
    invalidate_now(*(f"post:{number}" for number in range(1, count)))


def test_what_is_published_edited_and_approved_is_purged(edge, write, ada, rita) -> None:
    post = write("On mirrors", tags=["sun"])
    tag = post.tags.get()
    run_deliveries()
    edge.purges.clear()
    publish(post, by=ada)
    run_deliveries()
    assert {"posts", f"post:{post.pk}", f"tag:{tag.pk}", f"author:{ada.pk}"} <= set(edge.tags)
    assert {"post:all", "tag:all"} <= set(edge.tags), "for pages that depend on all of them"
    edge.purges.clear()
    edit_post(post, by=ada, version=1, body="Silver.")
    run_deliveries()
    assert edge.purges == [[f"post:{post.pk}", "post:all"]]
    edge.purges.clear()
    approve_comment(submit_comment(post, author=rita, body="Yes."), by=None)
    run_deliveries()
    assert f"comments:{post.pk}" in edge.tags
    assert not EndedTag.objects.exists()
    assert_nothing_left()


def test_many_changes_are_one_run_and_each_tag_goes_once(edge, write, ada) -> None:
    # With pictures: a card is drawn later, and is a change of its own.
    posts = [
        write(f"Light {number}", tags=["sun"], image=photo(50, 50), image_alt="A light")
        for number in range(5)
    ]
    run_deliveries()
    edge.purges.clear()
    for post in posts:
        publish(post, by=ada)
    run_deliveries()
    assert len(edge.tags) == len(set(edge.tags))
    assert edge.calls == 1
    assert len(purges()) > 5, "each invalidation asked for it"


@pytest.mark.parametrize(("ended", "batches"), [(100, {100: 1, 256: 1}), (601, {100: 7, 256: 3})])
def test_batches_are_of_the_size_the_cdn_takes(edge, ended, batches) -> None:
    written(ended)  # with their kind
    run_deliveries()
    limit = 100 if edge.kind == "cloudflare" else 256
    assert len(edge.purges) == batches[limit]
    assert len(set(edge.tags)) == len(edge.tags) == ended


def test_a_long_outage_is_worked_off_to_the_end(edge) -> None:
    EndedTag.objects.bulk_create(EndedTag(tag=f"tag:{n % 300}") for n in range(READ + 50))
    written(2)
    run_deliveries()
    assert not EndedTag.objects.exists()
    assert set(edge.tags) == {f"tag:{n}" for n in range(300)} | {"post:1", "post:all"}


def test_the_whole_site_is_one_call(edge) -> None:
    written(500)
    call_command("purge_cdn")
    run_deliveries()
    assert edge.purges == [EVERYTHING]
    assert not EndedTag.objects.exists()


def test_the_command_without_a_cdn_says_so() -> None:
    with pytest.raises(CommandError, match="CDN_URL is not set"):
        call_command("purge_cdn")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (500, {}),
        (429, {"errors": [{"code": 971, "message": "too many requests"}]}),
        (403, {"msg": f"bad token {TOKEN}"}),
        (302, {}),
        (200, {"success": False, "errors": [{"message": f"who is {TOKEN}?"}]}),
    ],
)
def test_a_refusal_is_tried_again_and_shows_no_token(edge, status, told) -> None:
    edge.refusals, edge.peer.location = [(status, told)], "http://127.0.0.1:1/elsewhere"
    written(5)
    run_deliveries()
    assert EndedTag.objects.count() == 5
    (delivery,) = purges()
    assert delivery.error.startswith("NotPurged: ")
    assert str(status) in delivery.error or "refused" in delivery.error
    run_deliveries(even_later=True)
    assert len(edge.tags) == 5
    assert_nothing_left()
    stored = [str(list(rows.values())) for rows in (Delivery.objects, Trace.objects)]
    assert TOKEN not in "".join(stored)


def test_nobody_answers(edge, caplog, monkeypatch) -> None:
    monkeypatch.setattr(calling, "TIMEOUT", 0.2)
    edge.peer.before_answer = lambda: time.sleep(0.6)
    written(5)
    run_deliveries()
    assert "did not answer (TimeoutError)" in purges()[0].error
    edge.peer.stop()
    run_deliveries(even_later=True)
    assert "did not answer (ConnectionRefusedError)" in purges()[0].error
    assert TOKEN not in caplog.text
    assert EndedTag.objects.count() == 5


def test_what_was_accepted_is_not_sent_again(edge) -> None:
    written(150)
    if edge.kind == "fastly":
        written(600)
    edge.refusals = []
    accepted = edge.answer

    def refuse_the_second(handler) -> None:
        edge.refusals = [(503, {})] if edge.calls == 1 else []
        accepted(handler)

    edge.peer.answer = refuse_the_second
    run_deliveries()
    assert len(edge.purges) == 1
    run_deliveries(even_later=True)
    assert len(edge.tags) == len(set(edge.tags))
    assert not EndedTag.objects.exists()


def test_a_worker_that_dies_loses_nothing(edge) -> None:
    written(600)
    with failpoint("cdn answered"), pytest.raises(Crash):
        run_deliveries()
    assert EndedTag.objects.count() == 600, "accepted, but nobody could note it"
    Delivery.objects.filter(state="running").update(available_at=timezone.now())
    run_deliveries()
    assert len(set(edge.tags)) == 600
    assert len(edge.tags) - 600 == len(edge.purges[0]), "only what was in flight is sent again"
    assert_nothing_left()


def test_what_ends_while_the_cdn_is_asked_is_purged_too(edge) -> None:
    written(5)
    once = iter([lambda: written(5)])
    edge.peer.before_answer = lambda: next(once, lambda: None)()
    run_deliveries()
    assert sorted(edge.tags) == sorted([f"post:{n}" for n in range(1, 5)] * 2 + ["post:all"] * 2)
    assert not EndedTag.objects.exists()


def test_two_workers_and_changes_between(edge) -> None:
    written(300)
    together(run_deliveries, run_deliveries, lambda: written(400))
    run_deliveries(even_later=True)
    assert len(set(edge.tags)) == 400
    assert not EndedTag.objects.exists()
    assert_nothing_left()


def test_no_transaction_is_open_while_the_cdn_is_asked(edge, monkeypatch) -> None:
    seen, post = [], calling.post
    monkeypatch.setattr(
        "listeners.cdn.purging.post", lambda *a: (seen.append(connection.in_atomic_block), post(*a))
    )
    written(3)
    run_deliveries()
    assert seen == [False]


def test_a_worker_without_the_variable_is_seen(edge, settings) -> None:
    written(3)
    settings.CDN = None
    run_deliveries()
    assert "CDN_URL is not set" in purges()[0].error
    assert EndedTag.objects.count() == 3


def test_a_forecast_sends_and_writes_nothing(edge, write, ada) -> None:
    post = write()
    run_deliveries()
    edge.purges.clear()
    rehearse(lambda: publish(post, by=ada))
    run_deliveries()
    assert edge.purges == []
    assert not EndedTag.objects.exists()


def test_a_plan_is_on_no_page(edge, write, ada) -> None:
    post = write()
    run_deliveries()
    edge.purges.clear()
    schedule(post, by=ada, at=datetime(2999, 1, 1, tzinfo=UTC))
    run_deliveries()
    assert edge.purges == []


def test_without_a_cdn_a_bump_asks_the_database_nothing(db) -> None:
    with CaptureQueriesContext(connection) as seen:
        written(5)
    assert len(seen) == 0
    assert not EndedTag.objects.exists()


def test_health_says_what_waits(edge, settings) -> None:
    def told() -> tuple[str, bool]:
        fact = next(fact for fact in facts() if "not yet purged" in fact.label)
        return fact.text, fact.healthy

    assert told() == ("none waits", True)
    written(3)
    assert told()[1]
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        assert told() == ("ended 10\xa0minutes ago", False)
    settings.CDN = None
    assert not [fact for fact in facts() if "not yet purged" in fact.label]
