from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from signalflow import DURABLE, DomainSignal, Retry, Skip, deliveries, registry, renew_lease
from signalflow.deliveries import Outcome
from signalflow.models import Delivery
from signalflow.operating import operations
from signalflow.testing import Crash, assert_nothing_left, failpoint, run_deliveries

happened = DomainSignal("Something happened.", what=str)

pytestmark = pytest.mark.django_db(transaction=True)

State = Delivery.State


def make_group(what: str, **kwargs) -> None:
    Group.objects.create(name=what)


def expire_leases() -> None:
    Delivery.objects.filter(state=State.RUNNING).update(
        available_at=timezone.now() - timedelta(seconds=1)
    )


@pytest.mark.parametrize("place", ["claimed", "effect done"])
def test_a_crash_repeats_nothing_and_loses_nothing(hear, place) -> None:
    hear(happened, make_group, when=DURABLE)
    happened.send(sender=None, what="keepers")
    with pytest.raises(Crash), failpoint(place):
        run_deliveries()
    assert not Group.objects.filter(name="keepers").exists(), "rolled back with the claim's run"
    assert not run_deliveries(), "the lease still holds"
    expire_leases()
    assert run_deliveries() == {Outcome.DONE: 1}
    assert Group.objects.filter(name="keepers").count() == 1
    assert_nothing_left()


def test_a_failure_waits_longer_each_time_and_then_needs_a_person(hear) -> None:
    def fail(**kwargs) -> None:
        raise ValueError("no light")

    hear(happened, fail, when=DURABLE, retry=Retry(attempts=3, first=10, cap=15))
    happened.send(sender=None, what="")
    waits = []
    for _ in range(2):
        run_deliveries(even_later=True)
        row = Delivery.objects.get()
        assert row.state == State.PENDING
        waits.append((row.available_at - timezone.now()).total_seconds())
    assert 7 < waits[0] <= 10 < waits[1] <= 15
    assert run_deliveries(even_later=True) == {Outcome.FAILED: 1}
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.error) == (State.FAILED, 3, "ValueError: no light")
    assert not run_deliveries(even_later=True)


def test_a_failed_one_can_be_retried_or_skipped(hear) -> None:
    broken = [True]

    def perhaps(what: str, **kwargs) -> None:
        if broken:
            raise ValueError

    hear(happened, perhaps, when=DURABLE, retry=Retry(attempts=1))
    for _ in range(2):
        happened.send(sender=None, what="")
    run_deliveries()
    first, second = Delivery.objects.order_by("pk")
    broken.clear()
    assert operations.retry(first.pk) == 1
    assert operations.skip(second.pk) == 1
    assert operations.retry(second.pk) == 0, "skipped is decided"
    run_deliveries()
    first.refresh_from_db()
    assert first.state == State.DONE
    assert_nothing_left()


def test_skip_undoes_the_effects_and_tells_why(hear) -> None:
    def change_mind(what: str, **kwargs) -> None:
        Group.objects.create(name=what)
        raise Skip("withdrawn meanwhile")

    hear(happened, change_mind, when=DURABLE)
    happened.send(sender=None, what="keepers")
    assert run_deliveries() == {Outcome.SKIPPED: 1}
    assert Delivery.objects.get().error == "withdrawn meanwhile"
    assert not Group.objects.filter(name="keepers").exists()


def test_a_row_that_is_gone_is_skipped(hear) -> None:
    about = DomainSignal("About a group.", group="auth.Group")
    hear(about, lambda **kwargs: None, when=DURABLE)
    group = Group.objects.create(name="keepers")
    about.send(sender=None, group=group)
    group.delete()
    assert run_deliveries() == {Outcome.SKIPPED: 1}
    assert "no longer exists" in Delivery.objects.get().error


def test_one_run_serves_every_waiting_row_of_its_key(hear) -> None:
    seen = []
    hear(happened, lambda what, **kwargs: seen.append(what), when=DURABLE, key="what")
    for what in ("a", "b", "a", "a"):
        happened.send(sender=None, what=what)
    run_deliveries()
    assert seen == ["a", "b"]
    assert_nothing_left()


def test_a_key_of_any_length_coalesces(hear) -> None:
    """SQLite takes any length for a column of 200; PostgreSQL refused the whole act."""
    seen = []
    hear(happened, lambda what, **kwargs: seen.append(what), when=DURABLE, key="what")
    for what in ("a" * 1000, "b" * 1000, "a" * 1000):
        happened.send(sender=None, what=what)
    run_deliveries()
    assert [what[0] for what in seen] == ["a", "b"]


def test_a_crash_while_serving_a_key_gives_every_row_back(hear) -> None:
    seen = []
    hear(happened, lambda what, **kwargs: seen.append(what), when=DURABLE, key="what")
    for _ in range(3):
        happened.send(sender=None, what="a")
    with pytest.raises(Crash), failpoint("effect done"):
        run_deliveries()
    expire_leases()
    run_deliveries()
    assert_nothing_left()


def test_who_lost_the_lease_commits_nothing(hear) -> None:
    """The first worker is slow; a second one takes over and finishes while it still runs."""
    outer = []

    def slow(what: str, **kwargs) -> None:
        if not outer:
            outer.append(what)
            expire_leases()
            assert deliveries.run_one(Delivery.objects.get().pk) is Outcome.DONE
        else:
            Group.objects.create(name=what)

    hear(happened, slow, when=DURABLE, atomic=False)
    happened.send(sender=None, what="keepers")
    assert run_deliveries() == {Outcome.LOST: 1}
    assert Group.objects.filter(name="keepers").count() == 1
    assert_nothing_left()


@pytest.mark.parametrize("atomic", [True, False])
def test_a_run_that_lost_one_of_its_rows_is_not_done(hear, monkeypatch, atomic) -> None:
    hear(happened, make_group, when=DURABLE, key=lambda **_: "lamp", atomic=atomic)
    happened.send(sender=None, what="keepers")
    happened.send(sender=None, what="keepers")
    first, second = Delivery.objects.order_by("pk")

    def take_over(place: str) -> None:
        if place == "claimed":
            assert Delivery.objects.filter(state=State.RUNNING).count() == 2, "one run for both"
            Delivery.objects.filter(pk=second.pk).update(claim="another worker")

    monkeypatch.setattr(deliveries.failpoints, "reach", take_over)
    assert deliveries.run_one(first.pk) is Outcome.LOST
    assert Group.objects.filter(name="keepers").exists() is not atomic, "rolled back, if it can be"
    second.refresh_from_db()
    assert (second.state, second.claim) == (State.RUNNING, "another worker")
    first.refresh_from_db()
    assert first.state == (State.RUNNING if atomic else State.DONE), "its lease ends by itself"


def test_a_renewed_lease_is_kept_and_a_lost_one_noticed(hear, settings) -> None:
    settings.SIGNALFLOW = {"LEASE": 0.0}

    def long(what: str, **kwargs) -> None:
        renew_lease()
        Delivery.objects.update(claim="another worker")
        renew_lease()
        Group.objects.create(name="never reached")

    hear(happened, long, when=DURABLE, atomic=False)
    happened.send(sender=None, what="")
    worker_outcome = deliveries.run_one(Delivery.objects.get().pk)
    assert worker_outcome is Outcome.LOST
    assert not Group.objects.filter(name="never reached").exists()


def test_a_delivery_that_kills_its_workers_ends_as_failed(hear) -> None:
    hear(happened, make_group, when=DURABLE, retry=Retry(attempts=2))
    happened.send(sender=None, what="keepers")
    for _ in range(2):
        with pytest.raises(Crash), failpoint("claimed"):
            run_deliveries()
        expire_leases()
    assert run_deliveries() == {Outcome.FAILED: 1}
    assert "died" in Delivery.objects.get().error


@pytest.mark.parametrize("attempts", [1, 8])
def test_a_lease_renewed_since_it_was_seen_is_not_taken(hear, attempts) -> None:
    hear(happened, make_group, when=DURABLE, retry=Retry(attempts=attempts))
    happened.send(sender=None, what="keepers")
    with pytest.raises(Crash), failpoint("claimed"):
        run_deliveries()
    expire_leases()
    seen = Delivery.objects.get()
    Delivery.objects.update(available_at=timezone.now() + timedelta(minutes=1))
    assert deliveries.run(seen) is Outcome.LOST, "its worker is alive"
    assert Delivery.objects.get().state == State.RUNNING
    assert not Group.objects.filter(name="keepers").exists()


def test_an_unknown_receiver_leaves_a_visible_orphan_that_can_come_back(
    hear, logged_errors
) -> None:
    uid = hear(happened, make_group, when=DURABLE)
    happened.send(sender=None, what="keepers")
    registry.forget(uid)
    assert run_deliveries() == {Outcome.ORPHANED: 1}
    assert uid in logged_errors.pop().getMessage()
    assert Delivery.objects.get().state == State.ORPHANED
    hear(happened, make_group, when=DURABLE, uid=uid)
    assert run_deliveries() == {Outcome.DONE: 1}


def test_a_renamed_receiver_takes_what_was_written_before(hear) -> None:
    uid = hear(happened, make_group, when=DURABLE)
    happened.send(sender=None, what="keepers")
    registry.forget(uid)
    hear(happened, make_group, when=DURABLE, uid=f"{uid}_now", renamed=uid)
    assert run_deliveries() == {Outcome.DONE: 1}
    assert Group.objects.filter(name="keepers").exists()


def test_a_database_error_inside_a_receiver_is_contained(hear) -> None:
    Group.objects.create(name="keepers")
    hear(happened, make_group, when=DURABLE, eager=True)
    with transaction.atomic():
        happened.send(sender=None, what="keepers")
        happened.send(sender=None, what="others")
    assert Group.objects.filter(name="others").exists()
    assert "IntegrityError" in Delivery.objects.get(state=State.PENDING).error


def test_only_old_ended_rows_are_pruned(hear) -> None:
    hear(happened, make_group, when=DURABLE)
    for what in ("old", "young"):
        happened.send(sender=None, what=what)
    run_deliveries()
    old = Delivery.objects.order_by("pk").first()
    Delivery.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=30))
    happened.send(sender=None, what="waiting")
    assert operations.prune(chunk=1) == 1
    assert Delivery.objects.count() == 2


def test_dispatch_hands_the_id_over_after_the_commit(hear, settings) -> None:
    handed: list[int] = []
    settings.SIGNALFLOW = {"DISPATCH": handed.append}
    hear(happened, make_group, when=DURABLE)
    with transaction.atomic():
        happened.send(sender=None, what="keepers")
        assert handed == []
    assert handed == [Delivery.objects.get().pk]
