"""The conversation under a post, for whichever page shows it."""

import uuid
from typing import Any

from django import template
from django.utils import timezone

from blog import topics
from blog.models import Post
from comments.forms import CommentForm
from comments.models import Comment
from comments.paging import page_of

register = template.Library()


@register.inclusion_tag("comments/_conversation.html", takes_context=True)
def conversation(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """A page of the approved comments in thread order and, for people signed in, a form."""
    request = context["request"]
    user = request.user
    page = page_of(post, request)
    parent = _answered(post, request.GET.get("reply", "")) if user.is_authenticated else None
    form, is_open = None, post.takes_comments(timezone.now())
    if is_open and (end := post.comments_close_at):
        topics.until(end)
    if user.is_authenticated and is_open:
        form = CommentForm(initial={"submission": uuid.uuid4(), "parent": parent and parent.pk})
    return {
        "page": page,
        "comments": page.comments,
        "count": len(page.comments) if page.is_whole else post.comment_count,
        "post": post,
        "form": form,
        "is_open": is_open,
        "parent": parent,
        "user": user,
        "request": request,
        "may_moderate": user.is_authenticated and user.has_perm("comments.moderate_comment"),
    }


def _answered(post: Post, named: str) -> Comment | None:
    """The comment somebody answers, on whichever page it is."""
    if not (named.isascii() and named.isdecimal() and len(named) < 10):
        return None
    return Comment.objects.approved().filter(post=post, pk=int(named)).first()
