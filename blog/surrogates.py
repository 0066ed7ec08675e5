"""What kept pages say to a cache in front of the site; nothing unless somebody speaks to one.

"Surrogate" is the Edge Architecture Specification's word for a cache that stands in for a site
and keeps its pages with the site's consent: a CDN.
"""

from collections.abc import Callable, Collection

# Given what a page depends on, how many seconds it is true at most, and a question that asks once
# more whether it is still current, the headers for the cache in front.  Asking costs a look at the
# site's clock.
Speaker = Callable[[Collection[str], float, Callable[[], bool]], dict[str, str]]

_speakers: list[Speaker] = []


def speak(speaker: Speaker) -> None:
    """Let an app add headers to the pages that are kept."""
    if speaker not in _speakers:
        _speakers.append(speaker)


def headers(
    topics: Collection[str], seconds: float, is_current: Callable[[], bool]
) -> dict[str, str]:
    """What is said with a page that has just been built."""
    said: dict[str, str] = {}
    for speaker in _speakers:
        said |= speaker(topics, seconds, is_current)
    return said
