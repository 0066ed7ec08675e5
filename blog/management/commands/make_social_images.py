from argparse import ArgumentParser
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from blog.models import Post
from blog.social_images.storing import ensure_social_image


class Command(BaseCommand):
    help = (
        "Draw the images that stand for public posts without a picture where their links are "
        "shared, after an upgrade or when the site has another name.  Safe while the site runs.  "
        "Example: manage.py make_social_images --missing"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--missing", action="store_true", help="only where there is none, or an outdated one"
        )

    def handle(self, *args: Any, missing: bool, **options: Any) -> None:
        rows = Post.objects.order_by("pk").values_list("pk", "social_image")
        drawn = 0
        for pk, name in list(rows):
            lost = bool(name) and not default_storage.exists(name)
            drawn += ensure_social_image(pk, anew=lost or not missing)
        self.stdout.write(f"{drawn} posts have another image.")
