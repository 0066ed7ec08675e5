"""The conversation under a post, for whichever page shows it."""

import uuid
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from blog import fragments, topics
from blog.models import Post
from comments.forms import CommentForm
from comments.models import Comment
from comments.paging import PARAMETER, page_of

COMMENTS = "comments/_comments.html"

register = template.Library()


@register.inclusion_tag("comments/_conversation.html", takes_context=True)
def conversation(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """A page of the approved comments in thread order and, for people signed in, a form."""
    request = context["request"]
    user = request.user
    parent = _answered(post, request.GET.get("reply", "")) if user.is_authenticated else None
    form, is_open = None, post.takes_comments(timezone.now())
    if is_open and (end := post.comments_close_at):
        topics.until(end)
    if user.is_authenticated and is_open:
        form = CommentForm(initial={"submission": uuid.uuid4(), "parent": parent and parent.pk})
    return {
        "comments": _comments(request, post, may_answer=form is not None),
        "post": post,
        "form": form,
        "is_open": is_open,
        "parent": parent,
    }


def _comments(request: HttpRequest, post: Post, *, may_answer: bool) -> str:
    """The comments of the page asked for; only moderators see what nobody else sees."""
    user = request.user
    shown = {"post": post, "may_answer": may_answer, "path": request.path}
    if user.is_authenticated and user.has_perm("comments.moderate_comment"):
        shown |= {"page": page_of(post, request), "may_moderate": True}
        return render_to_string(COMMENTS, shown, request)

    def build() -> dict[str, str]:
        topics.read(topics.post(post.pk))
        return {"": render_to_string(COMMENTS, {**shown, "page": page_of(post, request)})}

    page = request.GET.get(PARAMETER, "")
    return fragments.kept(f"comments of {post.pk} {page} {may_answer}", build)[""]


def _answered(post: Post, named: str) -> Comment | None:
    """The comment somebody answers, on whichever page it is."""
    if not (named.isascii() and named.isdecimal() and len(named) < 10):
        return None
    return Comment.objects.approved().filter(post=post, pk=int(named)).first()
