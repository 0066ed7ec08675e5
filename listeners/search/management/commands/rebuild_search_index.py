from typing import Any

from django.core.management.base import BaseCommand

from blog.models import Post
from listeners.search.indexing import index_posts
from listeners.search.models import Document


class Command(BaseCommand):
    help = (
        "Index every public post anew, and forget all others.  Safe while the site runs.  "
        "Example: manage.py rebuild_search_index"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        public = list(Post.objects.published().values_list("pk", flat=True))
        gone = set(Document.objects.values_list("post_id", flat=True)) - set(public)
        index_posts([*public, *gone])
        self.stdout.write(f"{len(public)} posts indexed, {len(gone)} forgotten.")
