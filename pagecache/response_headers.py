"""Headers of stored pages for a cache in front of the site, such as a CDN; none by themselves."""

from collections.abc import Callable, Collection

# Given the tags of a page, how many seconds it is true at most, and a question that asks once more
# whether it is still fresh, the headers for the cache in front.  Asking costs a look at the
# generations.
Source = Callable[[Collection[str], float, Callable[[], bool]], dict[str, str]]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Let an app add headers to the pages that are stored; to be called from its `ready()`."""
    if source not in _sources:
        _sources.append(source)


def headers(tags: Collection[str], seconds: float, is_fresh: Callable[[], bool]) -> dict[str, str]:
    """The headers of a page that has just been built."""
    found: dict[str, str] = {}
    for source in _sources:
        found |= source(tags, seconds, is_fresh)
    return found
