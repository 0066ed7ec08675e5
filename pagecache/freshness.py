"""Whether what is stored still shows what the database says."""

import logging
import time
from collections.abc import Sequence
from typing import Protocol, TypeVar

from pagecache.conf import options
from pagecache.generations import Unreachable, generations
from pagecache.store import Sized, Store

logger = logging.getLogger("pagecache")


class Dependent(Sized, Protocol):
    """Something rendered, with what it depends on."""

    tags: Sequence[str]
    generation: int  # the site's, before the database was read
    compared_at: int  # the generation at which it was last found fresh
    expires_at: float  # when time alone changes it, in seconds since the epoch
    stored_at: float  # on the monotonic clock


Item = TypeVar("Item", bound=Dependent)


def current_generation() -> int | None:
    """The site's generation; None when nobody knows it, and then nothing may be stored."""
    try:
        return generations().current()
    except Unreachable:
        return None
    except Exception:  # the boundary to Redis or a file: readers use the database instead
        logger.exception("the generations of the stored pages do not answer")
        return None


def fresh(store: Store[Item], name: str, generation: int) -> Item | None:
    """What a store has under a name, if nothing that it shows has changed until `generation`."""
    item = store.get(name)
    if item is not None and not is_fresh(item, generation):
        store.drop(name, item)
        return None
    return item


def is_fresh(item: Dependent, generation: int) -> bool:
    """Whether nothing that it shows has changed until `generation`, which is the site's now."""
    age = time.monotonic() - item.stored_at
    if age > options().max_age_seconds or time.time() >= item.expires_at:
        return False
    if item.compared_at != generation:
        if not is_unchanged(item.tags, item.generation, generation):
            return False
        item.compared_at = generation
    return True


def is_unchanged(tags: Sequence[str], since: int, generation: int | None) -> bool:
    """Whether what was read of these tags at a generation is so at a later one.

    False if nobody knows.
    """
    try:
        return generation is not None and generations().youngest(tags, generation) <= since
    except Unreachable:
        return False
    except Exception:  # as in `current_generation`
        logger.exception("the generations of the stored pages do not answer")
        return False
