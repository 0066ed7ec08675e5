"""The cache tags of the site: what pages depend on and changes end, and how readers call it.

`card:12` is what lists show of post 12, `tag:5` which posts are under tag 5.  Rows and querysets
say which tags they have when they are read (`blog.querysets`, `cache_tags()` of the models), and
a change says which tags it ends (`blog.invalidation.rules`).
"""

from collections.abc import Iterable

from accounts.cache_tags import bio, name, person, picture
from pagecache import SITE

__all__ = ["SITE", "bio", "name", "person", "picture"]  # beside those that are defined here

POSTS = "posts"  # which posts are public, and their order
FEATURED = "featured"  # which of them are at the top of the home page
TAGS = "tags"  # which tags there are, with their counts
AUTHORS = "authors"  # which authors there are, with their statistics
SCHEDULE = "schedule"  # which posts are scheduled, and when for; no page shows it


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


def period(year: int, month: int | None = None) -> str:
    """Which public posts are of a year or of a month."""
    return f"period:{year}" if month is None else f"period:{year}-{month:02}"


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


def words_of(kind: str) -> str:
    """What a kind of tag stands for, as readers would say it; the kind itself if nobody said."""
    return _WORDS.get(kind, kind)


def in_words(tags: Iterable[str]) -> str:
    """What tags stand for, as readers would say it: "the page of the post, the list of tags".

    "" for those that no page shows.
    """
    kinds = {tag.partition(":")[0] for tag in tags}
    return ", ".join(words for kind, words in _WORDS.items() if kind in kinds)
