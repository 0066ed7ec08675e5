import threading
from contextvars import copy_context

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db.models.signals import m2m_changed, post_save
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from signalflow import DomainSignal, Mutes, muted, receiver, registry

happened = DomainSignal("Something happened.", what=str)


@pytest.fixture
def heard(hear) -> list[str]:
    notes: list[str] = []
    hear(happened, lambda what, **kwargs: notes.append(what))
    return notes


def test_a_muted_receiver_is_silent_until_the_block_ends(hear) -> None:
    heard, also_heard = [], []

    def note(what: str, **kwargs) -> None:
        heard.append(what)

    hear(happened, note)
    hear(happened, lambda what, **kwargs: also_heard.append(what))
    with muted(note, reason="test"):
        happened.send(sender=None, what="within")
    happened.send(sender=None, what="after")
    assert heard == ["after"]
    assert also_heard == ["within", "after"]


def test_a_whole_signal_can_be_muted(heard) -> None:
    with muted(happened, reason="test"):
        happened.send(sender=None, what="unheard")
    assert heard == []


def test_a_function_heard_under_two_names_is_silent_in_both(hear) -> None:
    heard = []

    def note(what: str, **kwargs) -> None:
        heard.append(what)

    hear(happened, note, uid="test.first")
    hear(happened, note, uid="test.second")
    with muted(note, reason="test"):
        happened.send(sender=None, what="within")
    happened.send(sender=None, what="after")
    assert heard == ["after", "after"]


def test_an_exception_ends_the_silence(heard) -> None:
    with pytest.raises(KeyError), muted(happened, reason="test"):
        raise KeyError
    happened.send(sender=None, what="heard")
    assert heard == ["heard"]


def test_an_inner_silence_does_not_end_the_outer_one(heard) -> None:
    with muted(happened, reason="outer"):
        with muted(happened, reason="inner"):
            pass
        happened.send(sender=None, what="unheard")
    assert heard == []


def test_another_thread_hears_everything(heard) -> None:
    with muted(happened, reason="only here"):
        thread = threading.Thread(target=happened.send, kwargs={"sender": None, "what": "there"})
        thread.start()
        thread.join()
    assert heard == ["there"]


def test_a_silence_begun_in_another_context_stays_there(heard) -> None:
    mutes = Mutes()
    copy_context().run(mutes.disable, happened)
    happened.send(sender=None, what="heard")
    assert heard == ["heard"]


def test_mutes_end_only_what_they_began(heard) -> None:
    mutes, others = Mutes(), Mutes()
    mutes.disable(happened)
    mutes.disable(happened)
    others.disable(happened)
    mutes.enable_all()
    happened.send(sender=None, what="still muted")
    others.enable(happened)
    happened.send(sender=None, what="heard")
    assert heard == ["heard"]


def test_what_must_not_be_muted_is_refused(hear) -> None:
    seen = []

    def always(what: str, **kwargs) -> None:
        seen.append(what)

    hear(happened, always, mutable=False)
    with pytest.raises(TypeError, match="mutable=False"), muted(always, reason="no"):
        pass
    with muted(happened, reason="the signal, but not this receiver"):
        happened.send(sender=None, what="kept")
    assert seen == ["kept"]
    with pytest.raises(TypeError, match="neither"), muted(print, reason="not ours"):
        pass
    with pytest.raises(ValueError, match="say why"), muted(happened, reason=""):
        pass


@pytest.mark.django_db(transaction=True)
def test_loaddata_runs_no_receiver_that_did_not_ask(hear, tmp_path) -> None:
    """`m2m_changed` has no `raw` in Django 5.2: the command itself keeps receivers silent."""
    group = Group.objects.create(name="keepers")
    group.permissions.set(Permission.objects.all()[:2])
    file = tmp_path / "groups.json"
    call_command("dumpdata", "auth.group", output=str(file), verbosity=0)
    seen: list[str] = []
    hear([post_save], lambda **kwargs: seen.append("saved"), sender=Group)
    hear([m2m_changed], lambda **kwargs: seen.append("linked"))
    hear([post_save], lambda raw, **kwargs: seen.append(raw), sender=Group, fixtures=True)
    call_command("loaddata", str(file), verbosity=0)
    assert set(seen) == {True}
    group.refresh_from_db()
    assert group.permissions.count() == 2


class MutingMachine(RuleBasedStateMachine):
    """Any nesting and interleaving of silences leaves exactly those that have not ended."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.blocks: list[tuple[object, int]] = []
        self.mutes = [Mutes(), Mutes()]
        self.disabled: set[tuple[int, int]] = set()
        self.signals = [DomainSignal("One."), DomainSignal("Two.")]
        self.uids = []
        for number, signal in enumerate(self.signals):
            uid = f"test.machine.{id(self)}.{number}"
            receiver(signal, uid=uid)(self.listener(number))
            self.uids.append(uid)

    def listener(self, number: int):
        def note(**kwargs) -> None:
            self.heard.append(str(number))

        return note

    @rule(number=st.integers(0, 1))
    def enter_block(self, number: int) -> None:
        block = muted(self.signals[number], reason="machine")
        block.__enter__()
        self.blocks.append((block, number))

    @rule(failing=st.booleans())
    def leave_block(self, failing: bool) -> None:
        if self.blocks:
            block, _ = self.blocks.pop()
            error = KeyError() if failing else None
            assert not block.__exit__(error and KeyError, error, None), "errors are not swallowed"

    @rule(owner=st.integers(0, 1), number=st.integers(0, 1))
    def disable(self, owner: int, number: int) -> None:
        self.mutes[owner].disable(self.signals[number])
        self.disabled.add((owner, number))

    @rule(owner=st.integers(0, 1), number=st.integers(0, 1))
    def enable(self, owner: int, number: int) -> None:
        self.mutes[owner].enable(self.signals[number])
        self.disabled.discard((owner, number))

    @rule(owner=st.integers(0, 1))
    def enable_all(self, owner: int) -> None:
        self.mutes[owner].enable_all()
        self.disabled = {(who, what) for who, what in self.disabled if who != owner}

    @invariant()
    def exactly_the_muted_are_silent(self) -> None:
        silent = {number for _, number in self.blocks} | {what for _, what in self.disabled}
        for number, signal in enumerate(self.signals):
            self.heard.clear()
            signal.send(sender=None)
            assert self.heard == ([] if number in silent else [str(number)])

    @invariant()
    def another_thread_hears_everything(self) -> None:
        self.heard.clear()
        thread = threading.Thread(target=lambda: [s.send(sender=None) for s in self.signals])
        thread.start()
        thread.join()
        assert self.heard == ["0", "1"]

    def teardown(self) -> None:
        while self.blocks:
            self.blocks.pop()[0].__exit__(None, None, None)
        for mutes in self.mutes:
            mutes.enable_all()
        for uid in self.uids:
            registry.forget(uid)


TestMutingMachine = MutingMachine.TestCase
