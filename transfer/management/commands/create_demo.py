import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from blog.models import Post
from signalflow import action
from transfer.demo.building import PEOPLE, build


class Command(BaseCommand):
    help = (
        "Fill an empty site with a few people, posts and comments to look around with.  "
        "Example: manage.py create_demo --if-empty"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, and say nothing, on a site in use"
        )

    def handle(self, *args: Any, if_empty: bool, **options: Any) -> None:
        in_use = User.objects.exists() or Post.objects.exists()
        if in_use and if_empty:
            return
        if in_use:
            raise CommandError("This site is in use: demo content goes into an empty one only.")
        if settings.HTTPS:
            if if_empty:
                return
            raise CommandError("SITE_URL is a public https address; demo accounts do not go there.")
        password = secrets.token_urlsafe(9)
        with action("create_demo"):
            build(password)
        names = ", ".join([*PEOPLE, "admin"])
        self.stdout.write(f"Demo accounts: {names}. Password of each: {password}")
