"""When the CDN is told that pages have ended."""

from datetime import timedelta
from typing import Any

from django.dispatch import receiver as plain_receiver
from django.utils import timezone
from django.utils.timesince import timesince

from listeners.cdn import purging
from listeners.cdn.providers import configured
from listeners.cdn.signals import purge_wanted
from pagecache import pages_invalidated
from signalflow import DURABLE, Retry, receiver
from signalflow.operating.health import Fact
from signalflow.signals import health_asked
from signalflow.staff.receipt_text import phrase

phrase("cdn purged", "Purged at the CDN")

DUE_WITHIN = timedelta(minutes=5)  # how long a tag may wait before somebody should look


@receiver(pages_invalidated)
def queue_purge(tags: list[str], **kwargs: Any) -> None:
    purging.queue(tags)


# Not atomic: no transaction is held over HTTP.  One key for all, so that one run purges for every
# change that waits.  A new change tries at once again, so there may be many tries in an outage.
@receiver(
    purge_wanted,
    when=DURABLE,
    key=lambda **_: "cdn",
    atomic=False,
    retry=Retry(attempts=100, first=5.0, cap=600.0),
)
def purge_ended_pages(**kwargs: Any) -> None:
    purging.purge()


@plain_receiver(health_asked, dispatch_uid="cdn.tell_what_waits")
def tell_what_waits(**kwargs: Any) -> list[Fact]:
    cdn = configured()
    if cdn is None:
        return []
    oldest, label = purging.oldest(), f"Oldest page not yet purged at {cdn.provider.name}"
    if oldest is None:
        return [Fact(label, "none waits")]
    late = timezone.now() - oldest > DUE_WITHIN
    return [Fact(label, f"ended {timesince(oldest)} ago", healthy=not late)]
