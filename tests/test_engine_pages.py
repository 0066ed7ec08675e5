"""The engine's pages: what they show is what is, and what is pressed there happens once."""

import html
import json
import re
from datetime import timedelta
from io import StringIO
from xml.etree import ElementTree

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import User
from blog.models import Post
from blog.services import publish
from listeners.audit.models import AuditEntry
from signalflow import DomainSignal
from signalflow.models import Delivery, Heartbeat, Trace
from signalflow.operating import wiring
from signalflow.signals import health_asked
from signalflow.testing import run_deliveries
from tests.lamp import UID

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin", "admin@example.org", "correct horse"))
    return client


def table_of(page: str) -> set[tuple[str, ...]]:
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)[1]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    cells = (re.findall(r"<td>(.*?)</td>", row, re.DOTALL)[:4] for row in rows)
    return {tuple(html.unescape(strip_tags(cell)).strip() for cell in row) for row in cells}


def table_text(page: str) -> str:
    return strip_tags(re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)[1])


def listed(*options: str) -> set[tuple[str, ...]]:
    out = StringIO()
    call_command("signals", "list", *options, stdout=out)
    found = re.findall(r"(.+)  from (.+)  → (.+)  \((.+)\)", out.getvalue())
    return {(signal, sender, uid, phase) for signal, sender, uid, phase in found}


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", ()),
        ("?app=search", ("--app", "search")),
        ("?signal=post_published", ("--signal", "post_published")),
        ("?app=nonsense&phase=never", ()),
    ],
)
def test_the_page_says_what_the_command_says(operator, query, options) -> None:
    page = read(operator, f"/studio/signals/{query}")
    # Escaped on the page: a sender such as <AccountsConfig: accounts> must not become markup.
    shown = {
        tuple(cell.replace("&lt;", "<").replace("&gt;", ">") for cell in row)
        for row in table_of(page)
    }
    assert shown == listed(*options)
    edges = json.loads(read(operator, f"/studio/signals/wiring.json{query}"))["edges"]
    assert {(e["signal"], e["sender"], e["receiver"], e["phase"]) for e in edges} == shown
    dot = read(operator, f"/studio/signals/wiring.dot{query}")
    assert all(f'"{signal}" -> "{uid}"' in dot for signal, _, uid, _ in shown)


def test_the_drawing_is_sound_and_marks_what_ran(operator, write, ada) -> None:
    publish(write(), by=ada)
    page = read(operator, "/studio/signals/?signal=post_published")
    svg = ElementTree.fromstring(re.search(r'(?<=drawing">)\s*<svg.*?</svg>', page, re.DOTALL)[0])  # noqa: S314 - ours
    assert "style" not in {name for element in svg.iter() for name in element.attrib}
    titles = {path.find("title").text: path.get("class") for path in svg.iter("path")}
    told = titles[
        "blog.signals.post_published → audit.receivers.record_publication, ran 1 times lately"
    ]
    assert "edge-now" in told
    assert "edge-fired" in told
    assert any("edge-durable" in kind for kind in titles.values())
    boxes = [(float(r.get("x")), float(r.get("y"))) for r in svg.iter("rect")]
    assert len(boxes) == len(set(boxes)), "no two names on one place"
    unseen = table_of(read(operator, "/studio/signals/?fired=no"))
    assert (
        "blog.signals.post_published",
        "any",
        "audit.receivers.record_publication",
        "now",
    ) not in unseen


def test_plain_receivers_are_shown_as_not_traced(operator) -> None:
    rows = table_of(read(operator, "/studio/signals/?phase=not+traced"))
    assert (
        "django.core.signals.request_finished",
        "any",
        "audit.requests.log_slow_request",
        "not traced",
    ) in rows
    assert {row[3] for row in rows} == {wiring.PLAIN}


def test_signals_nobody_hears_are_named(operator, monkeypatch) -> None:
    assert "Every signal has a receiver." in read(operator, "/studio/signals/")
    unheard = DomainSignal("Nobody listens.", what=str)
    monkeypatch.setattr("blog.signals.unheard", unheard, raising=False)
    unheard.module = "blog.signals"
    assert "Nobody hears blog.signals.unheard." in read(operator, "/studio/signals/")


def test_developers_see_the_code(operator, settings) -> None:
    settings.DEBUG = True
    page = read(operator, "/studio/signals/")
    assert "blog/receivers.py:" in page
    source = read(operator, "/studio/signals/source/?receiver=blog.receivers.log_saved_post")
    assert "def log_saved_post" in source


# -- what ran, and what waits --------------------------------------------------------------------


@pytest.fixture
def failed(write, ada, lamp) -> Delivery:
    """What a publication left while the lamp was empty; it is filled now."""
    publish(write(), by=ada)
    run_deliveries()
    lamp.append(True)
    return Delivery.objects.get(receiver=UID)


def test_a_failed_delivery_is_retried_once_and_the_trail_says_by_whom(operator, failed) -> None:
    page = read(operator, "/studio/signals/deliveries/")
    assert UID in page
    assert "RuntimeError: no oil" in page
    answer = operator.post(
        "/studio/signals/deliveries/retry/",
        {"delivery": [str(failed.pk), "junk", "99999999999999999999"], "state": "failed"},
    )
    assert answer.url == "/studio/signals/deliveries/?state=failed"
    run_deliveries()
    failed.refresh_from_db()
    assert failed.state == "done"
    assert "No delivery is in this state." in read(operator, "/studio/signals/deliveries/")
    entry = AuditEntry.objects.get(verb="retried")
    assert (entry.actor_name, entry.target_label) == ("admin", "1 delivery")
    assert entry.details == {"deliveries": [failed.pk], "receivers": [UID]}
    operator.post("/studio/signals/deliveries/retry/", {"delivery": failed.pk})
    assert AuditEntry.objects.filter(verb="retried").count() == 1, "nothing was done, nothing said"


def test_a_skipped_delivery_never_runs(operator, failed) -> None:
    operator.post("/studio/signals/deliveries/skip/", {"delivery": failed.pk})
    run_deliveries()
    failed.refresh_from_db()
    assert failed.state == "skipped"
    assert AuditEntry.objects.get(verb="skipped").actor_name == "admin"


@pytest.mark.expects_errors
def test_an_unknown_act_is_not_there(operator, failed) -> None:
    assert (
        operator.post("/studio/signals/deliveries/drop/", {"delivery": failed.pk}).status_code
        == 404
    )


def test_replay_counts_first_and_acts_when_sure(operator, failed) -> None:
    path = "/studio/signals/deliveries/replay/"
    since = timezone.localtime(timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    asked = {"receiver": UID, "since": since}
    assert operator.post(path, {**asked, "receiver": "x"}).status_code == 422
    page = operator.post(path, asked)
    assert "Replay 1" in page.content.decode()
    sure = page.context["sure"]
    earlier = {**asked, "since": "2020-01-01T00:00", "sure": sure}
    assert "Replay 1" in operator.post(path, earlier).content.decode(), "others than were counted"
    assert not Delivery.objects.filter(replay_of=failed).exists()
    operator.post(path, {**asked, "sure": sure})
    run_deliveries()
    assert Delivery.objects.get(replay_of=failed).state == "done"
    assert AuditEntry.objects.get(verb="replayed").actor_name == "admin"


def test_the_list_of_traces_tells_who_and_leads_to_the_receipt(operator, failed, ada) -> None:
    trace = Trace.objects.get(name="publish")
    page = read(operator, "/studio/signals/traces/?errors=1")
    assert f"/studio/receipts/{trace.pk}/" in page
    assert "ada" in page
    assert "create" not in table_text(page), "only those with a failure"
    assert "no oil" in read(operator, f"/studio/receipts/{trace.pk}/")


@pytest.mark.parametrize(
    "path", ["/studio/signals/traces/", "/studio/signals/deliveries/?state=done"]
)
def test_as_many_queries_for_one_as_for_thirty(
    operator, write, ada, django_assert_max_num_queries, path
) -> None:
    post = write()
    publish(post, by=ada)
    run_deliveries()
    operator.get(path)
    with django_assert_max_num_queries(12) as few:
        operator.get(path)
    most = len(few)
    for number in range(10):
        publish(write(f"Post {number}"), by=ada)
    run_deliveries()
    operator.get(path)
    with django_assert_max_num_queries(most):
        operator.get(path)


# -- health ---------------------------------------------------------------------------------------


def facts(client: Client) -> dict[str, tuple[str, bool]]:
    found = re.findall(
        r'<div class="fact (.*?)">\s*<dt>(.*?)</dt>\s*<dd>(.*?)</dd>',
        read(client, "/studio/signals/"),
        re.DOTALL,
    )
    return {
        label: (" ".join(strip_tags(text).split()), "fact-ill" not in kind)
        for kind, label, text in found
    }


def test_health_tells_what_runs_and_what_has_stopped(operator, write, ada) -> None:
    call_command("publish_scheduled_posts")
    call_command("reconcile")
    run_deliveries()
    at_first = facts(operator)
    assert all(well for _, well in at_first.values()), at_first
    assert at_first["Last reconcile"] == ("just now: 0 differences corrected", True)
    assert at_first["Publishing by the clock"][0] == "just now: 0 published, 0 skipped"

    post = write("On shade", public=True)
    now = timezone.now()
    # Without a text: one that can be published would be, by the request that looks.
    due = {"status": "scheduled", "publish_at": now, "body": ""}
    Post._base_manager.filter(pk=post.pk).update(**due)
    Delivery.objects.create(receiver="x", signal="x")
    Delivery.objects.create(receiver="x", signal="x", state="running", available_at=now)
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        later = facts(operator)
    ill = {label: text for label, (text, well) in later.items() if not well}
    assert ill["Oldest waiting delivery"] == "due 2 hours ago look at this"
    assert ill["Expired leases"] == "1 look at this"
    assert ill["Overdue posts"] == "1 look at this"
    assert {"Delivery worker", "Publishing by the clock"} <= ill.keys()


def test_a_post_that_cannot_be_published_shows_at_the_clock(operator) -> None:
    Heartbeat.objects.create(
        name="publish_scheduled_posts", at=timezone.now(), healthy=False, text="0 published"
    )
    assert facts(operator)["Publishing by the clock"] == (
        "just now: 0 published look at this",
        False,
    )


@pytest.mark.expects_errors
def test_a_part_that_cannot_answer_does_not_hide_the_others(operator) -> None:
    def stumble(**kwargs: object) -> None:
        raise RuntimeError("no answer")

    health_asked.connect(stumble)
    try:
        told = facts(operator)
    finally:
        assert health_asked.disconnect(stumble)
    assert told["tests"] == ("does not answer look at this", False)
    assert "Overdue posts" in told
