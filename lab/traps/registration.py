"""What goes wrong before any signal is sent: a receiver that cannot hear."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import Signal

from lab.catalogue import group
from lab.models import Mirror, PolishedMirror
from lab.scratch import flashed
from signalflow import RegistrationError, receiver


class Vanished:
    """Django keeps receivers by weak reference: a nested function, a lambda or the method of a
    temporary object is gone as soon as nobody else holds it, and nothing says so.  While DEBUG is
    on, Django happens to remember functions it has looked at: they vanish in production."""

    title = "A receiver that nobody holds vanishes"
    behaviours = (19,)
    asked = "What is heard by a method of an object that nobody keeps?"
    naive_gives: list[str] = []
    ours_gives = ["news"]

    @staticmethod
    def naive() -> list[str]:
        heard: list[str] = []

        class Listener:
            def hear(self, what: str, **kwargs: Any) -> None:
                heard.append(what)

        signal = Signal()
        signal.connect(Listener().hear)
        signal.send(sender=None, what="news")
        return heard

    @staticmethod
    def ours() -> list[str]:
        heard: list[str] = []

        class Listener:
            def hear(self, what: str, **kwargs: Any) -> None:
                heard.append(what)

        receiver(flashed)(Listener().hear)
        flashed.send(sender=None, what="news")
        return heard


class SameUid:
    """Django takes the second function for the first one, connected again, and drops it.  Here a
    name that is taken is an error while the module is imported."""

    title = "A dispatch_uid used twice drops the second receiver"
    behaviours = (19,)
    asked = "Who hears, when two receivers are connected under one name?"
    naive_gives = ["first"]
    ours_gives = ["refused when connected"]

    @staticmethod
    def naive() -> list[str]:
        heard: list[str] = []
        signal = Signal()
        first, second = lambda **_: heard.append("first"), lambda **_: heard.append("second")
        signal.connect(first, dispatch_uid="mail")
        signal.connect(second, dispatch_uid="mail")
        signal.send(sender=None)
        return heard

    @staticmethod
    def ours() -> list[str]:
        def first(**kwargs: Any) -> None: ...
        def second(**kwargs: Any) -> None: ...

        receiver(flashed, uid="lab.mail")(first)
        try:
            receiver(flashed, uid="lab.mail")(second)
        except RegistrationError:
            return ["refused when connected"]
        return []


class ProxySaves:
    """Signals are matched by the sender itself.  A proxy writes the same rows under its own name,
    which nobody hears who named the model alone: name both."""

    title = "The saves of a proxy are another sender's"
    behaviours = (18,)
    asked = "Which saves are heard, one by the model and one by its proxy?"
    naive_gives = ["Mirror"]
    ours_gives = ["Mirror", "PolishedMirror"]

    @staticmethod
    def naive() -> list[str]:
        heard: list[str] = []

        def hear(sender: type, **kwargs: Any) -> None:
            heard.append(sender.__name__)

        post_save.connect(hear, sender=Mirror, weak=False)
        Mirror.objects.create(name="sun")
        PolishedMirror.objects.create(name="moon")
        return heard

    @staticmethod
    def ours() -> list[str]:
        heard: list[str] = []

        @receiver(post_save, sender=PolishedMirror)
        @receiver(post_save, sender=Mirror)
        def hear(sender: type, **kwargs: Any) -> None:
            heard.append(sender.__name__)

        Mirror.objects.create(name="sun")
        PolishedMirror.objects.create(name="moon")
        return heard


class SenderInQuotes:
    """Only model signals look a name such as “lab.Mirror” up.  Any other signal compares it with
    the sender, and no sender is a string."""

    title = "A sender in quotes is heard from nobody"
    behaviours = (20,)
    asked = "What is heard by a receiver that names its sender in quotes?"
    naive_gives: list[str] = []
    ours_gives = ["refused when connected"]

    @staticmethod
    def naive() -> list[str]:
        heard: list[str] = []
        signal = Signal()
        signal.connect(lambda **_: heard.append("news"), sender="lab.Mirror", weak=False)
        signal.send(sender=Mirror)
        return heard

    @staticmethod
    def ours() -> list[str]:
        def hear(**kwargs: Any) -> None: ...

        try:
            receiver(flashed, sender="lab.Mirror")(hear)
        except RegistrationError:
            return ["refused when connected"]
        return []


REGISTRATION = group("Registration", Vanished, SameUid, ProxySaves, SenderInQuotes)
