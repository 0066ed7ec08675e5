from typing import Any

from django.core.management.base import BaseCommand

from lab.document import document


class Command(BaseCommand):
    help = (
        "Print every trap beside its right form, as Markdown.  "
        "Example: manage.py lab_traps > docs/signals/traps.md"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document(), ending="")
