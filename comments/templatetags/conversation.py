"""The conversation under a post, for whichever page shows it."""

import uuid
from typing import Any

from django import template

from blog.models import Post
from comments.forms import CommentForm
from comments.models import Comment

register = template.Library()


@register.inclusion_tag("comments/_conversation.html", takes_context=True)
def conversation(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """All approved comments in thread order and, for people signed in, a form."""
    request = context["request"]
    user = request.user
    answered = request.GET.get("reply", "")
    comments = (
        Comment.objects.approved().under(post).in_thread_order().select_related("author__profile")
    )
    parent = next((c for c in comments if str(c.pk) == answered), None)
    form = None
    if user.is_authenticated and post.comments_open:
        form = CommentForm(initial={"submission": uuid.uuid4(), "parent": parent and parent.pk})
    return {
        "comments": comments,
        "post": post,
        "form": form,
        "parent": parent,
        "user": user,
        "request": request,
        "may_moderate": user.is_authenticated and user.has_perm("comments.moderate_comment"),
    }
