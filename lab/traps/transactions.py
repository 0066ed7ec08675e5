"""What goes wrong inside the transaction."""

from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import Signal

from lab.catalogue import group
from lab.models import Mirror
from lab.scratch import flashed
from signalflow import DURABLE, receiver
from signalflow.models import Delivery


class HalfAChange:
    """In autocommit the row is written before its receivers run: one that raises undoes nothing,
    and those behind it never run.  In a door's transaction the row goes with the error."""

    title = "A failing receiver leaves half a change"
    behaviours = (1, 21)
    asked = "Which mirrors are stored after the receiver has failed?"
    naive_gives = ["half made"]
    ours_gives: list[str] = []

    @staticmethod
    def naive() -> list[str]:
        def fail(**kwargs: Any) -> None:
            raise RuntimeError("the receiver broke")

        post_save.connect(fail, sender=Mirror, weak=False)
        # No block of its own: inside the lab's transaction this row stays as in autocommit.
        with suppress(RuntimeError):
            Mirror.objects.create(name="half made")
        return [mirror.name for mirror in Mirror.objects.all()]

    @staticmethod
    def ours() -> list[str]:
        @receiver(post_save, sender=Mirror)
        def fail(**kwargs: Any) -> None:
            raise RuntimeError("the receiver broke")

        with suppress(RuntimeError), transaction.atomic():
            Mirror.objects.create(name="undone")
        return [mirror.name for mirror in Mirror.objects.all()]


class Poisoned:
    """A receiver that meets a database error spoils the transaction around it, and `send_robust`
    swallows the error: the block ends without an exception, and everything in it is gone.  Each
    of our receivers runs in a savepoint there, which takes the damage."""

    title = "send_robust hides a transaction that rolled back"
    behaviours: tuple[int, ...] = ()
    asked = "Which mirrors are stored after the block, which raised nothing?"
    naive_gives: list[str] = []
    ours_gives = ["first"]

    @staticmethod
    def naive() -> list[str]:
        def make_the_same_again(**kwargs: Any) -> None:
            Mirror.objects.create(name="first")  # names are unique

        signal = Signal()
        signal.connect(make_the_same_again, weak=False)
        with transaction.atomic():
            Mirror.objects.create(name="first")
            signal.send_robust(sender=None)
        return [mirror.name for mirror in Mirror.objects.all()]

    @staticmethod
    def ours() -> list[str]:
        @receiver(flashed)
        def make_the_same_again(**kwargs: Any) -> None:
            Mirror.objects.create(name="first")  # names are unique

        with transaction.atomic():
            Mirror.objects.create(name="first")
            flashed.send_robust(sender=None, what="news")
        return [mirror.name for mirror in Mirror.objects.all()]


class MailOfNothing:
    """What leaves the database cannot be rolled back: the mail is out, the change is not.  A
    durable receiver is a row of the same transaction, so either both are there or neither."""

    title = "A mail tells of what was rolled back"
    behaviours = (6, 14)
    asked = "How many mails are out or waiting, when one of two mirrors is rolled back?"
    naive_gives = 2
    ours_gives = 1

    @staticmethod
    def naive() -> int:
        outbox: list[str] = []

        def mail(instance: Mirror, **kwargs: Any) -> None:
            outbox.append(f"a new mirror: {instance}")  # a mail server takes nothing back

        post_save.connect(mail, sender=Mirror, weak=False)
        for name in ("lost", "kept"):
            with suppress(RuntimeError), transaction.atomic():
                Mirror.objects.create(name=name)
                if name == "lost":
                    raise RuntimeError("something later in the same act")
        return len(outbox)

    @staticmethod
    def ours() -> int:
        outbox: list[str] = []

        @receiver(post_save, sender=Mirror, when=DURABLE, atomic=False, uid="lab.mail")
        def mail(instance: Mirror, **kwargs: Any) -> None:
            outbox.append(f"a new mirror: {instance}")

        for name in ("lost", "kept"):
            with suppress(RuntimeError), transaction.atomic():
                Mirror.objects.create(name=name)
                if name == "lost":
                    raise RuntimeError("something later in the same act")
        return len(outbox) + Delivery.objects.filter(receiver="lab.mail").count()


TRANSACTIONS = group("In the transaction", HalfAChange, Poisoned, MailOfNothing)
