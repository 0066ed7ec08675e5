"""What the trees tell: true parents, true outcomes, and nothing at the cost of the act."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models.signals import post_save

from signalflow import (
    AFTER_COMMIT,
    DURABLE,
    DomainSignal,
    action,
    note,
)
from signalflow.models import Delivery, Trace
from signalflow.operating import operations
from signalflow.operating.trees import joined, spans
from signalflow.testing import run_deliveries

happened = DomainSignal("Something happened.", what=str)
nested = DomainSignal("Something followed.", what=str)

pytestmark = pytest.mark.django_db(transaction=True)


def fail(**kwargs) -> None:
    raise ValueError("no light")


def outline(tree: dict) -> list:
    """Names and outcomes alone, nested as the spans are."""
    inner = [outline(child) for child in tree.get("children", [])]
    return [tree["name"].rpartition(".")[2], tree["outcome"], *inner]


def test_a_tree_has_signals_receivers_and_what_they_sent_in_turn(hear) -> None:
    def now(what: str, **kwargs) -> None:
        Group.objects.create(name=what)
        nested.send(sender=None, what=what)

    hear(happened, now, uid="t.now")
    hear(nested, lambda **kwargs: note("seen", count=2), uid="t.inner")
    hear(happened, lambda **kwargs: None, when=AFTER_COMMIT, uid="t.after")
    hear(happened, lambda **kwargs: note("made"), when=DURABLE, uid="t.durable")
    with action("light up"), transaction.atomic():
        happened.send(sender=None, what="keepers")
    tree = joined(Trace.objects.get())
    assert outline(tree) == [
        "light up",
        "done",
        [
            "happened",
            "done",
            ["now", "done", ["nested", "done", ["inner", "done"]]],
            ["after", "done"],
            ["durable", "pending"],
        ],
    ]
    run_deliveries()
    found = {span["name"]: span for span in spans(joined(Trace.objects.get()))}
    assert found["t.durable"]["outcome"] == "done"
    assert found["t.durable"]["notes"] == [["made", {}]]
    assert found["t.inner"]["notes"] == [["seen", {"count": 2}]]
    assert found["t.now"]["queries"] == 1


def test_two_saves_are_two_signals_although_plain_django_sent_them(hear) -> None:
    for name in ("t.one", "t.two"):
        hear(post_save, lambda **kwargs: None, sender=Group, uid=name)
    with action("twice"):
        group = Group.objects.create(name="keepers")
        group.save()
    (tree,) = Trace.objects.values_list("tree", flat=True)
    assert [[c["name"] for c in signal["children"]] for signal in tree["children"]] == [
        ["t.one", "t.two"]
    ] * 2


def test_failures_are_told_where_they_happened(hear, logged_errors) -> None:
    hear(happened, fail, uid="t.durable", when=DURABLE, eager=True)
    hear(happened, fail, uid="t.after", when=AFTER_COMMIT)
    with action("break"):
        happened.send(sender=None, what="")
    found = {span["name"]: span for span in spans(joined(Trace.objects.get()))}
    assert found["t.after"]["outcome"] == "ValueError"
    assert found["t.durable"]["outcome"] == "pending"
    assert "no light" in found["t.durable"]["error"]
    hear(happened, fail, uid="t.now")
    with pytest.raises(ValueError, match="no light"), action("undo"):
        happened.send(sender=None, what="")
    assert Trace.objects.get(name="undo").errors == 2, "the one after the commit, and the last"
    logged_errors.clear()


def test_a_coalesced_and_an_undone_receiver_say_so(hear) -> None:
    hear(happened, lambda **kwargs: None, when=AFTER_COMMIT, key="what", uid="t.after")
    with action("twice"), transaction.atomic():
        happened.send(sender=None, what="a")
        happened.send(sender=None, what="a")
        with pytest.raises(KeyError), transaction.atomic():
            happened.send(sender=None, what="b")
            raise KeyError
    outcomes = [s["outcome"] for s in spans(Trace.objects.get().tree) if s["name"] == "t.after"]
    assert outcomes == ["done", "coalesced", "waiting"]


def test_an_action_without_signals_writes_nothing(hear, django_assert_num_queries) -> None:
    with django_assert_num_queries(0), action("look"), action("again"):
        note("ignored")
    assert not Trace.objects.exists()


def test_it_can_be_switched_off(hear, settings) -> None:
    settings.SIGNALFLOW = {"TRACE": False}
    hear(happened, lambda **kwargs: None, when=DURABLE, eager=True)
    with action("dark"):
        happened.send(sender=None, what="")
    assert not Trace.objects.exists()
    assert Delivery.objects.get().report is None


def test_a_trace_that_cannot_be_written_costs_nothing(hear, logged_errors, monkeypatch) -> None:
    hear(happened, lambda **kwargs: None)
    monkeypatch.setattr(Trace.objects, "create", fail)
    with action("go on"):
        happened.send(sender=None, what="")
    assert "could not be written" in logged_errors.pop().getMessage()


def test_a_tree_is_bounded(hear, monkeypatch) -> None:
    monkeypatch.setattr("signalflow.spans.SPANS_MAX", 10)
    hear(happened, lambda **kwargs: None)
    with action("many"):
        for _ in range(20):
            happened.send(sender=None, what="")
    tree = Trace.objects.get().tree
    assert len(list(spans(tree))) == 11
    assert tree["data"]["left_out"] == 30


def test_an_act_on_many_things_names_each_of_them_and_nothing_else(hear) -> None:
    hear(happened, lambda what, **kwargs: None)
    groups = Group.objects.bulk_create(Group(name=f"keepers {n}") for n in range(150))
    with action("light all", target=groups[0]):
        for group in groups:
            with action("light", target=group):
                happened.send(sender=None, what=group.name)
    assert set(Trace.objects.get().targets.split()) == {f"auth.group:{row.pk}" for row in groups}


def test_a_hundred_at_once_do_not_mix(hear) -> None:
    """Every run once, under its own parent, for as long as a clock of its own says."""
    clocks: dict[str, float] = {}

    def work(what: str, **kwargs) -> None:
        begun = time.perf_counter()
        time.sleep(0.02)
        clocks[what] = time.perf_counter() - begun
        note(what)

    hear(happened, work, uid="t.work")
    start = threading.Barrier(20)

    def one(number: int) -> None:
        if number < 20:
            start.wait(10)
        with action(f"act {number}"):
            happened.send(sender=None, what=f"n{number}")
        connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(one, range(100)))
    assert Trace.objects.count() == 100
    ratios = []
    for trace in Trace.objects.all():
        number = trace.name.split()[1]
        (run,) = [span for span in spans(trace.tree) if span["kind"] == "receiver"]
        assert run["notes"] == [[f"n{number}", {}]]
        ratios.append(run["took"] / (clocks[f"n{number}"] * 1e6))
    # The middle one: a thread may lose the processor between the two clocks.
    assert median(ratios) == pytest.approx(1, rel=0.05)


def test_old_traces_are_pruned(hear, settings) -> None:
    settings.SIGNALFLOW = {"KEEP_TRACES": 2}
    hear(happened, lambda **kwargs: None)
    for number in range(5):
        with action(f"act {number}"):
            happened.send(sender=None, what="")
    operations.prune()
    assert [trace.name for trace in Trace.objects.all()] == ["act 4", "act 3"]


def test_traces_and_replay_on_the_command_line(hear, capsys) -> None:
    seen = []
    hear(happened, lambda what, **kwargs: seen.append(what), when=DURABLE, uid="t.durable")
    with action("light up"):
        happened.send(sender=None, what="a")
    run_deliveries()
    call_command("signals", "traces")
    assert "t.durable (durable): done" in capsys.readouterr().out
    call_command("signals", "traces", "--errors")
    assert "t.durable" not in capsys.readouterr().out
    since = ["--receiver", "t.durable", "--since", "2020-01-01T00:00+00:00"]
    call_command("signals", "replay", *since, "--dry-run")
    assert "1 deliveries would be" in capsys.readouterr().out
    call_command("signals", "replay", *since)
    run_deliveries()
    assert seen == ["a", "a"]
    assert Delivery.objects.filter(replay_of__isnull=False).count() == 1
    for wrong in (["t.durable", "yesterday"], ["nobody", "2020-01-01T00:00+00:00"]):
        with pytest.raises(CommandError):
            call_command("signals", "replay", "--receiver", wrong[0], "--since", wrong[1])
