"""What is kept of the lists of public posts; only `blog.listing.placing` writes it."""

from django.db import models


class Listing(models.Model):
    """A public post in one of its lists: "site", "author:3" or "tag:7".  See `blog.listing`."""

    list = models.CharField(max_length=30)
    post = models.ForeignKey(
        "blog.Post", on_delete=models.CASCADE, related_name="listings", db_index=False
    )
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "list"], name="listing_once")]
        indexes = [models.Index(fields=["list", "-published_at", "-post"], name="listing_order")]

    def __str__(self) -> str:
        return f"{self.list}: {self.post_id}"


class DayCount(models.Model):
    """How many posts of a day (UTC) came into a list, or left it; the sum of a day counts."""

    list = models.CharField(max_length=30)
    day = models.DateField()
    change = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["list", "day", "change"], name="daycount_sum")]

    def __str__(self) -> str:
        return f"{self.list}, {self.day}: {self.change:+}"
