"""What goes wrong when signals are switched off for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from django.dispatch import Signal

from lab.catalogue import group
from lab.scratch import flashed
from signalflow import muted, receiver


class OffForAll:
    """`disconnect` changes the process: requests in other threads lose the signal as well.
    `muted` is an entry in a context variable and reaches nobody else."""

    title = "Switched off for one, switched off for all"
    behaviours = (32,)
    asked = "What is heard of another thread's signal, while this one has switched it off?"
    naive_gives: list[str] = []
    ours_gives = ["from the other thread"]

    @staticmethod
    def naive() -> list[str]:
        heard: list[str] = []
        signal = Signal()

        def hear(what: str, **kwargs: Any) -> None:
            heard.append(what)

        signal.connect(hear)
        signal.disconnect(hear)  # an import begins here
        other = Thread(target=lambda: signal.send(sender=None, what="from the other thread"))
        other.start()
        other.join()
        signal.connect(hear)  # and ends here
        return heard

    @staticmethod
    def ours() -> list[str]:
        heard: list[str] = []

        @receiver(flashed)
        def hear(what: str, **kwargs: Any) -> None:
            heard.append(what)

        send = {"sender": None, "what": "from the other thread"}
        with muted(hear, reason="an import"):
            other = Thread(target=flashed.send, kwargs=send)
            other.start()
            other.join()
        return heard


class EndsTooEarly:
    """A function that disconnects and connects again may be called by one that does the same: the
    inner one switches on what the outer one still wants off.  Our silences have owners, and each
    ends its own."""

    title = "The inner silence ends the outer one"
    behaviours = (32,)
    asked = "What is heard inside the outer silence, once the inner one has ended?"
    naive_gives = ["too early"]
    ours_gives: list[str] = []

    @staticmethod
    def naive() -> list[str]:
        heard: list[str] = []
        signal = Signal()

        def hear(what: str, **kwargs: Any) -> None:
            heard.append(what)

        @contextmanager
        def silence() -> Iterator[None]:
            signal.disconnect(hear)
            yield
            signal.connect(hear)

        with silence():
            with silence():
                pass
            signal.send(sender=None, what="too early")
        return heard

    @staticmethod
    def ours() -> list[str]:
        heard: list[str] = []

        @receiver(flashed)
        def hear(what: str, **kwargs: Any) -> None:
            heard.append(what)

        with muted(hear, reason="the outer one"):
            with muted(hear, reason="the inner one"):
                pass
            flashed.send(sender=None, what="too early")
        return heard


class RunsTwice:
    """A receiver that was connected with a `dispatch_uid` is disconnected by that name alone.
    Without it `disconnect` does nothing, the following `connect` adds it once more, and from then
    on it runs twice.  A silence of ours connects nothing."""

    title = "Connected again without its name, it runs twice"
    behaviours = (31, 32)
    asked = "How often does the receiver run for one signal, after a silence?"
    naive_gives = 2
    ours_gives = 1

    @staticmethod
    def naive() -> int:
        heard: list[str] = []
        signal = Signal()

        def hear(what: str, **kwargs: Any) -> None:
            heard.append(what)

        signal.connect(hear, dispatch_uid="mail")
        signal.disconnect(hear)
        signal.connect(hear)
        signal.send(sender=None, what="news")
        return len(heard)

    @staticmethod
    def ours() -> int:
        heard: list[str] = []

        @receiver(flashed, uid="lab.mail")
        def hear(what: str, **kwargs: Any) -> None:
            heard.append(what)

        with muted(hear, reason="the lab shows a silence"):
            pass
        flashed.send(sender=None, what="news")
        return len(heard)


MUTING = group("Switched off for a while", OffForAll, EndsTooEarly, RunsTwice)
