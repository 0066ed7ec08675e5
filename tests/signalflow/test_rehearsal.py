"""What a rehearsal foretells, and that it leaves nothing behind."""

from contextlib import suppress

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from signalflow import AFTER_COMMIT, DURABLE, DomainSignal, note, rehearse, rehearsing
from signalflow.models import Delivery, Trace
from signalflow.operating.trees import spans

happened = DomainSignal("Something happened.", what=str)

pytestmark = pytest.mark.django_db(transaction=True)


def fail(**kwargs) -> None:
    raise ValueError("no light")


def test_a_rehearsal_tells_everything_and_does_nothing(hear) -> None:
    reached = []

    def outside(what: str, **kwargs) -> None:
        reached.append(what)

    hear(happened, lambda what, **kwargs: Group.objects.create(name=what), uid="t.now")
    hear(
        happened,
        lambda **kwargs: note("counted", count=Group.objects.filter(name="keepers").count()),
        when=DURABLE,
        uid="t.durable",
    )
    hear(happened, outside, when=DURABLE, atomic=False, uid="t.outside")
    hear(
        happened,
        outside,
        when=DURABLE,
        atomic=False,
        uid="t.counted",
        rehearse=lambda **kwargs: note("would reach", count=3),
    )
    hear(
        happened,
        lambda **kwargs: reached.append("x") if not rehearsing() else None,
        when=AFTER_COMMIT,
        uid="t.after",
    )
    tree = rehearse(lambda: happened.send(sender=None, what="keepers")).dump()
    found = {span["name"]: span for span in spans(tree)}
    assert found["t.durable"]["notes"] == [["counted", {"count": 1}]]
    assert found["t.outside"]["outcome"] == "later"
    assert found["t.counted"]["notes"] == [["would reach", {"count": 3}]]
    assert found["t.after"]["outcome"] == "done"
    assert reached == []
    assert not Group.objects.filter(name="keepers").exists()
    assert not Delivery.objects.exists()
    assert not Trace.objects.exists()


def test_a_rehearsal_forgets_what_a_savepoint_took_back(hear) -> None:
    seen = []
    for when in (AFTER_COMMIT, DURABLE):
        hear(happened, lambda what, **kwargs: seen.append(what), when=when)

    def act() -> None:
        happened.send(sender=None, what="kept")
        with suppress(KeyError), transaction.atomic():
            happened.send(sender=None, what="taken back")
            raise KeyError

    with transaction.atomic():
        transaction.on_commit(lambda: seen.append("committed"))
        rehearse(act)
        assert seen == ["kept", "kept"]
    assert seen == ["kept", "kept", "committed"]


def test_a_rehearsal_passes_a_refusal_on(hear) -> None:
    hear(happened, fail)
    with pytest.raises(ValueError, match="no light"):
        rehearse(lambda: happened.send(sender=None, what=""))
    assert not rehearsing()
