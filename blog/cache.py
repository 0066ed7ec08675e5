"""Pages kept for anonymous readers, exact by generations.  Only this module spells a cache key.

Every page depends on topics ("posts", "post:12").  A topic has a token; a change replaces it
after the commit.  A reader takes the tokens *before* it reads the database and stores the page
under them, so a page built from old rows lands under tokens that are dead already.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterable, Mapping

from django.core.cache import cache

from blog.representations import Representation
from signalflow import note, rehearsing

logger = logging.getLogger("heliograph")

POSTS = "posts"  # anything a list of posts shows
TAGS = "tags"
SITE = "site"  # bumped to drop everything

# The longest a page lives should its topics be lost from the cache's books: a change whose
# process died between the commit and the bump is seen by readers after this many seconds.
PAGE_SECONDS = 600
FORM = 2  # of what is stored; a site that was upgraded does not read the old one
TOKEN_SECONDS = 24 * 3600  # longer than any page, so a token never ends before its pages


def post(pk: int) -> str:
    """The topic of one post's own page."""
    return f"post:{pk}"


def comments(post_pk: int) -> str:
    """The topic of the conversation under one post."""
    return f"comments:{post_pk}"


_WORDS = {POSTS: "every list of posts", TAGS: "the tags", SITE: "the whole site"}
_KINDS = {"post": "the page of the post", "comments": "the conversation below it"}


def in_words(topics: Iterable[str]) -> str:
    """What topics stand for, as readers would say it: "every list of posts, the tags"."""
    return ", ".join(
        dict.fromkeys(
            _WORDS.get(topic) or _KINDS.get(topic.partition(":")[0], topic) for topic in topics
        )
    )


def tokens(topics: Iterable[str]) -> dict[str, str] | None:
    """The current token of each topic; None when the cache does not answer.

    Call this before reading the database, and nothing stale can ever be served.
    """
    names = {topic: f"topic:{topic}" for topic in {*topics, SITE}}
    try:
        known = cache.get_many(names.values())
        for name in names.values():
            if name not in known:
                cache.add(name, secrets.token_hex(8), TOKEN_SECONDS)
                known[name] = cache.get(name)
    except Exception:  # the boundary to the cache: readers use the database instead
        logger.exception("the cache does not answer")
        return None
    return {topic: str(known[name]) for topic, name in names.items()}


def bump(*topics: str) -> None:
    """End every page that depends on one of these topics.  Call it after the commit."""
    note("pages dropped", topics=sorted(topics))
    if not rehearsing():
        cache.set_many({f"topic:{topic}": secrets.token_hex(8) for topic in topics}, TOKEN_SECONDS)


def _page_key(path: str, generation: Mapping[str, str]) -> str:
    parts = [path, *(f"{topic}={generation[topic]}" for topic in sorted(generation))]
    return f"page:{FORM}:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def load_page(path: str, generation: Mapping[str, str]) -> Representation | None:
    """The page stored for `path` under these tokens, if there is one."""
    try:
        stored = cache.get(_page_key(path, generation))
    except Exception:  # the boundary to the cache: readers use the database instead
        logger.exception("the cache does not answer")
        return None
    return Representation(*stored) if stored is not None else None


def store_page(path: str, generation: Mapping[str, str], page: Representation) -> None:
    """Keep a rendered page under the tokens that were taken before it was built."""
    try:
        cache.set(
            _page_key(path, generation),
            (page.content_type, page.digest, page.codings),
            PAGE_SECONDS,
        )
    except Exception:  # the boundary to the cache: readers use the database instead
        logger.exception("the cache does not answer")
