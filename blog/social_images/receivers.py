"""When cards follow.  Drawing takes a moment and writes a file: a worker does it."""

from typing import Any

from accounts.models import User
from accounts.signals import user_profile_updated, user_renamed
from blog import topics
from blog.cache import outdate
from blog.models import Post
from blog.signals import (
    card_changed,
    post_edited,
    post_handed_over,
    post_imported,
    post_published,
    post_unpublished,
)
from blog.social_images.storing import ensure_card, ensure_cards, foresee_card, wrong_cards
from signalflow import DURABLE, receiver
from signalflow.deliveries import unfinished
from signalflow.signals import reconcile_requested
from signalflow.spec import uid_of
from signalflow.staff.receipt_text import phrase

phrase("card drawn", "The card for shared links is ready")

CHANGES = [post_published, post_unpublished, post_imported, post_edited, post_handed_over]


def foretell_card(post: Post, **kwargs: Any) -> None:
    foresee_card(post.pk)


@receiver(
    CHANGES,
    when=DURABLE,
    atomic=False,
    key="post",
    rehearse=foretell_card,
    renamed="blog.cards.receivers.draw_card",
)
def draw_card(post: Post, **kwargs: Any) -> None:
    ensure_card(post.pk)


@receiver(
    [user_profile_updated, user_renamed],
    when=DURABLE,
    atomic=False,
    key="user",
    renamed="blog.cards.receivers.draw_cards_of_author",
)
def draw_cards_of_author(user: User, **kwargs: Any) -> None:
    ensure_cards(Post.objects.published().filter(author=user))


@receiver(reconcile_requested)
def draw_what_is_wrong(repair: bool, **kwargs: Any) -> list[str]:
    """Cards of posts no signal saw, and old ones when their design or the site's name changed."""
    wrong = [post for post in wrong_cards() if not _is_on_its_way(post)]
    for post in wrong if repair else []:
        ensure_card(post.pk)
    return [f"card of post {post.pk}: not up to date" for post in wrong]


def _is_on_its_way(post: Post) -> bool:
    return unfinished(uid_of(draw_card), str(post.pk)) or unfinished(
        uid_of(draw_cards_of_author), str(post.author_id)
    )


@receiver(card_changed)
def drop_page_with_card(post: Post, **kwargs: Any) -> None:
    outdate(topics.post(post.pk))
