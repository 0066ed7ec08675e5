"""What a CDN is told with each page that it may keep.

Browsers are told `no-cache` as before: they ask the CDN each time.
"""

from collections import Counter
from collections.abc import Callable, Collection

from listeners.cdn.providers import TAGS_LENGTH, Provider, configured, tag_of
from pagecache import SITE, all_of

# A purge that was sent while the page was rendered is over, and no other will come for it.
# Fastly reads no `no-store` by itself but `max-age=0`.
NEVER = "no-store, max-age=0"


def of(tags: Collection[str], seconds: float, is_fresh: Callable[[], bool]) -> dict[str, str]:
    """The headers for the CDN in front, none without one; see `pagecache.response_headers`."""
    cdn = configured()
    if cdn is None:
        return {}
    if not is_fresh():
        return {cdn.provider.age_header: NEVER}
    return {
        cdn.provider.tags_header: tags_header(cdn.provider, tags),
        cdn.provider.age_header: f"max-age={int(max(0, min(cdn.max_age, seconds)))}",
    }


def tags_header(provider: Provider, tags: Collection[str]) -> str:
    """The tags of a page.  Where they are too long, the largest kinds become all of the kind,
    which every change of the kind ends as well (`pagecache.with_kinds`).
    """
    named = {SITE, *tags}
    while True:
        told = provider.separator.join(sorted(map(tag_of, named)))
        sizes = Counter[str]()
        for tag in named:
            kind, _, rest = tag.partition(":")
            sizes[kind] += len(tag) if rest and tag != all_of(kind) else 0
        kind, size = sizes.most_common(1)[0]
        if len(told) <= TAGS_LENGTH or not size:
            return told
        named = {tag for tag in named if tag.partition(":")[0] != kind} | {all_of(kind)}
