import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models.signals import post_delete, post_save

from signalflow import AFTER_COMMIT, DURABLE, NOW, DomainSignal, rehearse
from signalflow.models import Delivery
from signalflow.testing import assert_nothing_left, run_deliveries

happened = DomainSignal("Something happened.", what=str)

pytestmark = pytest.mark.django_db(transaction=True)


class Boom(Exception):
    pass


def fail(**kwargs) -> None:
    raise Boom


def test_an_error_now_undoes_the_act(hear) -> None:
    hear(happened, fail, when=NOW)
    with pytest.raises(Boom), transaction.atomic():
        Group.objects.create(name="keepers")
        happened.send(sender=None, what="")
    assert not Group.objects.exclude(name__in=_roles()).exists()


def _roles() -> list[str]:
    return ["Author", "Editor", "Moderator", "Administrator"]


@pytest.mark.django_db
def test_what_is_emitted_during_a_run_is_not_served_by_it(
    hear, django_capture_on_commit_callbacks
) -> None:
    """Callbacks of a test that never commits stay in one list, the served beside the new ones."""
    ran: list[str] = []

    def react(what: str, **kwargs) -> None:
        ran.append(what)
        if len(ran) == 1:
            happened.send(sender=None, what="meanwhile")

    hear(happened, react, when=AFTER_COMMIT, key=lambda **_: "lamp")
    with django_capture_on_commit_callbacks(execute=True):
        happened.send(sender=None, what="before")
        happened.send(sender=None, what="before, too")
    assert ran == ["before", "meanwhile"]


def test_what_is_emitted_during_a_rehearsed_run_is_not_served_by_it(hear) -> None:
    ran: list[str] = []

    def react(what: str, **kwargs) -> None:
        ran.append(what)
        if len(ran) == 1:
            happened.send(sender=None, what="meanwhile")

    hear(happened, react, when=AFTER_COMMIT, key=lambda **_: "lamp")
    rehearse(lambda: [happened.send(sender=None, what=what) for what in ("before", "before, too")])
    assert ran == ["before", "meanwhile"]


def test_after_commit_waits_for_the_commit_and_sees_old_values(hear) -> None:
    seen = []
    hear(
        post_delete,
        lambda instance, **kwargs: seen.append(instance.pk),
        sender=Group,
        when=AFTER_COMMIT,
    )
    group = Group.objects.create(name="keepers")
    pk = group.pk
    with transaction.atomic():
        group.delete()
        assert seen == []
    assert group.pk is None
    assert seen == [pk]


def test_nothing_runs_after_a_rollback(hear) -> None:
    seen = []
    for when in (AFTER_COMMIT, DURABLE):
        hear(happened, lambda what, **kwargs: seen.append(what), when=when)
    with pytest.raises(Boom), transaction.atomic():
        happened.send(sender=None, what="undone")
        raise Boom
    run_deliveries()
    assert seen == []
    assert not Delivery.objects.exists()


def test_one_after_commit_error_stops_neither_the_others_nor_the_caller(
    hear, logged_errors
) -> None:
    seen = []
    hear(happened, fail, when=AFTER_COMMIT)
    hear(happened, lambda what, **kwargs: seen.append(what), when=AFTER_COMMIT)
    with transaction.atomic():
        happened.send(sender=None, what="kept")
    assert seen == ["kept"]
    assert "failed" in logged_errors.pop().getMessage()


def test_equal_keys_run_once_per_commit_and_again_in_the_next(hear) -> None:
    seen = []
    hear(happened, lambda what, **kwargs: seen.append(what), when=AFTER_COMMIT, key="what")
    for _ in range(2):
        with transaction.atomic():
            for what in ("a", "b", "a"):
                happened.send(sender=None, what=what)
    assert seen == ["a", "b", "a", "b"]


def test_an_emission_during_the_callbacks_is_not_coalesced_away(hear) -> None:
    seen = []

    def again(what: str, **kwargs) -> None:
        seen.append(what)
        if len(seen) == 1:
            with transaction.atomic():
                happened.send(sender=None, what=what)

    hear(happened, again, when=AFTER_COMMIT, key="what")
    with transaction.atomic():
        happened.send(sender=None, what="a")
    assert seen == ["a", "a"]


def test_durable_waits_for_a_worker(hear) -> None:
    seen = []
    hear(happened, lambda what, **kwargs: seen.append(what), when=DURABLE)
    happened.send(sender=None, what="later")
    assert seen == []
    run_deliveries()
    assert seen == ["later"]
    assert_nothing_left()


def test_eager_is_tried_right_after_the_commit(hear) -> None:
    seen = []
    hear(happened, lambda what, **kwargs: seen.append(what), when=DURABLE, eager=True)
    with transaction.atomic():
        happened.send(sender=None, what="soon")
        assert seen == []
    assert seen == ["soon"]
    assert_nothing_left()


def test_an_unstorable_argument_undoes_the_act(hear) -> None:
    hear(post_save, lambda **kwargs: None, sender=Group, when=DURABLE)
    with pytest.raises(TypeError, match="cannot carry"), transaction.atomic():
        post_save.send(sender=Group, instance=object())
    assert not Delivery.objects.exists()


@pytest.mark.expects_errors
def test_send_robust_saves_the_transaction_from_a_database_error(hear) -> None:
    """Without a savepoint per receiver everything would be rolled back in silence."""

    def break_a_constraint(**kwargs) -> None:
        Group.objects.create(name="keepers")

    def write_more(**kwargs) -> None:
        Group.objects.create(name="of light")

    hear(happened, break_a_constraint)
    hear(happened, write_more)
    with transaction.atomic():
        Group.objects.create(name="keepers")
        answers = happened.send_robust(sender=None, what="")
    assert [type(answer) for _, answer in answers] == [IntegrityError, type(None)]
    assert set(Group.objects.exclude(name__in=_roles()).values_list("name", flat=True)) == {
        "keepers",
        "of light",
    }
