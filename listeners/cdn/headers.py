"""What a CDN is told with each page that it may keep.

Browsers are told `no-cache` as before: they ask the CDN each time.
"""

from collections import Counter
from collections.abc import Callable, Collection

from blog.topics import SITE, all_of
from listeners.cdn.providers import TAGS_LENGTH, Provider, configured, tag_of

# A purge that was sent while the page was rendered is over, and no other will come for it.
# Fastly reads no `no-store` by itself but `max-age=0`.
NEVER = "no-store, max-age=0"


def of(topics: Collection[str], seconds: float, is_current: Callable[[], bool]) -> dict[str, str]:
    """The headers for the CDN in front, none without one; see `blog.surrogates`."""
    cdn = configured()
    if cdn is None:
        return {}
    if not is_current():
        return {cdn.provider.age_header: NEVER}
    return {
        cdn.provider.tags_header: tags(cdn.provider, topics),
        cdn.provider.age_header: f"max-age={int(max(0, min(cdn.max_age, seconds)))}",
    }


def tags(provider: Provider, topics: Collection[str]) -> str:
    """The tags of a page.  Where they are too long, the largest kinds become all of the kind,
    which every change of the kind ends as well (`blog.topics.with_kinds`).
    """
    named = {SITE, *topics}
    while True:
        told = provider.separator.join(sorted(map(tag_of, named)))
        sizes = Counter[str]()
        for topic in named:
            kind, _, rest = topic.partition(":")
            sizes[kind] += len(topic) if rest and topic != all_of(kind) else 0
        kind, size = sizes.most_common(1)[0]
        if len(told) <= TAGS_LENGTH or not size:
            return told
        named = {topic for topic in named if topic.partition(":")[0] != kind} | {all_of(kind)}
