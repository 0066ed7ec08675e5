"""After its commit, a change ends what it made old.  Which topics those are says `changes`."""

from typing import Any

from django.conf import settings
from django.db.models.signals import post_delete, post_save

from accounts.signals import renditions_made, user_profile_updated, user_renamed
from blog import cache, topics
from blog.freshness import changes
from blog.models import Post, Tag
from blog.signals import post_deleted, post_tags_changed
from signalflow import AFTER_COMMIT, receiver
from signalflow.pages.words import phrase
from signalflow.signals import reconciled

phrase(
    "pages dropped", lambda data: f"Fresh for the next reader: {topics.in_words(data['topics'])}"
)


@receiver(post_save, sender=Post, when=AFTER_COMMIT)
def drop_pages_of_saved_post(
    instance: Post, created: bool, update_fields: Any, **kwargs: Any
) -> None:
    cache.bump(*changes.of_saved_post(instance, created, update_fields))


@receiver(post_deleted, when=AFTER_COMMIT)
def drop_pages_of_deleted_post(
    post_id: int, author_id: int, tag_ids: list[int], published_at: Any, **kwargs: Any
) -> None:
    if published_at is not None:
        cache.bump(*changes.of_deleted_post(post_id, author_id, tag_ids, published_at))


@receiver(post_tags_changed, when=AFTER_COMMIT)
def drop_pages_of_retagged_posts(post_ids: list[int], tag_ids: list[int], **kwargs: Any) -> None:
    cache.bump(*changes.of_links(post_ids, tag_ids))


@receiver([user_profile_updated, user_renamed], when=AFTER_COMMIT)
def drop_pages_with_person(user: Any, changed_fields: list[str], **kwargs: Any) -> None:
    cache.bump(*changes.of_person(user.pk, changed_fields))


@receiver(post_delete, sender=settings.AUTH_USER_MODEL, when=AFTER_COMMIT)
def drop_pages_with_deleted_person(instance: Any, **kwargs: Any) -> None:
    cache.bump(*topics.person(instance.pk))


@receiver(renditions_made, when=AFTER_COMMIT)
def drop_pages_with_picture(sender: Any, name: str, **kwargs: Any) -> None:
    cache.bump(*changes.of_picture(sender, name))


@receiver([post_save, post_delete], sender=Tag, when=AFTER_COMMIT)
def drop_pages_with_tag(instance: Tag, created: bool = False, **kwargs: Any) -> None:
    if not created:  # no post has it yet
        cache.bump(topics.TAGS, topics.label(instance.pk), topics.tag(instance.pk))


@receiver(reconciled, when=AFTER_COMMIT)
def drop_every_page(findings: list[str], repaired: bool, **kwargs: Any) -> None:
    """Whatever went past the signals went past the cache too."""
    if findings and repaired:
        cache.bump(topics.SITE)
