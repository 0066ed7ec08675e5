"""Which post has which card: drawn when a public post has no picture, gone when it has one."""

import hashlib
import secrets

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction

from blog.models import Post
from blog.querysets import PostQuerySet
from blog.signals import card_changed
from blog.social_images import VERSION
from media.files import delete_unreferenced
from media.signals import files_released
from signalflow import failpoints, note, renew_lease


def fingerprint(post: Post) -> str:
    """What the card of this post depends on, or "" for a post that should have none."""
    if post.image or not post.is_public:
        return ""
    shown = [str(VERSION), post.title, post.author.public_name, settings.SITE_NAME]
    return hashlib.sha256("\0".join(shown).encode()).hexdigest()


def ensure_card(pk: int, *, anew: bool = False) -> bool:
    """Give a post the card it should have, or none; says whether it has another one now.

    `anew` draws it although nothing it shows has changed.  Call it outside a transaction.
    """
    post = Post.objects.select_related("author__profile").filter(pk=pk).first()
    if post is None:
        return False
    wanted = fingerprint(post)
    if post.card_of == wanted and not (anew and wanted):
        return False
    content = None
    if wanted:
        from blog.social_images import drawing  # noqa: PLC0415 - Pillow, which readers never need

        content = drawing.draw(post.title, post.author.public_name, settings.SITE_NAME)
    name = f"card/{secrets.token_hex(16)}.png"
    name = default_storage.save(name, ContentFile(content)) if content else ""
    failpoints.reach("card written")
    if _exchanged(post, name, wanted):
        return True
    delete_unreferenced(name)  # the post changed meanwhile, and has a delivery of its own
    return False


def foresee_card(pk: int) -> None:
    """Tell what `ensure_card` would do, without drawing; for forecasts."""
    post = Post.objects.select_related("author__profile").get(pk=pk)
    wanted = fingerprint(post)
    if post.card_of != wanted:
        from blog.social_images import drawing  # noqa: PLC0415 - as above

        _announce(post, is_drawn=bool(wanted) and drawing.can_draw(post.title))


def _exchanged(post: Post, name: str, shows: str) -> bool:
    """Write it to the row if that still is as it was drawn."""
    with transaction.atomic():
        told = _still(post).update(card=name, card_of=shows)
        if told:
            _announce(post, is_drawn=bool(name))
    return bool(told)


def _announce(post: Post, *, is_drawn: bool) -> None:
    old = post.card.name
    if is_drawn:
        note("card drawn", post=post.pk)
    if is_drawn or old:
        card_changed.send(sender=Post, post=post)
    if old:
        files_released.send(sender=Post, names=[old])


def _still(post: Post) -> PostQuerySet:
    seen = ("status", "title", "author", "card_of")
    same = {name: getattr(post, name) for name in seen}
    files = {name: getattr(post, name).name or "" for name in ("image", "card")}
    return Post.objects.filter(pk=post.pk, **same, **files)


def wrong_cards() -> list[Post]:
    """The posts that have another card than they should, or none."""
    posts = Post.objects.select_related("author__profile").defer("body", "body_html")
    rows = posts.order_by("pk").iterator(chunk_size=200)
    return [post for post in rows if post.card_of != fingerprint(post)]


def ensure_cards(posts: models.QuerySet[Post]) -> int:
    """`ensure_card` for several posts; says how many have another one now."""
    changed = 0
    for pk in list(posts.order_by("pk").values_list("pk", flat=True)):
        changed += ensure_card(pk)
        renew_lease()
    return changed
