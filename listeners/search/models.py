from django.db import models

# What can be found of a post.  The index has its columns in this order.
FIELDS = ("title", "summary", "tags", "author", "body")


class Document(models.Model):
    """What can be found of one public post.

    The five fields hold terms (see `search.analysis`), which the database indexes itself: an
    FTS5 table kept by triggers on SQLite, a generated `tsvector` column on PostgreSQL (see the
    migrations).  `text` is the body as its readers see it, for the passage in the results.

    There is no foreign key to the post: this app can be taken out of a site whose posts then go,
    and every result is looked up among the public posts anyway.
    """

    post_id = models.BigIntegerField(primary_key=True)
    title = models.TextField()
    summary = models.TextField(blank=True)
    tags = models.TextField(blank=True)
    author = models.TextField(blank=True)
    body = models.TextField(blank=True)
    text = models.TextField(blank=True)
    analysis = models.PositiveSmallIntegerField(default=0)  # the version that made the terms

    def __str__(self) -> str:
        return f"document of post {self.post_id}"
