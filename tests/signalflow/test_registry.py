import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group
from django.db.models.signals import post_save
from django.dispatch import Signal
from django.dispatch import receiver as django_receiver

from signalflow import AFTER_COMMIT, DURABLE, DomainSignal, RegistrationError, receiver, registry
from signalflow.spec import uid_of

happened = DomainSignal("Something happened.", what=str)


def test_a_decorated_function_stays_a_plain_function(hear) -> None:
    def note(what: str, **kwargs) -> str:
        return what.upper()

    hear(happened, note)
    assert note(what="sun") == "SUN"
    assert [answer for _, answer in happened.send(sender=None, what="sun")] == ["SUN"]


@pytest.mark.parametrize(
    ("function", "options", "sentence"),
    [
        (lambda what: None, {}, "needs \\*\\*kwargs"),
        (lambda wat, **kwargs: None, {}, "has no argument wat"),
        (lambda **kwargs: None, {"key": "wat", "when": DURABLE}, "no argument wat to use as key"),
        (lambda **kwargs: None, {"sender": "auth.Group"}, "model signals only"),
        (lambda **kwargs: None, {"eager": True}, "belong to phase DURABLE"),
        (lambda **kwargs: None, {"atomic": False, "when": AFTER_COMMIT}, "belong to phase"),
        (lambda **kwargs: None, {"key": "what"}, "phase NOW has none"),
    ],
)
def test_what_could_never_work_is_refused_at_import(function, options, sentence) -> None:
    with pytest.raises(RegistrationError, match=sentence):
        receiver(happened, uid="test.refused", **options)(function)
    assert registry.find("test.refused") is None


def test_a_uid_begins_with_the_label_of_the_app_wherever_its_folder_lies() -> None:
    def tell(**kwargs) -> None: ...

    tell.__module__, tell.__qualname__ = "django.contrib.auth.receivers", "tell"
    assert uid_of(tell) == "auth.receivers.tell"
    tell.__module__ = "no_app_at_all.receivers"
    assert uid_of(tell) == "no_app_at_all.receivers.tell"


def test_a_former_uid_belongs_to_one_receiver(hear) -> None:
    def first(**kwargs) -> None: ...
    def second(**kwargs) -> None: ...

    hear(happened, first, uid="test.new", when=DURABLE, renamed=["test.old", "test.older"])
    assert registry.find("test.older") is registry.find("test.new")
    with pytest.raises(RegistrationError, match=r"uid .test\.old. is taken"):
        receiver(happened, uid="test.other", when=DURABLE, renamed="test.old")(second)
    with pytest.raises(RegistrationError, match=r"uid .test\.old. is taken"):
        receiver(happened, uid="test.old", when=DURABLE)(second)


def test_an_async_function_is_refused_after_the_commit() -> None:
    async def later(**kwargs) -> None: ...

    for when in (AFTER_COMMIT, DURABLE):
        with pytest.raises(RegistrationError, match="async"):
            receiver(happened, uid="test.async", when=when)(later)


def test_a_durable_local_function_needs_a_uid() -> None:
    with pytest.raises(RegistrationError, match="give a uid"):

        @receiver(happened, when=DURABLE)
        def local(**kwargs) -> None: ...


def test_a_durable_receiver_of_what_no_delivery_can_carry_is_refused() -> None:
    odd = DomainSignal("Carries a socket.", socket=memoryview)
    with pytest.raises(RegistrationError, match="no delivery can carry socket"):
        receiver(odd, uid="test.odd", when=DURABLE)(lambda **kwargs: None)


def test_a_uid_of_other_code_is_refused(hear) -> None:
    def first(**kwargs) -> None: ...
    def second(**kwargs) -> None: ...

    hear(happened, first, uid="test.taken")
    with pytest.raises(RegistrationError, match="is taken by"):
        receiver(happened, uid="test.taken")(second)


def test_one_function_may_hear_several_signals_and_senders(hear) -> None:
    also = Signal()
    heard = []

    def note(sender, **kwargs) -> None:
        heard.append(sender)

    hear([happened, also], note)
    happened.send(sender="one", what="")
    also.send(sender="two")
    assert heard == ["one", "two"]


def test_wrong_arguments_are_refused_when_sent(db) -> None:
    about = DomainSignal("About a group.", group="auth.Group | None", count=int | None)
    with pytest.raises(TypeError, match="missing \\['count'\\], unknown \\['cuont'\\]"):
        about.send(sender=None, group=None, cuont=1)
    with pytest.raises(TypeError, match="count must be"):
        about.send(sender=None, group=None, count="3")
    with pytest.raises(TypeError, match="group must be"):
        about.send(sender=None, group="editors", count=3)
    about.send(sender=None, group=Group(), count=None)


def test_types_are_not_looked_at_where_the_setting_says_no(settings) -> None:
    settings.SIGNALFLOW = {"CHECK_TYPES": False}
    happened.send(sender=None, what=3)


def test_djangos_own_ways_work_on_a_domain_signal() -> None:
    heard = []

    @django_receiver(happened)
    def plainly(what: str, **kwargs) -> None:
        heard.append(what)

    try:
        happened.send(sender=None, what="plain")
        happened.send_robust(sender=None, what="robust")
    finally:
        assert happened.disconnect(plainly)
    assert heard == ["plain", "robust"]


def test_async_receivers_are_served_in_phase_now(hear) -> None:
    heard = []

    async def note(what: str, **kwargs) -> None:
        heard.append(what)

    hear(happened, note)
    async_to_sync(happened.asend)(sender=None, what="awaited")
    happened.send(sender=None, what="bridged")
    assert heard == ["awaited", "bridged"]


def test_a_model_may_be_named_in_quotes(hear, db) -> None:
    heard = []

    def note(instance, **kwargs) -> None:
        heard.append(instance.name)

    hear(post_save, note, sender="auth.Group")
    Group.objects.create(name="keepers")
    assert heard == ["keepers"]


def test_disconnecting_takes_the_uid(hear) -> None:
    heard = []
    uid = hear(happened, lambda what, **kwargs: heard.append(what))
    assert not happened.disconnect(sender=None), "no receiver named: nothing disconnected"
    assert happened.disconnect(dispatch_uid=uid)
    happened.send(sender=None, what="unheard")
    assert heard == []


def test_a_signal_knows_its_name() -> None:
    assert happened.name == f"{__name__}.happened"
    assert registry.signal_name(post_save) == "django.db.models.signals.post_save"
