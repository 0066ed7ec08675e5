"""Cache tags: what pages depend on and changes end, as short names.

A tag is a fact that readers can see.  `card:12` is of the kind `card`; who depends on `card:*`
depends on every tag of the kind, and who depends on `site` on everything, as every page does.
"""

import sys
from collections import Counter
from collections.abc import Iterable

SITE = "site"  # everything: no page is kept without it

# A page that shows more of a kind depends on all of the kind: its tags are compared one by one.
MOST_OF_A_KIND = 64


def kind_of(tag: str) -> str:
    """The part before the colon."""
    return tag.partition(":")[0]


def all_of(kind: str) -> str:
    """The tag that is invalidated with every tag of a kind."""
    return f"{kind}:*"


def with_kinds(tags: Iterable[str]) -> set[str]:
    """Tags that are invalidated, together with those that end with any of their kind."""
    named = set(tags)
    return named | {all_of(kind_of(tag)) for tag in named if ":" in tag}


def collapse_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """The same dependence in few tags: many of a kind become all of the kind.

    Thousands of pages depend on the same few names; these are in memory once.
    """
    kinds = Counter(kind_of(tag) for tag in tags)
    depends = {
        tag if kinds[kind] <= MOST_OF_A_KIND else all_of(kind)
        for tag in tags
        for kind in [kind_of(tag)]
    }
    return tuple(map(sys.intern, depends))
