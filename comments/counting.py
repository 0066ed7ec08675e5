"""The number of public comments of a post: counted anew, never added to."""

from django.db import transaction
from django.db.models import Count, F, Q

from blog import cache_tags
from blog.models import Post
from comments.models import Comment
from pagecache import invalidate
from signalflow import note

APPROVED = Q(comments__status=Comment.Status.APPROVED)


@transaction.atomic
def recount_comments(post_pk: int) -> list[str]:
    """Make `comment_count` of a post true; returns a sentence if it was not.

    Locks the post's row, then counts in a second statement, as `blog.counting` does.
    """
    post = Post.objects.select_for_update().filter(pk=post_pk).first()
    if post is None:
        return []
    found = Comment.objects.filter(post=post, status=Comment.Status.APPROVED).count()
    note("comments counted", post=post_pk, count=found)
    if post.comment_count == found:
        return []
    Post.objects.filter(pk=post_pk).update(comment_count=found)
    invalidate(cache_tags.card(post_pk), cache_tags.comments(post_pk))
    return [f"post {post_pk}: {post.comment_count} comments counted, {found} found"]


def wrong_posts() -> dict[int, str]:
    """The posts whose comment count is not what the comments say: id and a sentence."""
    counted = Post.objects.annotate(found=Count("comments", filter=APPROVED)).exclude(
        found=F("comment_count")
    )
    return {
        pk: f"post {pk}: {count} comments counted, {found} found"
        for pk, count, found in counted.order_by("pk").values_list("pk", "comment_count", "found")
    }
