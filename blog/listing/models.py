"""What is kept of the lists of public posts; only `blog.listing.entries` writes it."""

from django.db import models


class Listing(models.Model):
    """A public post in one of its lists: "site", "author:3" or "tag:7".  See `blog.listing`.

    `month` is the first day of the month in the site's time zone; the archive counts by it.
    """

    list = models.CharField(max_length=30)
    post = models.ForeignKey(
        "blog.Post", on_delete=models.CASCADE, related_name="listings", db_index=False
    )
    published_at = models.DateTimeField()
    month = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "list"], name="listing_once")]
        indexes = [
            models.Index(fields=["list", "-published_at", "-post"], name="listing_order"),
            models.Index(fields=["list", "month"], name="listing_months"),
        ]

    def __str__(self) -> str:
        return f"{self.list}: {self.post_id}"
