"""What the blog reacts to."""

import logging
from datetime import timedelta
from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver as plain_receiver
from django.utils import timezone

from blog import counting
from blog.losses import losses_of
from blog.models import Post, Tag
from blog.rendering.repair import render_again, wrong_texts
from blog.services import publish_if_due
from blog.services.publishing import CLOCK, OVERDUE
from blog.signals import (
    deletion_asked,
    post_deleted,
    post_handed_over,
    post_imported,
    post_published,
    post_tags_changed,
    post_unpublished,
    publish_requested,
    scheduled_publication_failed,
)
from blog.tagging import changed_links, post_ids_of, tag_ids_under_lock
from media.files import files_of, replaced_files
from media.signals import files_released
from signalflow import AFTER_COMMIT, DURABLE, Skip, receiver
from signalflow.operating.health import Fact, last_beat
from signalflow.signals import health_asked, reconcile_requested
from signalflow.staff.receipt_text import phrase

logger = logging.getLogger("heliograph")

phrase("tag counted", "Tag {tag} now has {count} posts", one="Tag {tag} now has 1 post")
phrase("author counted", "The author now has {count} posts", one="The author now has 1 post")

DUE_WITHIN = timedelta(minutes=3)  # cron comes every minute; one missed run is no alarm

VISIBILITY = [post_published, post_unpublished, post_imported]


@plain_receiver(publish_requested, dispatch_uid="blog.refuse_empty_post")
def refuse_empty_post(post: Post, **kwargs: Any) -> list[str]:
    problems = []
    if not post.title.strip():
        problems.append("The post needs a title.")
    if not post.body.strip():
        problems.append("The post has no text yet.")
    return problems


@plain_receiver(deletion_asked, dispatch_uid="blog.name_what_a_post_takes_along")
def name_what_a_post_takes_along(post: Post, **kwargs: Any) -> list[str]:
    return losses_of(post)


@plain_receiver(publish_requested, dispatch_uid="blog.refuse_image_without_alt")
def refuse_image_without_alt(post: Post, **kwargs: Any) -> list[str]:
    lacking = bool(post.image) and not post.image_alt.strip()
    return ["Describe the image for people who cannot see it."] if lacking else []


@receiver(post_save, sender=Post, when=AFTER_COMMIT)
def log_saved_post(instance: Post, created: bool, **kwargs: Any) -> None:
    logger.info("post %s %s", instance.pk, "created" if created else "updated")


# -- tags and counts ---------------------------------------------------------------------


@receiver(m2m_changed, sender=Post.tags.through)
def announce_tag_links(
    instance: Any, action: str, reverse: bool, pk_set: Any, **kwargs: Any
) -> None:
    post_ids, tag_ids = changed_links(instance, action, reverse, pk_set)
    if post_ids:
        post_tags_changed.send(sender=Post, post_ids=post_ids, tag_ids=tag_ids)


@receiver(post_tags_changed, when=DURABLE, key="tag_ids", eager=True)
def recount_linked_tags(tag_ids: list[int], **kwargs: Any) -> None:
    counting.recount_tags(tag_ids)


@receiver(VISIBILITY, when=DURABLE, key="post", eager=True)
def recount_tags_of_post(post: Post, **kwargs: Any) -> None:
    counting.recount_tags(post.tags.values_list("pk", flat=True))


@receiver(VISIBILITY, when=DURABLE, key=lambda post, **_: post.author_id, eager=True)
def recount_author_of_post(post: Post, **kwargs: Any) -> None:
    counting.recount_author(post.author_id)


@receiver(post_handed_over, when=DURABLE, eager=True)
def recount_both_authors(old_author: Any, new_author: Any, **kwargs: Any) -> None:
    for user_id in sorted([old_author.pk, new_author.pk]):
        counting.recount_author(user_id)


@receiver(post_deleted, when=DURABLE, eager=True)
def recount_after_deletion(tag_ids: list[int], author_id: int, **kwargs: Any) -> None:
    counting.recount_tags(tag_ids)
    counting.recount_author(author_id)


@receiver(pre_delete, sender=Post)
def remember_tags_of_post(instance: Post, **kwargs: Any) -> None:
    instance.tags_at_deletion = tag_ids_under_lock(instance)


@receiver(post_delete, sender=Post)
def announce_deleted_post(instance: Post, **kwargs: Any) -> None:
    post_deleted.send(
        sender=Post,
        post_id=instance.pk,
        title=instance.title,
        author_id=instance.author_id,
        published_at=instance.published_at,
        tag_ids=list(instance.tags_at_deletion),
        was_public=instance.is_public,
    )


@receiver(pre_delete, sender=Tag)
def remember_posts_of_tag(instance: Tag, **kwargs: Any) -> None:
    instance.posts_at_deletion = post_ids_of(instance)


@receiver(post_delete, sender=Tag)
def announce_links_lost_with_tag(instance: Tag, **kwargs: Any) -> None:
    """Deleting a tag removes its links without any `m2m_changed`."""
    if instance.posts_at_deletion:
        post_tags_changed.send(sender=Post, post_ids=list(instance.posts_at_deletion), tag_ids=[])


# -- files ------------------------------------------------------------------------------


@receiver(pre_save, sender=Post)
def release_replaced_image(instance: Post, update_fields: Any, **kwargs: Any) -> None:
    if names := replaced_files(instance, update_fields):
        files_released.send(sender=Post, names=names)


@receiver(post_delete, sender=Post)
def release_image(instance: Post, **kwargs: Any) -> None:
    if names := [name for name in files_of(instance).values() if name]:
        files_released.send(sender=Post, names=names)


# -- the clock, and what no signal saw ----------------------------------------------------


@receiver(scheduled_publication_failed, when=DURABLE, uid=OVERDUE, key="post", eager=True)
def publish_overdue_post(post: Post, **kwargs: Any) -> None:
    if not publish_if_due(post, timezone.now()):
        raise Skip("published meanwhile, or no longer due")


@plain_receiver(health_asked, dispatch_uid="blog.tell_the_clock")
def tell_the_clock(**kwargs: Any) -> list[Fact]:
    overdue = Post.objects.due(timezone.now() - DUE_WITHIN).count()
    return [
        last_beat("Publishing by the clock", CLOCK, DUE_WITHIN),
        Fact("Overdue posts", str(overdue) if overdue else "none", healthy=not overdue),
    ]


@receiver(reconcile_requested)
def render_what_is_wrong(repair: bool, **kwargs: Any) -> list[str]:
    wrong = wrong_texts()
    if repair:
        render_again(wrong)
    return list(wrong.values())


@receiver(reconcile_requested)
def recount_what_is_wrong(repair: bool, **kwargs: Any) -> list[str]:
    tags, authors = counting.wrong_tags(), counting.wrong_authors()
    if repair:
        counting.recount_tags(tags)
        for user_id in authors:
            counting.recount_author(user_id)
    return [*tags.values(), *authors.values()]
