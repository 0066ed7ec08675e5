"""Narrowing what was found: by tag, author and year, each named in the address."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractYear
from django.utils import timezone

from blog.models import Post, Tag
from blog.months import Period
from blog.querysets import PostQuerySet

OFFERED = 8  # of each kind, those with the most hits first
NAMES = ("tag", "author", "year")


class Chosen(NamedTuple):
    """A filter of this request."""

    name: str
    value: str
    label: str


class Choice(NamedTuple):
    """A filter that would leave `hits` of the posts found."""

    value: str
    label: str
    hits: int


Narrow = Callable[[PostQuerySet], PostQuerySet]


def _by_tag(slug: str) -> tuple[str, Narrow] | None:
    tag = Tag.objects.public().filter(slug=slug).first()
    return (tag.name, lambda posts: posts.filter(tags=tag)) if tag else None


def _by_author(username: str) -> tuple[str, Narrow] | None:
    user = Post.objects.published().authors().filter(username=username).first()
    # A reader's name is nobody's business: who has no public post is unknown here.
    return (user.public_name, lambda posts: posts.filter(author=user)) if user else None


def _by_year(typed: str) -> tuple[str, Narrow] | None:
    year = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 4 else 0
    try:
        period = Period(year)
    except ValueError:
        return None
    # As the archive has it: an address finds the same posts for everybody.
    return typed, lambda posts: posts.filter(
        published_at__gte=period.begin, published_at__lt=period.end
    )


_READERS = {"tag": _by_tag, "author": _by_author, "year": _by_year}


class Filters:
    """The filters of one request; `problems` are sentences about those that make no sense."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        self.chosen: list[Chosen] = []
        self.problems: list[str] = []
        self._narrow: list[Narrow] = []
        for name in NAMES:
            value = asked.get(name, "").replace("\0", "").strip()[:100]
            if value:
                self._read(name, value)

    def _read(self, name: str, value: str) -> None:
        found = _READERS[name](value)
        if found is None:
            self.problems.append(f"There is no {name} “{value}” here.")
            return
        self.chosen.append(Chosen(name, value, found[0]))
        self._narrow.append(found[1])

    @property
    def posts(self) -> PostQuerySet:
        """The public posts that are left."""
        posts = Post.objects.published()
        if self.problems:
            return posts.none()
        for narrow in self._narrow:
            posts = narrow(posts)
        return posts

    def address(self, query: str, **changes: str) -> str:
        """The part of an address after "?" for this query and these filters, with `changes`."""
        values = {"q": query, **{one.name: one.value for one in self.chosen}, **changes}
        return urlencode({name: value for name, value in values.items() if value})

    def choices(self, found: list[int]) -> dict[str, list[Choice]]:
        """What could be chosen besides, among the posts of these ids, by the filter's name."""
        taken = {one.name for one in self.chosen}
        return {name: _OFFERS[name](found) for name in NAMES if name not in taken}


def _public(found: list[int]) -> PostQuerySet:
    return Post.objects.published().filter(pk__in=found).order_by()


def _tags(found: list[int]) -> list[Choice]:
    # From the links: asked from the posts, SQLite reads each tag's links and looks them up among
    # the ids, which takes eight times as long for a thousand of them.
    links: QuerySet[Any] = Post.tags.through._default_manager.filter(
        post_id__in=found, post__status=Post.Status.PUBLISHED
    )
    rows = links.values_list("tag__slug", "tag__name")
    counted = rows.annotate(hits=Count("post")).order_by("-hits", "tag__name")[:OFFERED]
    return [Choice(*row) for row in counted]


def _authors(found: list[int]) -> list[Choice]:
    rows = (
        _public(found).values_list("author").annotate(hits=Count("pk")).order_by("-hits", "author")
    )
    counted = dict(rows[:OFFERED])
    users: dict[int, Any] = get_user_model().objects.select_related("profile").in_bulk(counted)
    return [Choice(users[pk].username, users[pk].public_name, n) for pk, n in counted.items()]


def _years(found: list[int]) -> list[Choice]:
    year = ExtractYear("published_at", tzinfo=timezone.get_default_timezone())
    rows = _public(found).annotate(year=year).values_list("year")
    counted = rows.annotate(hits=Count("pk")).order_by("-year")[:OFFERED]
    return [Choice(str(year), str(year), hits) for year, hits in counted]


_OFFERS: dict[str, Callable[[list[int]], list[Choice]]] = {
    "tag": _tags,
    "author": _authors,
    "year": _years,
}
