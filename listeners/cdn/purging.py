"""Which tags wait to be purged, and purging them.  No transaction is open while the CDN is asked.

A tag leaves the table after the CDN has confirmed it: whoever dies in between lets it be purged
twice, which does no harm.  Rows go by their keys, never by their tags, because the same tag may
have ended once more meanwhile.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from blog.cache_tags import SCHEDULE
from listeners.cdn.calling import NotPurged, post
from listeners.cdn.models import EndedTag
from listeners.cdn.providers import Cdn, configured, tag_of
from listeners.cdn.signals import purge_wanted
from pagecache import SITE, with_kinds
from signalflow import Skip, failpoints, note, renew_lease

READ = 2_000  # rows that are looked at together


def queue(tags: Collection[str]) -> None:
    """Write down what has ended, if there is a CDN to be told."""
    shown = set(tags) - {SCHEDULE}
    if not shown or configured() is None:
        return
    ended = sorted(map(tag_of, with_kinds(shown)))
    with transaction.atomic():
        EndedTag.objects.bulk_create([EndedTag(tag=tag) for tag in ended])
        purge_wanted.send(sender=EndedTag)


def purge() -> None:
    """Let the CDN forget everything that has ended.

    Raises NotPurged to be tried again, Skip where another run was quicker.
    """
    cdn = configured()
    if cdn is None:  # a worker that was started with another environment than the web
        raise NotPurged("This process knows of no CDN: CDN_URL is not set for it.")
    total = 0
    while rows := list(EndedTag.objects.values_list("pk", "tag")[:READ]):
        total += _purge(cdn, rows)
    if not total:
        raise Skip("purged meanwhile")
    note("cdn purged", count=total, at=cdn.provider.name)


def _purge(cdn: Cdn, rows: list[tuple[int, str]]) -> int:
    """Purge what these rows name, each tag once; returns how many tags that were."""
    keys: dict[str, list[int]] = {}
    for pk, tag in rows:
        keys.setdefault(tag, []).append(pk)
    tags = list(keys)
    size = len(tags) if SITE in keys else cdn.provider.batch  # everything is one call
    for start in range(0, len(tags), size):
        batch = tags[start : start + size]
        post(cdn, cdn.call(batch))
        failpoints.reach("cdn answered")
        EndedTag.objects.filter(pk__in=[pk for tag in batch for pk in keys[tag]]).delete()
        renew_lease()
    return len(tags)


def oldest() -> datetime | None:
    """Since when a tag waits; None if none does."""
    return EndedTag.objects.values_list("ended_at", flat=True).first()
