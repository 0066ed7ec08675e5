"""Pages of a list of public posts, newest first, at the same cost wherever they are.

A page after the first one is named by the post before it (`?before=361`): its link shows the
same posts when new ones are published above.  `?page=37` skips rows one by one and ends at
FARTHEST; `?page=last` is the oldest page.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict

from blog import cache_tags
from blog.addresses import LAST, NUMBER, CursorExpired
from blog.listing.counts import count_posts
from blog.listing.names import SITE
from blog.models import Listing, Post
from blog.months import Period
from blog.querysets import PostQuerySet
from pagecache import cached_fragment, declared_reads, depends_on

PARAMETERS = ("before", "page")  # the first one that is given counts
# Posts that `?page=` may skip, for links from other places: half a millisecond on an index.
FARTHEST = 10_000

Key = tuple[datetime, int]  # what posts are ordered by: moment and id


@dataclass(frozen=True, slots=True)
class Page:
    """Some posts of a list, and the way to the others; addresses are queries, "" the first page."""

    posts: list[Post]
    count: int  # of all posts in the list
    query: str  # names this page for good
    newer: str | None
    older: str | None

    @property
    def is_first(self) -> bool:
        return self.newer is None

    @property
    def oldest(self) -> str | None:
        return f"?page={LAST}" if self.older else None


@dataclass(frozen=True, slots=True)
class PublicList:
    """Public posts: `name` is that of their list, `posts` are the rows as they are wanted.

    `period` cuts a time out of it.  `hidden` are the ids of those that the list counts and its
    pages leave out: few, the featured ones.
    """

    name: str
    posts: PostQuerySet
    size: int
    period: Period | None = None
    hidden: tuple[int, ...] = ()

    @declared_reads()  # the list says which it is
    def newest(self) -> list[Post]:
        """The posts of the first page, without their number."""
        depends_on(self._tag)
        return self._fetch(self._rows(), self.size)

    @declared_reads()
    def page(self, query: QueryDict) -> Page:
        """The page a visitor asks for.

        Raises Http404 for a number that no page has or that is past FARTHEST, CursorExpired where
        `before` is no public post: the reader is shown the first page.
        """
        depends_on(self._tag)
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
            raise CursorExpired
        return self._made(posts)

    def _last(self) -> Page:
        # As many as are left by full pages: whoever goes on to newer ones ends at the first page.
        count = self._count()
        size = (count - len(self.hidden)) % self.size or self.size
        return self._made(self._fetch(self._rows().reverse(), size)[::-1], count=count)

    def _numbered(self, number: int) -> Page:
        offset = (number - 1) * self.size
        if offset > FARTHEST:
            raise Http404
        posts = self._fetch(self._rows()[offset:], self.size + 1)
        if offset and not posts:
            raise Http404
        return self._made(posts, is_first=not offset)

    def _made(self, posts: list[Post], *, is_first: bool = False, count: int | None = None) -> Page:
        """A page of fetched posts: one more than it shows, if there are older ones."""
        shown, more = posts[: self.size], len(posts) > self.size
        newer, query = (None, "") if is_first or not shown else self._above(key_of(shown[0]))
        return Page(
            posts=shown,
            count=self._count() if count is None else count,
            query=query,
            newer=newer,
            older=f"?before={shown[-1].pk}" if more else None,
        )

    def _above(self, first: Key) -> tuple[str | None, str]:
        """The queries of the page above and of this one: each is named by the post before it."""
        keys = list(self._newer(first)[: self.size + 1].values_list(self._pk, flat=True))
        if not keys:
            return None, ""
        return f"?before={keys[self.size]}" if len(keys) > self.size else "", f"?before={keys[0]}"

    def _count(self) -> int:
        """How many posts there are; kept for all pages of the list, until the list changes."""

        def build() -> dict[str, int]:
            depends_on(self._tag)
            return {"": count_posts(self.name, self.period)}

        number: int = cached_fragment(f"count {self._tag}", build)[""]
        return number

    @property
    def _tag(self) -> str:
        """The cache tag of pages that show it: the name of the list is one."""
        if self.period is not None:
            return self.period.cache_tag
        return cache_tags.POSTS if self.name == SITE else self.name

    # -- rows ----------------------------------------------------------------------------

    @property
    def _of_tag(self) -> bool:
        return self.name.startswith("tag:")

    @property
    def _pk(self) -> str:
        return "post_id" if self._of_tag else "pk"

    def _rows(self) -> QuerySet[Any]:
        """What is in order: the rows of posts, or for a tag its listings."""
        rows: QuerySet[Any] = Listing.objects.filter(list=self.name)
        if not self._of_tag:
            rows = self.posts.with_cache_tags().exclude(pk__in=self.hidden)
        if (span := self.period) is not None:
            rows = rows.filter(published_at__gte=span.begin, published_at__lt=span.end)
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


def _public_key(named: str) -> Key:
    """The place of a public post, in this list or not: pages outlive a tag that was taken off.

    Raises CursorExpired for any other: hidden or none.
    """
    if NUMBER.fullmatch(named):
        posts = Post.objects.published().with_cache_tags().only("published_at")
        post = posts.filter(pk=int(named)).first()
        if post is not None:
            return key_of(post)
    raise CursorExpired


def key_of(post: Post) -> Key:
    """What a public post is ordered by in every list."""
    assert post.published_at is not None, "public posts have a date"  # noqa: S101 - a constraint
    return post.published_at, post.pk
