"""41: an async receiver, what it is good for, and what Django 5.2 really does around it.

It is good for waiting at several places at once, where the caller is async itself.  It has its
price: see docs/signals/built-in.md.
"""

import asyncio

import pytest
from django.dispatch import Signal

from signalflow import DURABLE, DomainSignal, RegistrationError, action, muted, receiver
from signalflow.models import Trace
from signalflow.operating.trees import spans
from signalflow.spans import current_scope

lit = DomainSignal("A fire was lit; whoever can see it answers.", place=str)


@pytest.fixture
def stations(hear):
    """Two receivers that wait for each other: one after the other they would never end."""
    met = {"hill": asyncio.Event(), "tower": asyncio.Event()}

    def station(own: str, other: str):
        async def answer(place: str, **kwargs) -> str:
            met[own].set()
            async with asyncio.timeout(10):
                await met[other].wait()
            return f"{own} sees {place}"

        return answer

    hear(lit, station("hill", "tower"), uid="t.hill")
    hear(lit, station("tower", "hill"), uid="t.tower")


def test_async_receivers_wait_together(stations) -> None:
    answers = asyncio.run(lit.asend(sender=None, place="the valley"))
    assert {answer for _, answer in answers} == {"hill sees the valley", "tower sees the valley"}


@pytest.mark.django_db(transaction=True)
def test_each_is_in_the_tree_once(stations) -> None:
    async def act() -> None:
        await lit.asend(sender=None, place="the valley")

    with action("light"):
        asyncio.run(act())
    (tree,) = Trace.objects.values_list("tree", flat=True)
    (signal,) = tree["children"]
    assert sorted(child["name"] for child in signal["children"]) == ["t.hill", "t.tower"]
    assert len(list(spans(tree))) == 4
    assert current_scope() is None


def test_it_can_be_muted_and_its_arguments_are_checked(stations) -> None:
    with muted(lit, reason="this test"):
        answers = asyncio.run(lit.asend(sender=None, place=""))
    assert [answer for _, answer in answers] == [None, None]
    with pytest.raises(TypeError, match="missing"):
        asyncio.run(lit.asend(sender=None))


def test_later_phases_refuse_it() -> None:
    async def answer(**kwargs) -> None: ...

    with pytest.raises(RegistrationError, match="E005"):
        receiver(lit, when=DURABLE, uid="t.refused")(answer)


# -- the traps, as Django 5.2 has them ------------------------------------------------------------


@pytest.fixture
def half_broken() -> tuple[Signal, list[str]]:
    """A signal with an async receiver that fails at once and one that takes its time."""
    signal, seen = Signal(), []

    async def fails(**kwargs) -> None:
        raise ValueError("fog")

    async def takes_its_time(**kwargs) -> None:
        try:
            await asyncio.sleep(0.05)
            seen.append("done")
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    signal.connect(fails, weak=False)
    signal.connect(takes_its_time, weak=False)
    return signal, seen


def test_asend_raises_while_the_siblings_still_run(half_broken) -> None:
    signal, seen = half_broken

    async def send() -> None:
        with pytest.raises(ValueError, match="fog"):
            await signal.asend(sender=None)
        assert seen == [], "the caller goes on, and nobody awaits the other receiver"
        await asyncio.sleep(0.2)
        assert seen == ["done"], "it ends behind the caller's back"

    asyncio.run(send())


def test_they_are_cancelled_where_the_loop_ends_with_the_call(half_broken) -> None:
    signal, seen = half_broken
    with pytest.raises(ValueError, match="fog"):
        asyncio.run(signal.asend(sender=None))
    with pytest.raises(ValueError, match="fog"):
        signal.send(sender=None)
    assert seen == ["cancelled", "cancelled"]


@pytest.mark.expects_errors
def test_asend_robust_waits_for_all(half_broken) -> None:
    signal, seen = half_broken
    answers = asyncio.run(signal.asend_robust(sender=None))
    assert [type(answer) for _, answer in answers] == [ValueError, type(None)]
    assert seen == ["done"]


def test_send_in_a_running_loop_fails_after_the_plain_receivers_ran() -> None:
    signal, seen = Signal(), []

    async def answer(**kwargs) -> None: ...

    def plain(**kwargs) -> None:
        seen.append("plain")

    signal.connect(plain)

    async def send() -> None:
        signal.send(sender=None)
        assert seen == ["plain"], "without an async receiver there is nothing against it"
        signal.connect(answer)
        for method in (signal.send, signal.send_robust):
            with pytest.raises(RuntimeError, match="async event loop"):
                method(sender=None)

    asyncio.run(send())
    assert seen == ["plain"] * 3, "half of the receivers ran"
