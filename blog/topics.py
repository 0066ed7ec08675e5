"""What a page depends on, noted down while the page reads it; no list of pages is kept by hand.

A topic is a fact that readers can see: `card:12` is what lists show of post 12, `tag:5` which
posts are under tag 5.  Rows and querysets say which topics they are about when they are read
(`blog.querysets`), and a change says which topics it ends (`blog.invalidation.rules`).
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

SITE = "site"  # everything: no page is kept without it
POSTS = "posts"  # which posts are public, and their order
FEATURED = "featured"  # which of them are at the top of the home page
TAGS = "tags"  # which tags there are, with their counts
AUTHORS = "authors"  # which authors there are, with their statistics
SCHEDULE = "schedule"  # which posts are scheduled, and when for; no page shows it

# A page that shows more of a kind depends on all of the kind: its topics are compared one by one.
MOST_OF_A_KIND = 64


def link(post_pk: int) -> str:
    """What other pages need to lead to a post: its title and address."""
    return f"link:{post_pk}"


def card(post_pk: int) -> str:
    """What lists show of a post."""
    return f"card:{post_pk}"


def post(pk: int) -> str:
    """All of a post, its text too."""
    return f"post:{pk}"


def beside(post_pk: int) -> str:
    """Which posts come before and after this one."""
    return f"beside:{post_pk}"


def comments(post_pk: int) -> str:
    """The conversation under one post."""
    return f"comments:{post_pk}"


def tag(pk: int) -> str:
    """Which public posts have a tag, and how many."""
    return f"tag:{pk}"


def label(tag_pk: int) -> str:
    """A tag's name and address."""
    return f"label:{tag_pk}"


def author(user_pk: int) -> str:
    """Which public posts somebody wrote, and how many."""
    return f"author:{user_pk}"


def name(user_pk: int) -> str:
    """Somebody's name and address."""
    return f"name:{user_pk}"


def picture(user_pk: int) -> str:
    """Somebody's picture."""
    return f"picture:{user_pk}"


def bio(user_pk: int) -> str:
    """What somebody says of themselves."""
    return f"bio:{user_pk}"


def person(user_pk: int) -> tuple[str, str, str]:
    """All that readers see of somebody."""
    return name(user_pk), picture(user_pk), bio(user_pk)


def period(year: int, month: int | None = None) -> str:
    """Which public posts are of a year or of a month."""
    return f"period:{year}" if month is None else f"period:{year}-{month:02}"


def all_of(kind: str) -> str:
    """The topic that ends with every topic of a kind."""
    return f"{kind}:*"


def with_kinds(topics: Iterable[str]) -> set[str]:
    """Topics that end, together with those that end with any of their kind."""
    named = set(topics)
    return named | {all_of(topic.partition(":")[0]) for topic in named if ":" in topic}


def gathered(topics: Iterable[str]) -> tuple[str, ...]:
    """The same dependence in few topics: many of a kind become all of the kind.

    Thousands of pages depend on the same few names; these are in memory once.
    """
    kinds = Counter(topic.partition(":")[0] for topic in topics)
    depends = {
        topic if kinds[kind] <= MOST_OF_A_KIND else all_of(kind)
        for topic in topics
        for kind in [topic.partition(":")[0]]
    }
    return tuple(map(sys.intern, depends))


_WORDS = {
    SITE: "the whole site",
    POSTS: "the lists of all posts",
    FEATURED: "the top of the home page",
    TAGS: "the list of tags",
    AUTHORS: "the list of authors",
    "link": "the links to the post",
    "card": "the lists that show the post",
    "post": "the page of the post",
    "beside": "the posts before and after it",
    "comments": "the conversation below it",
    "tag": "the pages of its tags",
    "label": "the name of the tag",
    "author": "the page of its author",
    "name": "the name of the person",
    "picture": "the picture of the person",
    "bio": "what the person says of themselves",
    "period": "the archive of its time",
}


def in_words(topics: Iterable[str]) -> str:
    """What topics stand for, as readers would say it: "the page of the post, the list of tags".

    "" for those that no page shows.
    """
    kinds = {topic.partition(":")[0] for topic in topics}
    return ", ".join(words for kind, words in _WORDS.items() if kind in kinds)


@dataclass(slots=True)
class Noted:
    """What a page was seen to read, and when time alone changes it (seconds since the epoch)."""

    topics: set[str] = field(default_factory=set)
    until: float = inf


_noted: ContextVar[Noted | None] = ContextVar("topics_read", default=None)


def read(*topics: str) -> None:
    """Note what is being read, if a page is being built."""
    if (noted := _noted.get()) is not None:
        noted.topics.update(topics)


def until(moment: datetime) -> None:
    """Note that what is being read will be otherwise from `moment` on, without any change."""
    if (noted := _noted.get()) is not None:
        noted.until = min(noted.until, moment.timestamp())


def inherit(names: Iterable[str], moment: float) -> None:
    """Note what something that is shown here depends on, and until when it is so."""
    if (noted := _noted.get()) is not None:
        noted.topics.update(names)
        noted.until = min(noted.until, moment)


def is_recording() -> bool:
    """Whether a page is being built: what `read` is told would be noted."""
    return _noted.get() is not None


@contextmanager
def recording() -> Iterator[Noted]:
    """What is read inside is noted in what is given; nested, the inner one has its own."""
    noted = Noted()
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)
