"""What posts and tags can be asked for; querysets say what they are about when they are read."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q

from blog import topics
from signalflow.guards import GuardedQuerySet

if TYPE_CHECKING:
    from accounts.models import User
    from blog.models import Post, Tag

Row = TypeVar("Row", bound=models.Model)

UPDATED = "updated_at"  # written with each change of the text
# What readers' lists show of a post, beside its tags.
ON_CARDS = (
    "slug",
    "title",
    "summary",
    "image",
    "image_renditions",
    "published_at",
    "reading_minutes",
    "comment_count",
    "author__username",
    "author__first_name",
    "author__last_name",
    "author__profile__display_name",
)
RELATED_AMONG = 200  # posts that `related_to` looks at


class RecordedQuerySet(GuardedQuerySet[Row]):
    """Notes its topics for the page that is being built, at the moment it reads.

    Without `about` a queryset is about everything it could find (`everything`): a page that
    forgets to be exact is dropped too often, never too late.  Rows note themselves as they are
    loaded (`from_db` of the models); what reads columns instead of rows depends on all rows.
    """

    everything: ClassVar[tuple[str, ...]]  # which rows there are
    every_row: ClassVar[tuple[str, ...]]  # what any of them says
    _about: tuple[str, ...] | None = None

    def about(self, *named: str) -> Self:
        """The same rows, for a reader who knows what decides which ones they are."""
        found = self.all()
        found._about = named
        return found

    def _note(self, *, rows: bool = False) -> None:
        if topics.is_recording():
            topics.read(*(self.everything if self._about is None else self._about))
            if not rows and self._about is None:
                topics.read(*self.every_row)

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]  # Django's stubs leave it out
        copy._about = self._about
        return copy

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._note(rows=self._iterable_class is models.query.ModelIterable)
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        self._note(rows=self._iterable_class is models.query.ModelIterable)
        return super().iterator(*args, **kwargs)

    def count(self) -> int:
        self._note(rows=True)  # which rows there are, not what they say
        return super().count()

    def exists(self) -> bool:
        self._note(rows=True)
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._note()
        return super().aggregate(*args, **kwargs)


class TagQuerySet(RecordedQuerySet["Tag"]):
    everything = (topics.TAGS,)
    every_row = (topics.all_of("label"),)

    def public(self) -> Self:
        """Those that a public post has: readers are told of no other, not even that it is there."""
        links = self.model.posts.through._default_manager.filter(tag=OuterRef("pk"))
        return self.filter(Exists(links.filter(post__status="published")))

    def called(self, name: str) -> Self:
        """Those of this name, ignoring case; of letters beyond ASCII SQLite does not know it."""
        spellings = {name.lower(), name.upper(), name.capitalize(), name.title()}
        return self.filter(Q(name__iexact=name) | Q(name__in=spellings))


class PostQuerySet(RecordedQuerySet["Post"]):
    everything = (topics.POSTS,)
    every_row = (topics.all_of("post"), topics.all_of("card"))
    guarded = frozenset(
        {"status", "publish_at", "published_at", "featured_slot", "featured_at", "author"}
    )

    def published(self) -> "PostQuerySet":
        """What the public may see.  Every list, feed, count and search starts here."""
        return self.filter(status=self.model.Status.PUBLISHED)

    def authors(self) -> models.QuerySet["User"]:
        """Who wrote these posts; readers are told of the authors of public ones alone."""
        people: models.QuerySet[User] = get_user_model().objects.select_related("profile")
        return people.filter(Exists(self.filter(author=OuterRef("pk")).order_by()))

    def visible_to(self, user: Any) -> "PostQuerySet":
        """What this person may see: the public posts, their own, and for editors all."""
        if not user.is_authenticated:
            return self.published()
        if user.has_perm("blog.change_post"):
            return self.all()
        return self.filter(Q(status=self.model.Status.PUBLISHED) | Q(author=user))

    def editable_by(self, user: Any) -> "PostQuerySet":
        """What this person may change: their own posts, and for editors all."""
        if user.has_perm("blog.change_post"):
            return self.all()
        return self.filter(author=user) if user.has_perm("blog.add_post") else self.none()

    def due(self, now: datetime) -> "PostQuerySet":
        """Scheduled posts whose moment has come, the longest overdue first."""
        return self.filter(status=self.model.Status.SCHEDULED, publish_at__lte=now).order_by(
            "publish_at", "pk"
        )

    def for_lists(self) -> "PostQuerySet":
        """With what a list shows, in a constant number of queries, and without the text."""
        return self.select_related("author__profile").with_tags().defer("body", "body_html")

    def as_cards(self) -> "PostQuerySet":
        """As readers' lists show them, whom a changed text does not concern."""
        return self.select_related("author__profile").with_tags().only(*ON_CARDS)

    def with_tags(self) -> "PostQuerySet":
        """Each with its tags, by name; which ones those are, the post itself stands for."""
        tags: Any = self.model.tags.rel.model._default_manager.order_by("name")
        return self.prefetch_related(Prefetch("tags", tags.about()))

    def for_search_engines(self) -> "PostQuerySet":
        """Those whose address here is the one to be found under."""
        found = self.filter(is_unlisted=False, canonical_url="")
        return found.about(topics.POSTS, topics.all_of("post"))

    def beside(self, post: "Post") -> "PostQuerySet":
        """The one before `post` by date and the one after it, in one query and this order."""
        at, pk = post.published_at, post.pk
        # The first condition of each is where the index is entered; the others hold few rows off.
        before = Q(published_at__lte=at) & (Q(published_at__lt=at) | Q(pk__lt=pk))
        after = Q(published_at__gte=at) & (Q(published_at__gt=at) | Q(pk__gt=pk))
        nearest = [
            self.filter(before).order_by("-published_at", "-pk"),
            self.filter(after).order_by("published_at", "pk"),
        ]
        # Two scalar subqueries, each the first row of an index, then two rows by their keys.
        found = [Q(pk=models.Subquery(one.values("pk")[:1])) for one in nearest]
        posts = self.filter(found[0] | found[1]).order_by("published_at", "pk")
        return posts.about(topics.beside(pk))

    def related_to(self, post: "Post", limit: int = 3) -> "PostQuerySet":
        """Those that share most tags with `post`, of as many the newest first.

        Uses `post.tags.all()`, prefetched.  Looks at the last `RELATED_AMONG` posts given one of
        its rarest tags, which say most, and only at as many tags as have few posts: a tag of any
        size costs the same, because the index holds the newest of a single tag in order.
        """
        shared = [tag for tag in post.tags.all() if tag.post_count > 1]
        rarest: list[Tag] = []
        for tag in sorted(shared, key=lambda tag: (tag.post_count, tag.pk)):
            if rarest and sum(one.post_count for one in (*rarest, tag)) > RELATED_AMONG:
                break
            rarest.append(tag)
        links = self.model.tags.through._base_manager.filter(tag__in=rarest).order_by("-post_id")
        seen = self.about(*(topics.tag(tag.pk) for tag in post.tags.all()))
        return (
            seen.filter(pk__in=links.values("post_id")[:RELATED_AMONG], tags__in=shared)
            .exclude(pk=post.pk)
            .annotate(shared=models.Count("tags"))
            .order_by("-shared", "-published_at", "-pk")[:limit]
        )

    def at_slug(self, slug: str) -> "Post | None":
        """The post that has this slug, or else the one that had it before."""
        posts = self.about()
        return posts.filter(slug=slug).first() or posts.filter(old_slugs__slug=slug).first()

    def featured(self) -> "PostQuerySet":
        return (
            self.filter(featured_slot__isnull=False)
            .order_by("featured_slot")
            .about(topics.FEATURED)
        )
