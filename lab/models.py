"""Scratch rows: nothing is ever committed to these tables."""

from django.db import models


class Mirror(models.Model):
    """What the traps create, change and delete."""

    name = models.CharField(max_length=80, unique=True)
    place = models.CharField(max_length=80, blank=True)
    public = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        permissions = [("use_lab", "Can run the traps of the lab")]

    def __str__(self) -> str:
        return self.name


class PolishedMirror(Mirror):
    """A proxy: the same rows, another sender."""

    class Meta:
        default_permissions = ()
        proxy = True


class Label(models.Model):
    """What mirrors are linked to, with a count of them beside."""

    name = models.CharField(max_length=80, unique=True)
    mirrors = models.ManyToManyField(Mirror, related_name="labels")
    count = models.IntegerField(default=0)  # may go below zero here, to be seen doing so

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
