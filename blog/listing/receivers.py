"""When posts enter and leave lists: in the transaction of the change, so no page is without one."""

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save

from accounts.fields import touched
from blog.invalidation import rules
from blog.listing import entries
from blog.listing.names import of_tag
from blog.models import Post, Tag
from pagecache import invalidate
from signalflow import receiver
from signalflow.signals import reconcile_requested


@receiver(post_save, sender=Post)
def list_saved_post(instance: Post, created: bool, update_fields: Any, **kwargs: Any) -> None:
    if created and not instance.is_public:
        return
    if touched(update_fields, "status", "published_at", "author"):
        removed = entries.list_posts([instance.pk])
        if instance.is_public:  # moved by hand: only what was removed says who showed it
            invalidate(*rules.tags_for_removed_entries(removed, instance))


@receiver(m2m_changed, sender=Post.tags.through)
def list_retagged_posts(
    instance: Any, action: str, reverse: bool, pk_set: Any, **kwargs: Any
) -> None:
    if action not in {"post_add", "post_remove", "post_clear"}:
        return
    if reverse:  # what `tag.posts.clear()` removed, only the list still knows
        entries.list_posts(pk_set or entries.posts_listed(of_tag(instance.pk)))
    elif pk_set or action == "post_clear":
        entries.list_posts([instance.pk])


@receiver(post_delete, sender=Tag)
def close_list_of_deleted_tag(instance: Tag, **kwargs: Any) -> None:
    entries.list_posts(entries.posts_listed(of_tag(instance.pk)))


@receiver(reconcile_requested)
def list_what_is_wrong(repair: bool, **kwargs: Any) -> list[str]:
    wrong = entries.find_wrong()
    if repair:
        entries.list_posts(wrong)
    return list(wrong.values())
