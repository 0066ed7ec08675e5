"""What goes wrong because no signal is sent."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save

from lab.catalogue import group
from lab.models import Mirror
from lab.scratch import flashed
from signalflow import receiver


class ManyAtOnce:
    """Writes of many rows go straight to the database.  An act that others react to goes through
    its door, row by row, and announces each."""

    title = "update() and bulk_create() send nothing"
    behaviours = (1, 24)
    asked = "Which mirrors do the listeners hear of, when two are made and published at once?"
    naive_gives: list[str] = []
    ours_gives = ["sun", "moon"]

    @staticmethod
    def naive() -> list[str]:
        heard: list[str] = []

        def hear(instance: Mirror, **kwargs: Any) -> None:
            heard.append(instance.name)

        post_save.connect(hear, sender=Mirror, weak=False)
        Mirror.objects.bulk_create([Mirror(name="sun"), Mirror(name="moon")])
        Mirror.objects.update(public=True)
        return heard

    @staticmethod
    def ours() -> list[str]:
        heard: list[str] = []

        @receiver(flashed)
        def hear(what: str, **kwargs: Any) -> None:
            heard.append(what)

        Mirror.objects.bulk_create([Mirror(name="sun"), Mirror(name="moon")])
        for mirror in Mirror.objects.filter(public=False).order_by("pk"):
            with transaction.atomic():  # one bad row does not undo the others
                if Mirror.objects.filter(pk=mirror.pk, public=False).update(public=True):
                    flashed.send(sender=Mirror, what=mirror.name)
        return heard


class NothingHeals:
    """A label for each new mirror, given by `post_save`, is missing for those no signal told of.
    Whoever needs it asks a function that gives it when it is not there; `reconcile` finds the
    rest."""

    title = "What belongs to a row is missing after a silent write"
    behaviours = (1, 15)
    asked = "Which labels has a mirror that was made by bulk_create?"
    naive_gives: list[str] = []
    ours_gives = ["of sun"]

    @staticmethod
    def naive() -> list[str]:
        def give_label(instance: Mirror, created: bool, **kwargs: Any) -> None:
            if created:
                instance.labels.create(name=f"of {instance}")

        post_save.connect(give_label, sender=Mirror, weak=False)
        mirror = Mirror.objects.bulk_create([Mirror(name="sun")])[0]
        return [label.name for label in mirror.labels.all()]

    @staticmethod
    def ours() -> list[str]:
        def label_of(mirror: Mirror) -> str:
            label, _ = mirror.labels.get_or_create(name=f"of {mirror}")
            return label.name

        @receiver(post_save, sender=Mirror)
        def give_label(instance: Mirror, created: bool, **kwargs: Any) -> None:
            if created:
                label_of(instance)

        mirror = Mirror.objects.bulk_create([Mirror(name="sun")])[0]
        return [label_of(mirror)]


SILENCE = group("Silence", ManyAtOnce, NothingHeals)
