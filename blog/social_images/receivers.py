"""When the images follow.  Drawing takes a moment and writes a file: a worker does it."""

from typing import Any

from accounts.models import User
from accounts.signals import user_profile_updated, user_renamed
from blog import cache_tags
from blog.models import Post
from blog.signals import (
    post_edited,
    post_handed_over,
    post_imported,
    post_published,
    post_unpublished,
    social_image_changed,
)
from blog.social_images.storing import (
    ensure_social_image,
    ensure_social_images,
    foresee_social_image,
    wrong_social_images,
)
from pagecache import invalidate
from signalflow import DURABLE, receiver
from signalflow.deliveries import unfinished
from signalflow.signals import reconcile_requested
from signalflow.spec import uid_of
from signalflow.staff.receipt_text import phrase

for kind in ("social image drawn", "card drawn"):  # the latter in traces of before
    phrase(kind, "The image for shared links is ready")

CHANGES = [post_published, post_unpublished, post_imported, post_edited, post_handed_over]


def foretell_social_image(post: Post, **kwargs: Any) -> None:
    foresee_social_image(post.pk)


@receiver(
    CHANGES,
    when=DURABLE,
    atomic=False,
    key="post",
    rehearse=foretell_social_image,
    renamed="blog.cards.receivers.draw_card",
)
def draw_social_image(post: Post, **kwargs: Any) -> None:
    ensure_social_image(post.pk)


@receiver(
    [user_profile_updated, user_renamed],
    when=DURABLE,
    atomic=False,
    key="user",
    renamed="blog.cards.receivers.draw_cards_of_author",
)
def draw_social_images_of_author(user: User, **kwargs: Any) -> None:
    ensure_social_images(Post.objects.published().filter(author=user))


@receiver(reconcile_requested)
def draw_what_is_wrong(repair: bool, **kwargs: Any) -> list[str]:
    """Images of posts no signal saw, and old ones when their design or the site's name changed."""
    wrong = [post for post in wrong_social_images() if not _is_on_its_way(post)]
    for post in wrong if repair else []:
        ensure_social_image(post.pk)
    return [f"social image of post {post.pk}: not up to date" for post in wrong]


def _is_on_its_way(post: Post) -> bool:
    return unfinished(uid_of(draw_social_image), str(post.pk)) or unfinished(
        uid_of(draw_social_images_of_author), str(post.author_id)
    )


@receiver(social_image_changed)
def drop_page_with_social_image(post: Post, **kwargs: Any) -> None:
    invalidate(cache_tags.post(post.pk))
