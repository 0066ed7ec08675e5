"""A post that gets another address: the old one goes on leading to it."""

from django.db import IntegrityError

from blog.models import OldSlug, Post
from blog.services.refusals import Refused
from blog.services.rows import save

TAKEN = "Another post has this address, or had it once. Choose another one."


def change_slug(row: Post, slug: str) -> None:
    """Make room for `slug` and remember the present one.  Raises Refused if `slug` is taken.

    An address nobody could read under is not remembered; one that the post takes back stops
    being an old one, or it would redirect to itself.
    """
    others = Post.objects.filter(slug=slug).exclude(pk=row.pk)
    if others.exists() or OldSlug.objects.filter(slug=slug).exclude(post=row).exists():
        raise Refused(TAKEN)
    row.old_slugs.filter(slug=slug).delete()
    if row.published_at is not None:
        OldSlug.objects.update_or_create(slug=row.slug, defaults={"post": row})


def save_text(row: Post, changed: list[str]) -> None:
    """Write what an edit changed.  Raises Refused if the slug was taken a moment ago."""
    try:
        save(row, *changed, "version")
    except IntegrityError as error:
        if "slug" in changed:
            raise Refused(TAKEN) from error
        raise
