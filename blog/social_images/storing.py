"""Which post has which image: drawn when a public post has no picture, gone when it has one."""

import hashlib
import secrets

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction

from blog.models import Post
from blog.querysets import PostQuerySet
from blog.signals import social_image_changed
from blog.social_images import VERSION
from media.files import delete_unreferenced
from media.signals import files_released
from signalflow import failpoints, note, renew_lease


def fingerprint(post: Post) -> str:
    """What the image of this post depends on, or "" for a post that should have none."""
    if post.image or not post.is_public:
        return ""
    shown = [str(VERSION), post.title, post.author.public_name, settings.SITE_NAME]
    return hashlib.sha256("\0".join(shown).encode()).hexdigest()


def ensure_social_image(pk: int, *, anew: bool = False) -> bool:
    """Give a post the image it should have, or none; says whether it has another one now.

    `anew` draws it although nothing it shows has changed.  Call it outside a transaction.
    """
    post = Post.objects.select_related("author__profile").filter(pk=pk).first()
    if post is None:
        return False
    wanted = fingerprint(post)
    if post.social_image_hash == wanted and not (anew and wanted):
        return False
    content = None
    if wanted:
        from blog.social_images import drawing  # noqa: PLC0415 - Pillow, which readers never need

        content = drawing.draw(post.title, post.author.public_name, settings.SITE_NAME)
    name = f"social_image/{secrets.token_hex(16)}.png"
    name = default_storage.save(name, ContentFile(content)) if content else ""
    failpoints.reach("social image written")
    if _exchanged(post, name, wanted):
        return True
    delete_unreferenced(name)  # the post changed meanwhile, and has a delivery of its own
    return False


def foresee_social_image(pk: int) -> None:
    """Tell what `ensure_social_image` would do, without drawing; for forecasts."""
    post = Post.objects.select_related("author__profile").get(pk=pk)
    wanted = fingerprint(post)
    if post.social_image_hash != wanted:
        from blog.social_images import drawing  # noqa: PLC0415 - as above

        _announce(post, is_drawn=bool(wanted) and drawing.can_draw(post.title))


def _exchanged(post: Post, name: str, shows: str) -> bool:
    """Write it to the row if that still is as it was drawn."""
    with transaction.atomic():
        told = _still(post).update(social_image=name, social_image_hash=shows)
        if told:
            _announce(post, is_drawn=bool(name))
    return bool(told)


def _announce(post: Post, *, is_drawn: bool) -> None:
    old = post.social_image.name
    if is_drawn:
        note("social image drawn", post=post.pk)
    if is_drawn or old:
        social_image_changed.send(sender=Post, post=post)
    if old:
        files_released.send(sender=Post, names=[old])


def _still(post: Post) -> PostQuerySet:
    seen = ("status", "title", "author", "social_image_hash")
    same = {name: getattr(post, name) for name in seen}
    files = {name: getattr(post, name).name or "" for name in ("image", "social_image")}
    return Post.objects.filter(pk=post.pk, **same, **files)


def wrong_social_images() -> list[Post]:
    """The posts that have another image than they should, or none."""
    posts = Post.objects.select_related("author__profile").defer("body", "body_html")
    rows = posts.order_by("pk").iterator(chunk_size=200)
    return [post for post in rows if post.social_image_hash != fingerprint(post)]


def ensure_social_images(posts: models.QuerySet[Post]) -> int:
    """`ensure_social_image` for several posts; says how many have another one now."""
    changed = 0
    for pk in list(posts.order_by("pk").values_list("pk", flat=True)):
        changed += ensure_social_image(pk)
        renew_lease()
    return changed
