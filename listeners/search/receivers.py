"""When the index follows; what it says is `listeners.search.indexing`'s business."""

from typing import Any

from django.db.models.signals import post_save

from accounts.models import User
from accounts.signals import user_profile_updated, user_renamed
from blog.models import Post, Tag
from blog.signals import post_deleted, post_tags_changed
from listeners.search.indexing import index_post, index_posts, wrong_documents
from signalflow import DURABLE, receiver
from signalflow.signals import reconcile_requested
from signalflow.staff.receipt_text import phrase

phrase("search indexed", "Search finds it")
phrase("search forgot", "Search no longer finds it")


@receiver(post_save, sender=Post, when=DURABLE, key="instance", eager=True)
def index_saved_post(instance: Post, **kwargs: Any) -> None:
    index_post(instance.pk)


@receiver(post_tags_changed, when=DURABLE, key="post_ids", eager=True)
def index_retagged_posts(post_ids: list[int], **kwargs: Any) -> None:
    index_posts(post_ids)


@receiver(post_deleted, when=DURABLE, eager=True)
def forget_deleted_post(post_id: int, **kwargs: Any) -> None:
    index_post(post_id)


# An author or a tag may have many posts: no request waits for these.
@receiver([user_profile_updated, user_renamed], when=DURABLE, key="user")
def index_posts_of_author(user: User, **kwargs: Any) -> None:
    index_posts(Post.objects.published().filter(author=user).values_list("pk", flat=True))


@receiver(post_save, sender=Tag, when=DURABLE, key="instance")
def index_posts_with_tag(instance: Tag, created: bool, **kwargs: Any) -> None:
    if not created:
        index_posts(instance.posts.published().values_list("pk", flat=True))


@receiver(reconcile_requested)
def index_what_is_wrong(repair: bool, **kwargs: Any) -> list[str]:
    wrong = wrong_documents()
    if repair:
        index_posts(wrong)
    return [f"search index of post {pk}: not up to date" for pk in wrong]
