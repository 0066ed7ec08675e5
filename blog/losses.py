"""What goes when a post is deleted, in words."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Post


def losses_of(post: Post) -> list[str]:
    """What the blog itself has of a post besides its text; other apps name theirs."""
    return list(_losses(post))


def _losses(post: Post) -> Iterator[str]:
    saves = post.revisions.count()
    if saves > 1:
        yield ngettext("%d earlier version", "%d earlier versions", saves - 1) % (saves - 1)
    if post.image:
        yield _("its picture, in every size")
    if post.status == Post.Status.SCHEDULED:
        yield _("its plan: it will not be published")
    if post.is_public:
        yield _("its place in all lists, feeds and the search")
    if post.featured_slot is not None:
        yield _("its place at the top of the front page")
    if post.published_at is not None:
        old = post.old_slugs.count()
        if old:
            yield _("its %d addresses: links to them will lead nowhere") % (old + 1)
        else:
            yield _("its address: links to it will lead nowhere")
