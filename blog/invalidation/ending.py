"""How invalidations come over the commit: with a word in the receipt, and with a backstop."""

from collections.abc import Collection

from blog.signals import pages_outdated
from pagecache import invalidate_now
from signalflow import note, rehearsing


def schedule(tags: Collection[str]) -> None:
    """End what depends on these tags once the transaction is committed.

    It is noted here already: a delivery has written its report by then.
    """
    _note(tags)
    pages_outdated.send(sender=None, tags=list(tags))


def end(tags: Collection[str]) -> None:
    """End what depends on these tags at once, for what has been noted already.

    Raises what `pagecache.invalidate_now` raises.
    """
    if not rehearsing():
        invalidate_now(*tags)


def note_and_end(*tags: str) -> None:
    """End what depends on these tags at once: after the commit.  Raises as `end`."""
    if tags:
        _note(tags)
        end(tags)


def _note(tags: Collection[str]) -> None:
    note("pages dropped", topics=sorted(tags))  # receipts are read for long: the key stays
