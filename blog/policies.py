"""Who may do what with which post.  None stands for the system: cron, commands, workers."""

from typing import Any

from django.core.exceptions import PermissionDenied

from blog.models import Post


def can_write(user: Any) -> bool:
    """Begin posts of one's own."""
    return user is None or user.has_perm("blog.add_post")


def can_see(user: Any, post: Post) -> bool:
    """Read it, in whatever state it is."""
    return post.is_public or user is None or can_edit(user, post)


def can_edit(user: Any, post: Post) -> bool:
    """Change its text, tags and image."""
    return (
        user is None
        or user.has_perm("blog.change_post")
        or (post.author_id == user.pk and can_write(user))
    )


def can_publish(user: Any, post: Post) -> bool:
    """Publish, schedule and withdraw it."""
    return (
        user is None
        or user.has_perm("blog.publish_any_post")
        or (post.author_id == user.pk and can_write(user))
    )


def can_feature(user: Any) -> bool:
    """Put posts at the top of the home page."""
    return user is None or user.has_perm("blog.feature_post")


def can_delete(user: Any, post: Post) -> bool:
    """Remove it for good."""
    return (
        user is None
        or user.has_perm("blog.delete_post")
        or (post.author_id == user.pk and can_write(user) and not post.is_public)
    )


def require(allowed: bool, sentence: str) -> None:
    """Raise PermissionDenied with the sentence unless allowed."""
    if not allowed:
        raise PermissionDenied(sentence)
