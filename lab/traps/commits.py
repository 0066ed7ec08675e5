"""What goes wrong after the commit."""

from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from lab.catalogue import group
from lab.models import Label, Mirror
from lab.scratch import flashed
from lab.stage import commit
from signalflow import AFTER_COMMIT, receiver


class OneStopsTheRest:
    """Django runs the callbacks of a commit one after the other, and an error ends the row: those
    behind it are lost, and the caller is told that a committed change has failed.  After-commit
    receivers disturb neither each other nor the caller; their errors are logged."""

    title = "The first callback that fails stops the rest"
    behaviours: tuple[int, ...] = ()
    asked = "What was heard after a commit whose first callback fails?"
    naive_gives = ["the caller got RuntimeError"]
    ours_gives = ["the second callback"]

    @staticmethod
    def naive() -> list[str]:
        def fail() -> None:
            raise RuntimeError("the first callback broke")

        heard: list[str] = []
        with transaction.atomic():
            transaction.on_commit(fail)
            transaction.on_commit(lambda: heard.append("the second callback"))
        try:
            commit()
        except RuntimeError:
            heard.append("the caller got RuntimeError")
        return heard

    @staticmethod
    def ours() -> list[str]:
        @receiver(flashed, when=AFTER_COMMIT)
        def fail(**kwargs: Any) -> None:
            raise RuntimeError("the first receiver broke")

        @receiver(flashed, when=AFTER_COMMIT)
        def hear(what: str, **kwargs: Any) -> None:
            heard.append(what)

        heard: list[str] = []
        with transaction.atomic():
            flashed.send(sender=None, what="the second callback")
        commit()
        return heard


class KeyIsGone:
    """`delete()` takes the key off the instance once the row is gone, and a callback looks at the
    instance later still.  Values must be taken when the signal is sent."""

    title = "A deleted row has lost its key by then"
    behaviours = (11,)
    asked = "Which key does the callback see, compared with the deleted row's?"
    naive_gives = "none at all"
    ours_gives = "the same"

    @staticmethod
    def naive() -> str:
        seen: list[Any] = []

        def drop_pages(instance: Mirror, **kwargs: Any) -> None:
            transaction.on_commit(lambda: seen.append(instance.pk))

        post_delete.connect(drop_pages, sender=Mirror, weak=False)
        mirror = Mirror.objects.create(name="gone")
        key = mirror.pk
        with transaction.atomic():
            mirror.delete()
        commit()
        return "the same" if seen == [key] else "none at all" if seen == [None] else "another"

    @staticmethod
    def ours() -> str:
        seen: list[Any] = []

        @receiver(post_delete, sender=Mirror, when=AFTER_COMMIT)
        def drop_pages(instance: Mirror, **kwargs: Any) -> None:
            seen.append(instance.pk)

        mirror = Mirror.objects.create(name="gone")
        key = mirror.pk
        with transaction.atomic():
            mirror.delete()
        commit()
        return "the same" if seen == [key] else "none at all" if seen == [None] else "another"


class OnceButUndone:
    """Callbacks of a savepoint that is rolled back are dropped.  Who keeps "already planned" by
    hand when the signal is sent has then planned nothing.  Which emissions survive is known only
    at the commit, so that is where equal keys are served by one run."""

    title = "Once is remembered though it was undone"
    behaviours = (5, 8)
    asked = "How often was the index written, after one attempt undone and one kept?"
    naive_gives = 0
    ours_gives = 1

    @staticmethod
    def naive() -> int:
        planned, written = set(), []

        def plan(instance: Mirror, **kwargs: Any) -> None:
            if instance.name not in planned:  # once is enough
                planned.add(instance.name)
                transaction.on_commit(lambda: written.append(instance.name))

        post_save.connect(plan, sender=Mirror, weak=False)
        with suppress(RuntimeError), transaction.atomic():
            Mirror.objects.create(name="sun")
            raise RuntimeError("undone")
        Mirror.objects.create(name="sun")
        commit()
        return len(written)

    @staticmethod
    def ours() -> int:
        written: list[str] = []

        @receiver(post_save, sender=Mirror, when=AFTER_COMMIT, key=lambda **_: "index")
        def write(instance: Mirror, **kwargs: Any) -> None:
            written.append(instance.name)

        with suppress(RuntimeError), transaction.atomic():
            Mirror.objects.create(name="sun")
            raise RuntimeError("undone")
        Mirror.objects.create(name="sun")
        commit()
        return len(written)


class ThreeTimesTheWork:
    """Saving a form with links sends `post_save` once or twice and `m2m_changed` twice.  A
    receiver of each does the same work again.  With a key one run after the commit serves them
    all, and reads the rows as they ended up."""

    title = "Three signals of one act, three times the work"
    behaviours = (8, 18)
    asked = "How often was the index written for one act, and with which labels?"
    naive_gives = [[], [], ["bright", "tall"]]
    ours_gives = [["bright", "tall"]]

    @staticmethod
    def naive() -> list[list[str]]:
        written: list[list[str]] = []

        def index(instance: Mirror, action: str = "post_add", **kwargs: Any) -> None:
            if action == "post_add":
                written.append(sorted(label.name for label in instance.labels.all()))

        post_save.connect(index, sender=Mirror, weak=False)
        m2m_changed.connect(index, sender=Label.mirrors.through, weak=False)
        with transaction.atomic():
            mirror = Mirror.objects.create(name="sun")
            mirror.save()
            mirror.labels.set([Label.objects.create(name=name) for name in ("bright", "tall")])
        return written

    @staticmethod
    def ours() -> list[list[str]]:
        written: list[list[str]] = []

        @receiver(m2m_changed, sender=Label.mirrors.through, when=AFTER_COMMIT, key="instance")
        @receiver(post_save, sender=Mirror, when=AFTER_COMMIT, key="instance")
        def index(instance: Mirror, **kwargs: Any) -> None:
            written.append(sorted(label.name for label in instance.labels.all()))

        with transaction.atomic():
            mirror = Mirror.objects.create(name="sun")
            mirror.save()
            mirror.labels.set([Label.objects.create(name=name) for name in ("bright", "tall")])
        commit()
        return written


COMMITS = group("After the commit", OneStopsTheRest, KeyIsGone, OnceButUndone, ThreeTimesTheWork)
