from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import URLValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import slugify

from accounts.paths import path_of
from blog import cache_tags
from blog.querysets import UPDATED, PostQuerySet, TagQuerySet
from media.files import random_name
from media.renditions import Pictures
from pagecache import Tracked

TITLE_LENGTH = 200
SLUG_LENGTH = 220
BODY_LENGTH = 200_000  # characters; what the Markdown pipeline renders in well under a second


class Tag(Tracked, models.Model):
    """A subject.  `post_count` counts its published posts; it is recounted, never added to."""

    name = models.CharField(max_length=50, unique=True)
    slug = models.SlugField(max_length=60, unique=True, allow_unicode=True)
    post_count = models.PositiveIntegerField(default=0, editable=False)

    objects = TagQuerySet.as_manager()

    # Read before a deletion, for those who hear of it afterwards.
    posts_at_deletion: Sequence[int] = ()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="tag_name_ignoring_case",
                violation_error_message="There is a tag of this name already.",
            ),
            models.CheckConstraint(
                name="tag_post_count_not_negative", condition=Q(post_count__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return path_of("tag", self.slug)

    def cache_tags(self, columns: Collection[str]) -> list[str]:
        return [cache_tags.label(self.pk)]

    @classmethod
    def find_or_create(cls, names: Iterable[str]) -> list["Tag"]:
        """The tags of these names, ignoring case; new ones get a slug of their own."""
        return list(dict.fromkeys(cls._one(name) for name in map(str.strip, names) if name))

    @classmethod
    def _one(cls, name: str) -> "Tag":
        same = cls.objects.called(name[:50])
        if found := same.first():
            return found
        try:
            with transaction.atomic():
                return cls.objects.create(
                    name=name[:50], slug=free_slug([cls.objects.all()], name, 60)
                )
        except IntegrityError:  # somebody else made it, or took its slug, a moment ago
            return same.first() or cls._one(name)


def free_slug(rows: Sequence[models.QuerySet[Any]], text: str, length: int = SLUG_LENGTH) -> str:
    """A slug for `text` that none of `rows` has yet: "travel", then "travel-2", "travel-3" …"""
    name = rows[0].model._meta.model_name or ""
    base = slugify(text, allow_unicode=True)[: length - 8].strip("-") or name
    taken = {
        slug
        for few in rows
        for slug in few.filter(slug__startswith=base).values_list("slug", flat=True)
    }
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


class Post(Tracked, models.Model):
    """A text with a state.  Only the doors in `blog.services` write `status`."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"
        PRIVATE = "private", "Private"

    title = models.CharField(max_length=TITLE_LENGTH)
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True, allow_unicode=True)
    summary = models.TextField(max_length=500, blank=True)
    body = models.TextField("text", max_length=BODY_LENGTH, blank=True)
    body_html = models.TextField(blank=True, editable=False)
    renderer = models.PositiveSmallIntegerField(default=0, editable=False)
    # Written with `body_html`, because lists show it and leave the text in the database.
    reading_minutes = models.PositiveSmallIntegerField(default=1, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts"
    )
    tags = models.ManyToManyField(Tag, related_name="posts", blank=True)
    image = models.ImageField(upload_to=random_name, max_length=200, blank=True)
    image_renditions = models.JSONField(default=dict, blank=True, editable=False)
    image_alt = models.CharField("description of the image", max_length=200, blank=True)
    # For shared links of a post without a picture: drawn for it, and a digest of what it shows.
    social_image = models.FileField(max_length=200, blank=True, editable=False)
    social_image_hash = models.CharField(max_length=64, blank=True, editable=False)
    comments_open = models.BooleanField("readers may comment", default=True)
    # For search engines and link previews; empty: the title, the summary, this site's address.
    search_title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    search_description = models.CharField(max_length=320, blank=True)
    is_unlisted = models.BooleanField("not for search engines", default=False)
    canonical_url = models.URLField(
        "first published at",
        max_length=500,
        blank=True,
        validators=[URLValidator(["http", "https"])],
    )
    publish_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    featured_slot = models.PositiveSmallIntegerField(null=True, blank=True, unique=True)
    featured_at = models.DateTimeField(null=True, blank=True)
    comment_count = models.PositiveIntegerField(default=0, editable=False)
    # Counts the saves of the text: a save that began from an older one is refused.
    version = models.PositiveIntegerField(default=1, editable=False)
    # Where an imported post came from; one import brings each source in once.
    source = models.CharField(max_length=300, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PostQuerySet.as_manager()

    pictures = Pictures(owner="author")

    # Read before a deletion, for those who hear of it afterwards.
    tags_at_deletion: Sequence[int] = ()

    class Meta:
        ordering = ["-published_at", "-pk"]
        permissions = [
            ("publish_any_post", "Can publish the posts of others"),
            ("feature_post", "Can feature posts"),
        ]
        constraints = [
            models.CheckConstraint(
                name="post_published_has_date",
                condition=~Q(status="published") | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="post_scheduled_has_date",
                condition=~Q(status="scheduled") | Q(publish_at__isnull=False),
            ),
            models.CheckConstraint(
                name="post_comment_count_not_negative", condition=Q(comment_count__gte=0)
            ),
        ]
        indexes = [
            models.Index(
                fields=["-published_at", "-id"], name="post_public", condition=Q(status="published")
            ),
            models.Index(
                fields=["author", "-published_at", "-id"],
                name="post_public_by_author",
                condition=Q(status="published"),
            ),
            models.Index(fields=["publish_at"], name="post_due", condition=Q(status="scheduled")),
            models.Index(
                fields=["-updated_at"], name="post_changed", condition=Q(status="published")
            ),
            models.Index(
                fields=["id"],
                name="post_unlisted",
                condition=Q(status="published") & (Q(is_unlisted=True) | ~Q(canonical_url="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return path_of("post", self.slug)

    def cache_tags(self, columns: Collection[str]) -> list[str]:
        by = [cache_tags.name(self.author_id)] if "author_id" in columns else []
        if UPDATED in columns or "body_html" in columns:
            return [cache_tags.post(self.pk), *by]
        of = cache_tags.card if "summary" in columns else cache_tags.link
        return [of(self.pk), *by]

    @property
    def head_title(self) -> str:
        """What search engines and link previews call it."""
        return self.search_title or self.title

    @property
    def head_description(self) -> str:
        return self.search_description or self.summary

    @property
    def is_public(self) -> bool:
        return self.status == Post.Status.PUBLISHED

    @property
    def comments_close_at(self) -> datetime | None:
        """When the conversation ends by the site's rule; None if it does not."""
        if not settings.COMMENTS_CLOSE_DAYS or self.published_at is None:
            return None
        return self.published_at + timedelta(days=settings.COMMENTS_CLOSE_DAYS)

    def takes_comments(self, now: datetime) -> bool:
        """Whether readers may comment: it is public, and neither author nor time closed it."""
        end = self.comments_close_at
        return self.is_public and self.comments_open and (end is None or now < end)

    def is_due(self, now: datetime) -> bool:
        """Whether it is scheduled and its moment has come."""
        return (
            self.status == Post.Status.SCHEDULED
            and self.publish_at is not None
            and self.publish_at <= now
        )


class OldSlug(models.Model):
    """An address under which a post was public, and which leads to it for good.

    It points to the post, not to another slug: however often a post moves, one step arrives.
    """

    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True, allow_unicode=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug


class Revision(models.Model):
    """A post's text as one save left it."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=TITLE_LENGTH)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    tag_names = models.JSONField(default=list)
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["post", "number"], name="revision_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"


class Listing(models.Model):
    """A public post in one of its lists: "site", "author:3" or "tag:7".

    Only `blog.listing.entries` writes it.  `month` is the first day of the month in the site's
    time zone; the archive counts by it.
    """

    list = models.CharField(max_length=30)
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="listings", db_index=False
    )
    published_at = models.DateTimeField()
    month = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "list"], name="listing_once")]
        indexes = [
            models.Index(fields=["list", "-published_at", "-post"], name="listing_order"),
            models.Index(fields=["list", "month"], name="listing_months"),
        ]

    def __str__(self) -> str:
        return f"{self.list}: {self.post_id}"
