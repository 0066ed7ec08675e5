"""After its commit, a change ends what it made old.  Which tags those are say the `rules`.

A process may die between the two, or what has to be asked or told not answer.  So each ending has
a backstop, which lets a worker make good, and who fails has all processes distrust what they have.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal

from accounts.signals import user_profile_updated, user_renamed
from blog import cache_tags
from blog.invalidation import ending, rules
from blog.invalidation.ending import note_and_end
from blog.models import Post, Tag
from blog.signals import pages_outdated, post_deleted, post_tags_changed
from media.signals import renditions_made
from pagecache import SITE, distrust, invalidate
from signalflow import AFTER_COMMIT, receiver
from signalflow.signals import reconciled
from signalflow.staff.receipt_text import phrase


def _dropped(data: dict[str, Any]) -> str:
    """Nothing is said of tags that no page shows."""
    pages = cache_tags.in_words(data["topics"])
    return f"Fresh for the next reader: {pages}" if pages else ""


phrase("pages dropped", _dropped)


Function = TypeVar("Function", bound=Callable[..., None])


def ends_pages(signal: Signal, **options: Any) -> Callable[[Function], Function]:
    """A receiver that ends pages after the commit."""

    def register(function: Function) -> Function:
        @wraps(function)
        def run(**named: Any) -> None:
            try:
                function(**named)
            except Exception:
                distrust()
                raise

        former = f"blog.freshness.receivers.{function.__name__}"
        receiver(signal, when=AFTER_COMMIT, backstop=True, renamed=former, **options)(run)
        return cast("Function", run)

    return register


@ends_pages(pages_outdated)
def end_outdated_pages(tags: list[str] | None = None, **kwargs: Any) -> None:
    # Deliveries that an earlier version wrote call them topics.
    ending.end(kwargs["topics"] if tags is None else tags)


@ends_pages(post_save, sender=Post)
def drop_pages_of_saved_post(
    instance: Post, created: bool, update_fields: Any, **kwargs: Any
) -> None:
    note_and_end(*rules.tags_for_saved_post(instance, created, update_fields))


@ends_pages(post_deleted)
def drop_pages_of_deleted_post(
    post_id: int, author_id: int, tag_ids: list[int], published_at: Any, **kwargs: Any
) -> None:
    if published_at is not None:
        note_and_end(*rules.tags_for_deleted_post(post_id, author_id, tag_ids, published_at))


@ends_pages(post_tags_changed)
def drop_pages_of_retagged_posts(post_ids: list[int], tag_ids: list[int], **kwargs: Any) -> None:
    note_and_end(*rules.tags_for_links(post_ids, tag_ids))


@receiver([user_profile_updated, user_renamed])
def drop_pages_with_person(user: Any, changed_fields: list[str], **kwargs: Any) -> None:
    invalidate(*rules.tags_for_person(user.pk, changed_fields))


@receiver(post_delete, sender=settings.AUTH_USER_MODEL)
def drop_pages_with_deleted_person(instance: Any, **kwargs: Any) -> None:
    invalidate(*cache_tags.person(instance.pk))


@ends_pages(renditions_made)
def drop_pages_with_picture(sender: Any, name: str, **kwargs: Any) -> None:
    note_and_end(*rules.tags_for_picture(sender, name))


@receiver([post_save, post_delete], sender=Tag)
def drop_pages_with_tag(instance: Tag, created: bool = False, **kwargs: Any) -> None:
    if not created:  # no post has it yet
        invalidate(cache_tags.TAGS, cache_tags.label(instance.pk), cache_tags.tag(instance.pk))


@receiver(reconciled)
def drop_every_page(findings: list[str], repaired: bool, **kwargs: Any) -> None:
    """Whatever went past the signals went past the cache too."""
    if findings and repaired:
        invalidate(SITE)
