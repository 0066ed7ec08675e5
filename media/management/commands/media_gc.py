from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand
from django.utils import timezone

from media.files import is_referenced


class Command(BaseCommand):
    help = (
        "Delete uploaded files that no row refers to.  Young ones are kept: their row may be "
        "about to be written.  Example: manage.py media_gc --hours 24"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hours", type=float, default=24, help="keep files younger than this")

    def handle(self, *args: Any, hours: float, **options: Any) -> None:
        limit = timezone.now() - timedelta(hours=hours)
        deleted = 0
        for name in _all_files(""):
            if default_storage.get_modified_time(name) < limit and not is_referenced(name):
                default_storage.delete(name)
                deleted += 1
        self.stdout.write(f"{deleted} files deleted.")


def _all_files(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever uploaded
        return
    for name in files:
        yield f"{folder}/{name}".lstrip("/")
    for name in folders:
        yield from _all_files(f"{folder}/{name}".lstrip("/"))
