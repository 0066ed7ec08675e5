from typing import Any

from django.core.management.base import BaseCommand, CommandError

from blog.services import publish_due
from blog.services.publishing import CLOCK
from signalflow import action
from signalflow.heartbeats import beat


class Command(BaseCommand):
    help = (
        "Publish every scheduled post whose moment has come.  Run it every minute; overlapping "
        "runs are harmless.  Example: * * * * * manage.py publish_scheduled_posts"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with action("publish_scheduled_posts"):
            result = publish_due()
        for pk, reason in result.failed.items():
            self.stderr.write(f"post {pk} could not be published: {reason}")
        summary = f"{len(result.published)} published, {len(result.skipped)} skipped"
        beat(CLOCK, summary, healthy=not result.failed)
        if result.failed:
            raise CommandError(f"{summary}, {len(result.failed)} failed: manage.py signals failed")
        if result.published or options["verbosity"] > 1:
            self.stdout.write(f"{summary}.")
