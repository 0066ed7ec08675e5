"""`m2m_changed` sorted out: which posts and which tags a change links or unlinks."""

from typing import Any

from blog.models import Post, Tag


def changed_links(
    instance: Any, action: str, reverse: bool, pk_set: set[int] | None
) -> tuple[list[int], list[int]]:
    """(post ids, tag ids) of one `m2m_changed`, ([], []) where nothing changes.

    On the reverse side (`tag.posts.add(post)`) the instance is the tag.  `clear()` names no
    keys, so what it will remove is read before it does; all other actions are heard after
    the fact.
    """
    if action == "pre_clear":
        others = instance.posts if reverse else instance.tags
        pk_set = set(others.values_list("pk", flat=True))
    elif action not in {"post_add", "post_remove"}:
        pk_set = set()
    if not pk_set:
        return [], []
    ones, many = [instance.pk], sorted(pk_set)
    return (many, ones) if reverse else (ones, many)


def tag_ids_under_lock(post: Post) -> list[int]:
    """The tags of a post about to be deleted; its row stays locked until that is done.

    What is announced of it afterwards is what the row says now, however old the instance is.
    """
    rows = Post.objects.select_for_update().filter(pk=post.pk)
    for post.status, post.slug, post.published_at in rows.values_list(
        "status", "slug", "published_at"
    ):
        pass
    return sorted(post.tags.values_list("pk", flat=True))


def post_ids_of(tag: Tag) -> list[int]:
    """The posts that carry a tag."""
    return sorted(tag.posts.values_list("pk", flat=True))
