"""Ending what a change has made old."""

import logging
from collections.abc import Collection

from django.db import transaction

from pagecache.conf import hook, options
from pagecache.generations import generations
from pagecache.pages import pages
from pagecache.signals import pages_invalidated
from pagecache.tags import SITE, with_kinds

logger = logging.getLogger("pagecache")


def invalidate(*tags: str) -> None:
    """End every page that depends on one of these tags, once the transaction is committed.

    `PAGECACHE["SCHEDULE"]` names who carries them over the commit; without it Django does.
    """
    if tags:
        hook(options().schedule)(sorted(set(tags)))


def on_commit(tags: Collection[str]) -> None:
    """End pages after the commit, unless this process dies between the two.

    Pages are then old for at most `MAX_AGE_SECONDS`.
    """

    def end() -> None:
        invalidate_now(*tags)

    transaction.on_commit(end, robust=True)


def invalidate_now(*tags: str) -> None:
    """End every page that depends on one of these tags, at once: after the commit.

    Raises what the backend of the generations raises; every process then distrusts what it has,
    so that no reader is shown it, and whoever calls may try again.
    """
    if tags:
        generations().invalidate(with_kinds(tags))
        # Only now: what a cache in front asks for anew must be the page after the change.
        pages_invalidated.send(sender=None, tags=sorted(tags))


def distrust() -> None:
    """A change may have ended any page: no process shows what it has until that is made good."""
    try:
        generations().loss.set()
    except OSError:
        logger.exception("nobody can be told that stored pages may be old")


def clear() -> None:
    """End every page, in every process."""
    pages.clear()
    generations().invalidate([SITE])
