from django.db import models


class Document(models.Model):
    """What can be found of one public post.

    The words are indexed by the database itself: an FTS5 table kept by triggers on SQLite, a
    generated `tsvector` column on PostgreSQL (see the migration).  There is no foreign key to
    the post: this app can be taken out of a site whose posts then go, and every result is
    looked up among the public posts anyway.
    """

    post_id = models.BigIntegerField(primary_key=True)
    title = models.TextField()
    summary = models.TextField(blank=True)
    tags = models.TextField(blank=True)
    author = models.TextField(blank=True)
    body = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.title
