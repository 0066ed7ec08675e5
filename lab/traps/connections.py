"""What goes wrong with a receiver's form, and with taking it off again."""

from typing import Any

from django.dispatch import Signal
from django.utils.module_loading import import_string

from lab.catalogue import group
from lab.models import Mirror
from lab.scratch import flashed
from signalflow import DURABLE, RegistrationError, muted, receiver


class NoKwargs:
    """It works until the signal gets one more argument, and then fails in the middle of an act.
    Django looks for `**kwargs` only while DEBUG is on; here its absence stops the start."""

    title = "A receiver without **kwargs breaks when the signal grows"
    behaviours = (20,)
    asked = "What is heard, once the signal says who sent the news?"
    naive_gives: list[str] = []
    ours_gives = ["refused when connected"]

    @staticmethod
    def naive() -> list[str]:
        heard: list[str] = []

        def hear(signal: Signal, sender: Any, what: str) -> None:
            heard.append(what)

        signal = Signal()
        try:
            signal.connect(hear, weak=False)  # with DEBUG it is refused here already
            signal.send(sender=None, what="news", by="ada")
        except (TypeError, ValueError):
            heard.clear()
        return heard

    @staticmethod
    def ours() -> list[str]:
        def hear(what: str) -> None: ...

        try:
            receiver(flashed)(hear)
        except RegistrationError:
            return ["refused when connected"]
        return []


class NoName:
    """Work for a worker is stored by name, and the worker imports that name.  A lambda or a nested
    function has none that can be imported: the error comes later, in another process."""

    title = "A queue finds no lambda by its name"
    behaviours = (35,)
    asked = "When does one learn that the work cannot be done?"
    naive_gives = "in the worker, after the commit"
    ours_gives = "when it is connected"

    @staticmethod
    def naive() -> str:
        stored: list[str] = []

        def send_mail(**kwargs: Any) -> None: ...

        signal = Signal()
        name = f"{send_mail.__module__}.{send_mail.__qualname__}"
        signal.connect(lambda **_: stored.append(name), weak=False)
        signal.send(sender=None)
        try:
            import_string(stored[0])  # this is the worker
        except ImportError:
            return "in the worker, after the commit"
        return "never"

    @staticmethod
    def ours() -> str:
        def send_mail(**kwargs: Any) -> None: ...

        try:
            receiver(flashed, when=DURABLE)(send_mail)  # uid="…" would give it a name
        except RegistrationError:
            return "when it is connected"
        return "never"


class DisconnectedNobody:
    """Without the receiver, `disconnect(sender=…)` finds nobody and returns False, which nobody
    reads.  A silence names its target, and what cannot be silenced is an error."""

    title = "disconnect() by sender alone does nothing"
    behaviours = (31,)
    asked = "What is heard after the receiver was meant to be switched off?"
    naive_gives = ["news"]
    ours_gives: list[str] = []

    @staticmethod
    def naive() -> list[str]:
        heard: list[str] = []
        signal = Signal()
        signal.connect(lambda **_: heard.append("news"), sender=Mirror, weak=False)
        signal.disconnect(sender=Mirror)
        signal.send(sender=Mirror)
        return heard

    @staticmethod
    def ours() -> list[str]:
        heard: list[str] = []

        @receiver(flashed, sender=Mirror)
        def hear(what: str, **kwargs: Any) -> None:
            heard.append(what)

        with muted(hear, reason="the lab shows a silence"):
            flashed.send(sender=Mirror, what="news")
        return heard


CONNECTIONS = group("Form and connection", NoKwargs, NoName, DisconnectedNobody)
