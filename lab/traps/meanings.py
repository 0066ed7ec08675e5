"""What goes wrong when a row's signal is taken for what somebody did."""

from typing import Any

from django.core import serializers
from django.db import transaction
from django.db.models import F
from django.db.models.signals import m2m_changed, post_save

from lab.catalogue import group
from lab.models import Label, Mirror
from lab.scratch import flashed
from signalflow import receiver


class CreatedIsNotPublished:
    """`created` says that a row is new.  A draft is new and not public, and what is published
    later is not new.  The door that publishes announces it: after comparing, exactly once."""

    title = "Created is not published"
    behaviours = (6, 21)
    asked = "What do subscribers hear of a draft, of its publication, and of a second click?"
    naive_gives = ["draft"]
    ours_gives = ["published"]

    @staticmethod
    def naive() -> list[str]:
        told: list[str] = []

        def tell_subscribers(instance: Mirror, created: bool, **kwargs: Any) -> None:
            if created:
                told.append("published" if instance.public else "draft")

        post_save.connect(tell_subscribers, sender=Mirror, weak=False)
        mirror = Mirror.objects.create(name="sun")
        for _click in range(2):
            mirror.public = True
            mirror.save()
        return told

    @staticmethod
    def ours() -> list[str]:
        told: list[str] = []
        receiver(flashed, uid="lab.tell")(lambda what, **kwargs: told.append(what))

        def publish(name: str) -> None:
            with transaction.atomic():
                drafts = Mirror.objects.filter(name=name, public=False)
                if drafts.update(public=True):
                    flashed.send(sender=Mirror, what="published")

        mirror = Mirror.objects.create(name="sun")
        for _click in range(2):
            publish(mirror.name)
        return told


class Counters:
    """One event that no signal told of, and the count is wrong until somebody notices; it can
    fall below zero.  A recount reads what is there: the next event corrects whatever was missed."""

    title = "A counter that adds and subtracts goes wrong for ever"
    behaviours = (13, 27)
    asked = "What is the count of a label without mirrors, after one link was added in silence?"
    naive_gives = -1
    ours_gives = 0

    @staticmethod
    def naive() -> int:
        def count(instance: Label, action: str, pk_set: Any, **kwargs: Any) -> None:
            step = {"post_add": 1, "post_remove": -1}.get(action, 0)
            Label.objects.filter(pk=instance.pk).update(count=F("count") + step * len(pk_set))

        m2m_changed.connect(count, sender=Label.mirrors.through, weak=False)
        label, mirror = Label.objects.create(name="bright"), Mirror.objects.create(name="sun")
        Label.mirrors.through.objects.create(label=label, mirror=mirror)  # no signal
        label.mirrors.remove(mirror)
        return Label.objects.get(name="bright").count

    @staticmethod
    def ours() -> int:
        @receiver(m2m_changed, sender=Label.mirrors.through)
        def recount(instance: Label, action: str, **kwargs: Any) -> None:
            if action in {"post_add", "post_remove", "post_clear"}:
                Label.objects.select_for_update().get(pk=instance.pk)  # first lock, then count
                Label.objects.filter(pk=instance.pk).update(count=instance.mirrors.count())

        label, mirror = Label.objects.create(name="bright"), Mirror.objects.create(name="sun")
        Label.mirrors.through.objects.create(label=label, mirror=mirror)  # no signal
        label.mirrors.remove(mirror)
        return Label.objects.get(name="bright").count


class FixtureRows:
    """`loaddata` sends `post_save` with `created=True`.  Who then adds what belongs to a new row
    adds it beside what the same file brings.  Our receivers keep still for `raw` rows unless
    they ask for fixtures."""

    title = "A row of a fixture is treated as new"
    behaviours = (1, 14)
    asked = "Which labels does the mirror have, when the file brings it with “bright”?"
    naive_gives = ["bright", "new"]
    ours_gives = ["bright"]

    @staticmethod
    def naive() -> list[str]:
        def give_label(instance: Mirror, created: bool, **kwargs: Any) -> None:
            if created:
                instance.labels.create(name="new")

        post_save.connect(give_label, sender=Mirror, weak=False)
        sun = {"model": "lab.mirror", "pk": -1, "fields": {"name": "sun"}}
        label = {"model": "lab.label", "pk": -1, "fields": {"name": "bright", "mirrors": [-1]}}
        for fixture in serializers.deserialize("python", [sun, label]):
            fixture.save()
        return sorted(label.name for label in Mirror.objects.get().labels.all())

    @staticmethod
    def ours() -> list[str]:
        @receiver(post_save, sender=Mirror)
        def give_label(instance: Mirror, created: bool, **kwargs: Any) -> None:
            if created:
                instance.labels.create(name="new")

        sun = {"model": "lab.mirror", "pk": -1, "fields": {"name": "sun"}}
        label = {"model": "lab.label", "pk": -1, "fields": {"name": "bright", "mirrors": [-1]}}
        for fixture in serializers.deserialize("python", [sun, label]):
            fixture.save()
        return sorted(label.name for label in Mirror.objects.get().labels.all())


MEANINGS = group("Meaning", CreatedIsNotPublished, Counters, FixtureRows)
