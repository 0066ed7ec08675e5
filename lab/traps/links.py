"""What goes wrong with many-to-many links."""

from typing import Any

from django.core import serializers
from django.db.models.signals import m2m_changed, pre_delete

from lab.catalogue import group
from lab.models import Label, Mirror
from signalflow import receiver
from signalflow.muting import loading_fixtures


class ReverseSide:
    """`label.mirrors.add(mirror)` sends the label as instance and mirrors as keys, and
    `mirror.labels.add(label)` the other way round.  `reverse` tells which it is."""

    title = "From the other side the instance is another model"
    behaviours = (12,)
    asked = "Which mirrors does the receiver take for changed, when “sun” is labelled both ways?"
    naive_gives = ["bright", "sun"]
    ours_gives = ["sun", "sun"]

    @staticmethod
    def naive() -> list[str]:
        changed: list[str] = []

        def refresh(instance: Mirror, action: str, **kwargs: Any) -> None:
            if action == "post_add":
                changed.append(instance.name)

        m2m_changed.connect(refresh, sender=Label.mirrors.through, weak=False)
        sun, bright = Mirror.objects.create(name="sun"), Label.objects.create(name="bright")
        bright.mirrors.add(sun)
        sun.labels.add(Label.objects.create(name="tall"))
        return changed

    @staticmethod
    def ours() -> list[str]:
        changed: list[str] = []

        @receiver(m2m_changed, sender=Label.mirrors.through)
        def refresh(instance: Any, action: str, reverse: bool, pk_set: Any, **kw: Any) -> None:
            if action == "post_add":
                keys = {instance.pk} if reverse else pk_set
                changed.extend(mirror.name for mirror in Mirror.objects.filter(pk__in=keys))

        sun, bright = Mirror.objects.create(name="sun"), Label.objects.create(name="bright")
        bright.mirrors.add(sun)
        sun.labels.add(Label.objects.create(name="tall"))
        return changed


class ClearNamesNothing:
    """`clear()` sends no keys, and when `post_clear` comes the links are gone.  What it will
    remove must be read at `pre_clear`."""

    title = "clear() does not say what it removes"
    behaviours = (13,)
    asked = "Which labels does the receiver know to have lost a mirror?"
    naive_gives: list[str] = []
    ours_gives = ["bright"]

    @staticmethod
    def naive() -> list[str]:
        lost: list[str] = []

        def recount(action: str, pk_set: set[int] | None, **kwargs: Any) -> None:
            if action in {"post_remove", "post_clear"}:
                lost.extend(label.name for label in Label.objects.filter(pk__in=pk_set or ()))

        m2m_changed.connect(recount, sender=Label.mirrors.through, weak=False)
        sun = Mirror.objects.create(name="sun")
        sun.labels.add(Label.objects.create(name="bright"))
        sun.labels.clear()
        return lost

    @staticmethod
    def ours() -> list[str]:
        lost: list[str] = []

        @receiver(m2m_changed, sender=Label.mirrors.through)
        def recount(instance: Mirror, action: str, pk_set: Any, **kwargs: Any) -> None:
            if action == "pre_clear":
                pk_set = set(instance.labels.values_list("pk", flat=True))
            if action in {"post_remove", "pre_clear"}:
                lost.extend(label.name for label in Label.objects.filter(pk__in=pk_set))

        sun = Mirror.objects.create(name="sun")
        sun.labels.add(Label.objects.create(name="bright"))
        sun.labels.clear()
        return lost


class FixtureLinks:
    """Before Django 6 `m2m_changed` has no `raw`: a receiver cannot tell a row that `loaddata`
    loads from one that somebody linked.  The site's own `loaddata` silences every receiver that
    did not ask for fixtures.  Both forms load one row as that command does."""

    title = "Links of a fixture look like somebody's choice"
    behaviours = (12,)
    asked = "Which actions are announced while a fixture is loaded?"
    naive_gives = ["pre_add", "post_add"]
    ours_gives: list[str] = []

    @staticmethod
    def naive() -> list[str]:
        announced: list[str] = []

        def announce(action: str, raw: bool = False, **kwargs: Any) -> None:
            if not raw:
                announced.append(action)

        m2m_changed.connect(announce, sender=Label.mirrors.through, weak=False)
        sun = Mirror.objects.create(name="sun")
        row = {"model": "lab.label", "pk": 1, "fields": {"name": "bright", "mirrors": [sun.pk]}}
        for fixture in serializers.deserialize("python", [row]):
            fixture.save()
        return announced

    @staticmethod
    def ours() -> list[str]:
        announced: list[str] = []

        @receiver(m2m_changed, sender=Label.mirrors.through)
        def announce(action: str, **kwargs: Any) -> None:
            announced.append(action)

        sun = Mirror.objects.create(name="sun")
        row = {"model": "lab.label", "pk": 1, "fields": {"name": "bright", "mirrors": [sun.pk]}}
        with loading_fixtures():
            for fixture in serializers.deserialize("python", [row]):
                fixture.save()
        return announced


class UnlinkedInSilence:
    """The links of a deleted row are removed without `m2m_changed`.  Who must know reads them at
    `pre_delete`, while they are there."""

    title = "Deleting a row unlinks it in silence"
    behaviours = (9, 12)
    asked = "Which mirrors are known to have lost the deleted label?"
    naive_gives: list[str] = []
    ours_gives = ["sun"]

    @staticmethod
    def naive() -> list[str]:
        changed: list[str] = []

        def refresh(action: str, **kwargs: Any) -> None:
            if action in {"post_remove", "pre_clear"}:
                changed.append("sun")

        bright = Label.objects.create(name="bright")
        bright.mirrors.add(Mirror.objects.create(name="sun"))
        m2m_changed.connect(refresh, sender=Label.mirrors.through, weak=False)
        bright.delete()
        return changed

    @staticmethod
    def ours() -> list[str]:
        changed: list[str] = []

        @receiver(pre_delete, sender=Label)
        def refresh(instance: Label, **kwargs: Any) -> None:
            changed.extend(mirror.name for mirror in instance.mirrors.all())

        bright = Label.objects.create(name="bright")
        bright.mirrors.add(Mirror.objects.create(name="sun"))
        bright.delete()
        return changed


LINKS = group("Links", ReverseSide, ClearNamesNothing, FixtureLinks, UnlinkedInSilence)
