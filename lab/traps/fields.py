"""What goes wrong with fields: which were written, which changed, which were overwritten."""

from typing import Any

from django.db.models.signals import post_save, pre_save

from accounts.fields import touched
from lab.catalogue import group
from lab.models import Mirror
from signalflow import receiver


class NoneMeansAll:
    """An ordinary `save()` writes every field and sends `update_fields=None`.  Who looks for a
    name in it misses exactly the usual case."""

    title = "update_fields=None means every field"
    behaviours = (17,)
    asked = "After how many of two saves (one ordinary, one of the name) does the receiver act?"
    naive_gives = 1
    ours_gives = 2

    @staticmethod
    def naive() -> int:
        acted: list[str] = []

        def index(instance: Mirror, update_fields: Any, **kwargs: Any) -> None:
            if update_fields and "name" in update_fields:
                acted.append(instance.name)

        mirror = Mirror.objects.create(name="sun")
        post_save.connect(index, sender=Mirror, weak=False)
        mirror.save()
        mirror.save(update_fields=["name"])
        return len(acted)

    @staticmethod
    def ours() -> int:
        acted: list[str] = []

        @receiver(post_save, sender=Mirror)
        def index(instance: Mirror, update_fields: Any, **kwargs: Any) -> None:
            if touched(update_fields, "name"):
                acted.append(instance.name)

        mirror = Mirror.objects.create(name="sun")
        acted.clear()
        mirror.save()
        mirror.save(update_fields=["name"])
        return len(acted)


class WrittenIsNotChanged:
    """`update_fields` says what a save wrote, never what differs.  A change is the difference
    between the row before and the instance, read at `pre_save` if the field is written at all."""

    title = "A field that was written need not have changed"
    behaviours = (16,)
    asked = "Which moves are announced, when the place is written unchanged and then moved?"
    naive_gives = ["moved to roof", "moved to tower"]
    ours_gives = ["moved from roof to tower"]

    @staticmethod
    def naive() -> list[str]:
        moves: list[str] = []

        def announce(instance: Mirror, update_fields: Any, **kwargs: Any) -> None:
            if touched(update_fields, "place"):
                moves.append(f"moved to {instance.place}")

        mirror = Mirror.objects.create(name="sun", place="roof")
        post_save.connect(announce, sender=Mirror, weak=False)
        mirror.save()
        mirror.place = "tower"
        mirror.save()
        return moves

    @staticmethod
    def ours() -> list[str]:
        moves: list[str] = []

        @receiver(pre_save, sender=Mirror)
        def announce(instance: Mirror, update_fields: Any, **kwargs: Any) -> None:
            if touched(update_fields, "place"):
                before = Mirror.objects.filter(pk=instance.pk).first()
                if before and before.place != instance.place:
                    moves.append(f"moved from {before.place} to {instance.place}")

        mirror = Mirror.objects.create(name="sun", place="roof")
        mirror.save()
        mirror.place = "tower"
        mirror.save()
        return moves


class WholeRow:
    """A plain `save()` writes back every field as it was when the instance was read.  Whoever
    changed another one meanwhile has lost the edit, without any error.  A door writes the fields
    it changes."""

    title = "Saving the whole row reverts somebody else's edit"
    behaviours = (2, 21)
    asked = "Where is the mirror, after an editor moved it to the tower?"
    naive_gives = "roof"
    ours_gives = "tower"

    @staticmethod
    def naive() -> str:
        Mirror.objects.create(name="sun", place="roof")
        read_early = Mirror.objects.get(name="sun")
        Mirror.objects.filter(name="sun").update(place="tower")  # the editor
        read_early.public = True
        read_early.save()
        return Mirror.objects.get(name="sun").place

    @staticmethod
    def ours() -> str:
        Mirror.objects.create(name="sun", place="roof")
        read_early = Mirror.objects.get(name="sun")
        Mirror.objects.filter(name="sun").update(place="tower")  # the editor
        read_early.public = True
        read_early.save(update_fields=["public"])
        return Mirror.objects.get(name="sun").place


FIELDS = group("Fields", NoneMeansAll, WrittenIsNotChanged, WholeRow)
