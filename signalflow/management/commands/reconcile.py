from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signalflow.actions import action
from signalflow.signals import reconcile_requested


class Command(BaseCommand):
    help = (
        "Compare counts, statistics, profiles and the search index with the facts, and correct "
        "them.  Example: manage.py reconcile --check && echo all true"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only report; exit with 1 if anything differs"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        with action("reconcile"):
            answers = reconcile_requested.send(sender=type(self), repair=not check)
        findings = [sentence for _, answer in answers for sentence in answer or []]
        for sentence in findings:
            self.stdout.write(sentence)
        if check and findings:
            raise CommandError(f"{len(findings)} differences found; run reconcile to correct them.")
        self.stdout.write(f"{len(findings)} differences {'found' if check else 'corrected'}.")
