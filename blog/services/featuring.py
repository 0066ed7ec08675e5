"""Places at the top of the home page."""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import ngettext

from blog.models import Post
from blog.policies import can_feature, require
from blog.services.refusals import Refused
from blog.services.rows import lock_post
from blog.signals import post_featured, post_unfeatured

# Not `updated_at`: its text is as it was.
PLACE = ["featured_slot", "featured_at"]


def feature(post: Post, *, by: Any) -> bool:
    """Give a public post one of the few places at the top.

    A place is a number with a unique constraint, so two editors cannot take the last one
    twice.  Returns False if it has a place already.  Raises PermissionDenied; Refused when
    the post is not public or every place is taken.
    """
    require(can_feature(by), "You may not feature posts.")
    try:
        return _take_place(post, by)
    except IntegrityError:
        raise Refused("Somebody else just took this place. Try again.") from None


def _take_place(post: Post, by: Any) -> bool:
    with lock_post(post, "feature", by) as row:
        if not row.is_public:
            raise Refused("Only a published post can be featured.")
        if row.featured_slot is not None:
            return False
        taken = set(Post.objects.featured().values_list("featured_slot", flat=True))
        free = [n for n in range(1, settings.FEATURED_POSTS_MAX + 1) if n not in taken]
        if not free:
            most = settings.FEATURED_POSTS_MAX
            full = ngettext(
                "%d post is featured already. Take it off first.",
                "%d posts are featured already. Take one off first.",
                most,
            )
            raise Refused(full % most)
        row.featured_slot, row.featured_at = free[0], timezone.now()
        with transaction.atomic():
            row.save(update_fields=PLACE)
        post_featured.send(sender=Post, post=row, featured_by=by, featured_at=row.featured_at)
    return True


def unfeature(post: Post, *, by: Any) -> bool:
    """Take a post off the top.  Returns False if it was not there.  Raises PermissionDenied."""
    require(can_feature(by), "You may not feature posts.")
    with lock_post(post, "unfeature", by) as row:
        if row.featured_slot is None:
            return False
        row.featured_slot = row.featured_at = None
        row.save(update_fields=PLACE)
        post_unfeatured.send(sender=Post, post=row, unfeatured_by=by)
    return True
