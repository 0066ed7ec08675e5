from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from transfer.wordpress.importing import import_file
from transfer.wordpress.reader import NotReadable
from transfer.wordpress.report import Report


class Command(BaseCommand):
    help = (
        "Bring in a WordPress export file: posts, drafts, scheduled and private items with their "
        "state, tags, authors and comments.  Nobody is mailed; a second run adds nothing.  "
        "Example: manage.py import_wordpress export.xml --dry-run"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file of Tools → Export in WordPress")
        parser.add_argument(
            "--dry-run", action="store_true", help="only report what would happen; write nothing"
        )

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            report = import_file(file, self._progress, dry_run=dry_run)
        except NotReadable as error:
            raise CommandError(str(error)) from None
        self._tell_items(report, with_images=options["verbosity"] > 1)
        self._tell_totals(report)
        if dry_run:
            self.stdout.write("This was a dry run: nothing was written.")
        if report.failures:
            raise CommandError(f"{report.failures} failed; run it again when the reason is gone.")

    def _progress(self, number: int, total: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r{number} of {total} items", ending="")
            self.stdout.flush()

    def _tell_items(self, report: Report, *, with_images: bool) -> None:
        if self.stdout.isatty():
            self.stdout.write("")  # ends the line of the progress
        for line in report.lines:
            if line.notes or line.outcome != "imported":
                told = f": {'; '.join(line.notes)}" if line.notes else ""
                self.stdout.write(f"{line.item} {line.outcome}{told}")
            for address in line.images if with_images else ():
                self.stdout.write(f"  {address}")

    def _tell_totals(self, report: Report) -> None:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(report.outcomes.items()))
        comments = ", ".join(f"{count} {name}" for name, count in sorted(report.comments.items()))
        self.stdout.write(f"{len(report.lines)} items: {counts or 'none'}.")
        self.stdout.write(f"{report.comments.total()} comments: {comments or 'none'}.")
        if report.authors:
            self.stdout.write(f"New authors: {', '.join(report.authors)}.")
