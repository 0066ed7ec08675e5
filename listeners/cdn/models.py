from django.db import models
from django.utils import timezone


class EndedTag(models.Model):
    """A tag whose pages the CDN has still to forget: written down when they end, deleted when the
    CDN has confirmed it.
    """

    tag = models.CharField(max_length=100)
    ended_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.tag
