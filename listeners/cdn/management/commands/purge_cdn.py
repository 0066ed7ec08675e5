from typing import Any

from django.core.management.base import BaseCommand, CommandError

from listeners.cdn.providers import configured
from pagecache import SITE, invalidate_now


class Command(BaseCommand):
    help = (
        "End every kept page, at the CDN too: after an upgrade, or when the name of the site has "
        "changed.  The worker tells the CDN within seconds.  Example: manage.py purge_cdn"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        cdn = configured()
        if cdn is None:
            raise CommandError("There is no CDN: CDN_URL is not set.", returncode=1)
        invalidate_now(SITE)
        self.stdout.write(f"{cdn.provider.name} will be told to forget every page.")
