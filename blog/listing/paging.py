"""Pages of a list of public posts, newest first, at the same cost wherever they are.

A page after the first one is named by the post before it (`?before=361`): its link shows the
same posts when new ones are published above.  `?page=37` and `?page=last` find their page by the
numbers of the days.  Rows are skipped or counted one by one only within a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict

from blog import cache_tags
from blog.listing.models import Listing
from blog.listing.numbers import between, day_at, midnight
from blog.listing.placing import SITE, day_of
from blog.models import Post
from blog.public.addresses import LAST, NUMBER, Elsewhere
from blog.querysets import PostQuerySet
from pagecache import depends_on

PARAMETERS = ("before", "page")  # the first one that is given counts

Key = tuple[datetime, int]  # what posts are ordered by: moment and id


@dataclass(frozen=True, slots=True)
class Page:
    """Some posts of a list, and the way to the others; addresses are queries, "" the first page."""

    posts: list[Post]
    number: int
    pages: int
    count: int  # of all posts in the list
    query: str  # names this page for good
    newer: str | None
    older: str | None

    @property
    def oldest(self) -> str | None:
        return f"?page={LAST}" if self.older else None


@dataclass(frozen=True, slots=True)
class PublicList:
    """Public posts: `name` is that of their numbers, `posts` are the rows as they are wanted.

    `begin` (included) and `end` (not included) cut a time out of it.  `hidden` are the keys of
    those that `name` counts and `posts` leaves out: few, the featured ones.
    """

    name: str
    posts: PostQuerySet
    size: int
    begin: datetime | None = None
    end: datetime | None = None
    hidden: tuple[Key, ...] = ()
    period: str = ""  # the topic of that time

    def newest(self) -> list[Post]:
        """The posts of the first page, without their number."""
        self._note()
        return self._fetch(self._rows(), self.size)

    def page(self, query: QueryDict) -> Page:
        """The page a visitor asks for.  Raises Http404 for a number that none has, Elsewhere."""
        self._note()
        if named := query.get("before", ""):
            return self._before(_public_key(named))
        number = query.get("page", "") or "1"
        if number == LAST:
            return self._last()
        if not NUMBER.fullmatch(number):
            raise Http404
        return self._numbered(int(number))

    def _before(self, key: Key) -> Page:
        posts = self._fetch(self._older(key), self.size + 1)
        if not posts:
            raise Elsewhere
        return self._made(posts, self._newer_than(key_of(posts[0])))

    def _last(self) -> Page:
        count = self._count()
        size = count % self.size or self.size
        posts = self._fetch(self._rows().reverse(), size)[::-1]
        return self._made(posts, max(0, count - len(posts)), count)

    def _numbered(self, number: int) -> Page:
        offset = (number - 1) * self.size
        rows, skipped = self._near(offset) if offset else (self._rows(), 0)
        posts = self._fetch(rows[skipped:], self.size + 1)
        if offset and not posts:
            raise Http404
        return self._made(posts, offset)

    def _made(self, posts: list[Post], rank: int, count: int | None = None) -> Page:
        """A page of fetched posts (one more, if there are older ones), `rank` newer ones above."""
        shown, more = posts[: self.size], len(posts) > self.size
        # A count can only be behind the rows, by what was written past every signal.
        count = max(self._count() if count is None else count, rank + len(posts))
        number = -(-rank // self.size) + 1
        newer, query = None, ""
        if rank:
            newer, query = self._above(key_of(shown[0]), rank)
        return Page(
            posts=shown,
            number=number,
            pages=number + -(-(count - rank - len(shown)) // self.size),
            count=count,
            query=query,
            newer=newer,
            older=f"?before={shown[-1].pk}" if more else None,
        )

    def _above(self, first: Key, rank: int) -> tuple[str, str]:
        """The queries of the page above and of this one: each is named by the post before it."""
        keys = list(self._newer(first)[: self.size + 1].values_list(self._pk, flat=True))
        newer = f"?before={keys[self.size]}" if len(keys) > self.size else ""
        return newer, f"?before={keys[0]}" if keys else ""

    def _note(self) -> None:
        """Say to a page being built which list this is; names of lists are topics."""
        depends_on(self.period or (cache_tags.POSTS if self.name == SITE else self.name))

    # -- rows ----------------------------------------------------------------------------

    @property
    def _of_tag(self) -> bool:
        return self.name.startswith("tag:")

    @property
    def _pk(self) -> str:
        return "post_id" if self._of_tag else "pk"

    def _rows(self) -> QuerySet[Any]:
        """What is in order: the rows of posts, or for a tag its listings."""
        rows: QuerySet[Any] = (
            Listing.objects.filter(list=self.name) if self._of_tag else self.posts.with_cache_tags()
        )
        if self.begin is not None:
            rows = rows.filter(published_at__gte=self.begin)
        if self.end is not None:
            rows = rows.filter(published_at__lt=self.end)
        return rows.order_by("-published_at", f"-{self._pk}")

    def _older(self, key: Key) -> QuerySet[Any]:
        # Not "earlier OR of the same moment": no index finds where such a condition begins.
        at, pk = key
        beyond = Q(published_at__lt=at) | Q(**{f"{self._pk}__lt": pk})
        return self._rows().filter(beyond, published_at__lte=at)

    def _newer(self, key: Key) -> QuerySet[Any]:
        """The nearest one first."""
        at, pk = key
        beyond = Q(published_at__gt=at) | Q(**{f"{self._pk}__gt": pk})
        return self._rows().filter(beyond, published_at__gte=at).reverse()

    def _fetch(self, rows: QuerySet[Any], size: int) -> list[Post]:
        if not self._of_tag:
            return list(rows[:size])
        pks = list(rows[:size].values_list("post_id", flat=True))
        found = self.posts.with_cache_tags().in_bulk(pks)
        return [found[pk] for pk in pks if pk in found]

    # -- numbers -------------------------------------------------------------------------

    def _count(self) -> int:
        return between(self.name, self.begin, self.end) - len(self._hidden_in())

    def _newer_than(self, key: Key) -> int:
        day_after = midnight(key[0]) + timedelta(days=1)
        end = min(day_after, self.end or day_after)
        within = self._newer(key).filter(published_at__lt=end).count()
        beyond = between(self.name, end, self.end)
        return within + beyond - sum(end <= hidden[0] for hidden in self._hidden_in())

    def _hidden_in(self) -> list[Key]:
        return [
            key
            for key in self.hidden
            if (not self.begin or self.begin <= key[0]) and (not self.end or key[0] < self.end)
        ]

    def _near(self, offset: int) -> tuple[QuerySet[Any], int]:
        """Rows from the day of the post at `offset` on, and how many of them to skip."""
        if self.begin or self.end:
            return self._rows(), offset
        end, skipped = day_at(self.name, offset, [day_of(at) for at, _ in self.hidden])
        return self._rows().filter(published_at__lt=end), skipped


def _public_key(named: str) -> Key:
    """The place of a public post, in this list or not: pages outlive a tag that was taken off.

    Raises Elsewhere for any other: hidden or none, the reader is shown the first page.
    """
    if NUMBER.fullmatch(named):
        post = (
            Post.objects.published()
            .with_cache_tags()
            .filter(pk=int(named))
            .only("published_at")
            .first()
        )
        if post is not None:
            return key_of(post)
    raise Elsewhere


def key_of(post: Post) -> Key:
    assert post.published_at is not None, "public posts have a date"  # noqa: S101 - a constraint
    return post.published_at, post.pk
