from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from media.pictures import ensure_renditions, originals
from media.renditions import BrokenImageError


class Command(BaseCommand):
    help = (
        "Make the renditions of every picture and avatar anew, after an upgrade or when their "
        "sizes or formats changed.  Safe while the site runs; exit code 1 if an original is gone "
        "or cannot be read.  Example: manage.py make_renditions --missing"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--missing",
            action="store_true",
            help="only where the database knows of fewer than there should be",
        )

    def handle(self, *args: Any, missing: bool, **options: Any) -> None:
        made = failed = 0
        for name in originals(lacking=missing):
            try:
                made += bool(ensure_renditions(name, anew=not missing))
            except (FileNotFoundError, BrokenImageError) as error:
                failed += 1
                self.stderr.write(f"{name}: {error}")
        self.stdout.write(f"{made} originals have their renditions, {failed} cannot be read.")
        if failed:
            raise CommandError("Upload these pictures again.", returncode=1)
