"""What posts and tags can be asked for; querysets record what they read."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q

from blog import cache_tags
from pagecache import TrackedQuerySet, all_of
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
    "author__profile__user",  # whose name it is
    "author__profile__display_name",
)
# What who shows nothing but the name of a person leaves in the database.
BEYOND_NAME = ("bio", "website", "avatar", "avatar_renditions")
RELATED_AMONG = 200  # posts that `related_to` looks at


class RecordedQuerySet(TrackedQuerySet[Row], GuardedQuerySet[Row]):  # type: ignore[override]
    """What readers' pages are built from: it records what it reads, and guards what doors write.

    (The stubs take the managers of its two bases for different ones.)
    """


class TagQuerySet(RecordedQuerySet["Tag"]):  # type: ignore[override]
    everything = (cache_tags.TAGS,)
    every_row = (all_of("label"),)

    def public(self) -> Self:
        """Those that a public post has: readers are told of no other, not even that it is there."""
        links = self.model.posts.through._default_manager.filter(tag=OuterRef("pk"))
        return self.filter(Exists(links.filter(post__status="published")))

    def called(self, name: str) -> Self:
        """Those of this name, ignoring case; of letters beyond ASCII SQLite does not know it."""
        spellings = {name.lower(), name.upper(), name.capitalize(), name.title()}
        return self.filter(Q(name__iexact=name) | Q(name__in=spellings))


class PostQuerySet(RecordedQuerySet["Post"]):  # type: ignore[override]
    everything = (cache_tags.POSTS,)
    every_row = (all_of("post"), all_of("card"))
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

    def with_author_name(self) -> "PostQuerySet":
        """Together with their authors, who are named and no more."""
        return self.select_related("author__profile").defer(
            *(f"author__profile__{column}" for column in BEYOND_NAME)
        )

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
        return self.prefetch_related(Prefetch("tags", tags.with_cache_tags()))

    def for_search_engines(self) -> "PostQuerySet":
        """Those whose address here is the one to be found under."""
        found = self.filter(is_unlisted=False, canonical_url="")
        return found.with_cache_tags(cache_tags.POSTS, all_of("post"))

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
        return posts.with_cache_tags(cache_tags.beside(pk))

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
        seen = self.with_cache_tags(*(cache_tags.tag(tag.pk) for tag in post.tags.all()))
        return (
            seen.filter(pk__in=links.values("post_id")[:RELATED_AMONG], tags__in=shared)
            .exclude(pk=post.pk)
            .annotate(shared=models.Count("tags"))
            .order_by("-shared", "-published_at", "-pk")[:limit]
        )

    def at_slug(self, slug: str) -> "Post | None":
        """The post that has this slug, or else the one that had it before."""
        posts = self.with_cache_tags()
        return posts.filter(slug=slug).first() or posts.filter(old_slugs__slug=slug).first()

    def featured(self) -> "PostQuerySet":
        return (
            self.filter(featured_slot__isnull=False)
            .order_by("featured_slot")
            .with_cache_tags(cache_tags.FEATURED)
        )
