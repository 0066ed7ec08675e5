import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Max

from signalflow.actions import action
from signalflow.heartbeats import RECONCILE, beat
from signalflow.models import OPEN, Delivery
from signalflow.signals import reconcile_requested, reconciled

LOOKS = 8  # at a site that never rests
PAUSE = 0.3  # seconds between two of them


class Command(BaseCommand):
    help = (
        "Compare counts, statistics, profiles, rendered texts, pictures, cards and the search "
        "index with the facts, and correct them: for what bulk writes, raw SQL or a restore "
        "changed and no signal saw.  Exit code 1 if something cannot be corrected.  Example: "
        "manage.py reconcile --check && echo all true"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only report; exit with 1 if anything differs"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        left: list[str] = []
        with action("reconcile"):
            findings = self.lasting(self.ask(repair=False))
            if findings and not check:
                self.ask(repair=True)
                left = self.lasting(self.ask(repair=False))
            told = [sentence for sentence in findings if sentence not in left]
            reconciled.send(sender=type(self), findings=told, repaired=not check)
        for sentence in told:
            self.stdout.write(sentence)
        for sentence in left:
            self.stderr.write(f"Not corrected: {sentence}")
        what = f"{len(told)} differences {'found' if check else 'corrected'}"
        if left:
            what += f", {len(left)} not"
        differs = bool(told) if check else bool(left)
        beat(RECONCILE, what, healthy=not differs)
        if differs:
            advice = "run reconcile to correct them" if check else "these need a person"
            raise CommandError(f"{what}; {advice}.")
        self.stdout.write(f"{what}.")

    def ask(self, *, repair: bool) -> list[str]:
        answers = reconcile_requested.send(sender=type(self), repair=repair)
        return [sentence for _, answer in answers for sentence in answer or []]

    def lasting(self, findings: list[str]) -> list[str]:
        """What is still so at a second look, or at every one while the site is busy.

        A change is committed together with its deliveries, and their effects together with
        "done".  So what a look finds while no delivery was open or came is no change on its way.
        """
        for _ in range(LOOKS):
            if not findings:
                return []
            before = self.under_way()
            again = self.ask(repair=False)
            if before == self.under_way() and not before[0]:
                return again
            findings = [sentence for sentence in findings if sentence in again]
            time.sleep(PAUSE)
        return findings

    def under_way(self) -> tuple[int, int]:
        """How many deliveries are open, and the last one there is."""
        rows = Delivery.objects.order_by()
        newest = rows.aggregate(newest=Max("pk"))["newest"]
        return rows.filter(state__in=OPEN).count(), newest or 0
