from collections.abc import Collection
from datetime import UTC
from html import unescape
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import Truncator

from accounts.paths import path_of
from blog import cache_tags
from blog.models import Post
from blog.querysets import RecordedQuerySet
from pagecache import Tracked, all_of

BODY_LENGTH = 5_000
PATH_STEP = 10  # digits per level: enough for every 64-bit key a site will see
WAITING_SHOWN = 50  # of one person under one post
MAX_DEPTH = 20  # levels; a deeper reply stays beside its parent instead of below it


class CommentQuerySet(RecordedQuerySet["Comment"]):  # type: ignore[override]
    everything = every_row = (all_of("comments"),)
    guarded = frozenset({"status"})

    def approved(self) -> "CommentQuerySet":
        """What the public may see: approved, under a post that is public itself."""
        return self.filter(status=Comment.Status.APPROVED, post__status=Post.Status.PUBLISHED)

    def waiting_of(self, user: Any, post: Post) -> "CommentQuerySet":
        """What somebody sent under a post and no moderator has read, the newest page of it."""
        mine = self.filter(author=user, post=post, status=Comment.Status.PENDING)
        return mine.select_related("author__profile").order_by("-pk")[:WAITING_SHOWN]

    def with_picture(self) -> "CommentQuerySet":
        """Together with the pictures of their writers; what they are called is in the comment."""
        unseen = (
            *(f"author__{column}" for column in ("username", "first_name", "last_name")),
            *(f"author__profile__{column}" for column in ("display_name", "bio", "website")),
        )
        return self.select_related("author__profile").defer(*unseen)

    def under(self, post: Post) -> "CommentQuerySet":
        return self.filter(post=post).with_cache_tags(cache_tags.comments(post.pk))

    def in_thread_order(self) -> "CommentQuerySet":
        """Each reply right after what it answers, elder siblings first."""
        return self.order_by("path")


class Comment(Tracked, models.Model):
    """What somebody said under a post.  Only the doors in `comments.services` write `status`."""

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        APPROVED = "approved", "Approved"
        SPAM = "spam", "Spam"
        TRASH = "trash", "Trash"

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies"
    )
    # The keys from the root to this comment, zero-padded: sorting by it is thread order.
    path = models.CharField(max_length=PATH_STEP * MAX_DEPTH, editable=False, db_index=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="comments",
    )
    author_name = models.CharField(max_length=100)
    author_email = models.EmailField(blank=True)
    body = models.TextField("comment", max_length=BODY_LENGTH)
    body_html = models.TextField(editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    moderated_at = models.DateTimeField(null=True, blank=True)
    # One id per shown form: a double click or the back button sends the same one again.
    submission = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    source = models.CharField(max_length=300, null=True, blank=True, unique=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        permissions = [("moderate_comment", "Can approve and reject comments")]
        indexes = [
            models.Index(
                fields=["post", "path"], name="comment_public", condition=Q(status="approved")
            ),
            models.Index(fields=["status", "-created_at", "-id"], name="comment_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.author_name} on {self.post_id}"

    def get_absolute_url(self) -> str:
        """Leads to the page of the conversation that shows it, whichever that is by then."""
        return path_of("comment-place", self.pk)

    def cache_tags(self, columns: Collection[str]) -> list[str]:
        return [cache_tags.picture(self.author_id)] if self.author_id else []

    @property
    def depth(self) -> int:
        """0 for a comment on the post itself, 1 for a reply to it, and so on."""
        return len(self.path) // PATH_STEP - 1

    @property
    def waits(self) -> bool:
        return self.status == Comment.Status.PENDING

    @property
    def beginning(self) -> str:
        """Its first words, for a line that leads to it."""
        return Truncator(unescape(strip_tags(self.body_html))).words(12)

    @property
    def seen(self) -> str:
        """What a moderator sees decided of it; another decision is another text."""
        at = self.moderated_at
        return f"{self.status} {at.astimezone(UTC).isoformat()}" if at else self.status

    @property
    def is_public(self) -> bool:
        return self.status == Comment.Status.APPROVED and self.post.is_public

    def place_below(self, parent: "Comment | None") -> str:
        """The path of this (saved) comment as a reply to `parent`."""
        root = parent.path if parent else ""
        if len(root) >= PATH_STEP * MAX_DEPTH:
            root = root[:-PATH_STEP]
        return f"{root}{self.pk:0{PATH_STEP}d}"
