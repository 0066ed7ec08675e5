from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import Http404

from blog.why import NoStoredPage, explain, last_endings, reasons


class Command(BaseCommand):
    help = (
        "Say why a public page looks as it does: what it depends on, which acts ended it last.  "
        "Example: manage.py pages why /tags/sun/"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question", choices=["why"])
        parser.add_argument("path", help="of a page of this site, such as /tags/sun/")

    def handle(self, *args: Any, path: str, **options: Any) -> None:
        try:
            found = explain(path)
        except NoStoredPage as problem:
            raise CommandError(str(problem)) from None
        except Http404:
            raise CommandError("Visitors find nothing at this address.") from None
        self.stdout.write(f"{path} takes {found.build_seconds * 1000:.1f} ms to build.")
        if not found.is_storable:
            self.stdout.write("It is not stored.")
        self.stdout.write("It depends on:")
        for reason in reasons(found.tags):
            self.stdout.write(f"  {reason.tag}  {reason.words}")
        self.stdout.write("Ended last by:")
        for trace, tags in last_endings(found.tags):
            at = f"{trace.created_at:%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(f"  {at}  {trace.name}  ({', '.join(tags)})")
