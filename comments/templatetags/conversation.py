"""The conversation under a post, for whichever page shows it."""

import uuid
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from blog import cache_tags
from blog.addresses import pages_by
from blog.models import Post
from comments.forms import CommentForm
from comments.models import Comment
from comments.paging import PARAMETER, ConversationPage, answered, page_of
from comments.threads import nested
from pagecache import cached_fragment, depends_on, expires_at, page_key

COMMENTS = "comments/_comments.html"

register = template.Library()


@register.inclusion_tag("comments/_conversation.html", takes_context=True)
def conversation(context: dict[str, Any], post: Post) -> dict[str, Any]:
    """A page of the approved comments in thread order and, for people signed in, a form."""
    request = context["request"]
    user = request.user
    parent = answered(post, request.GET.get("reply", "")) if user.is_authenticated else None
    form, is_open = None, post.takes_comments(timezone.now())
    if is_open and (end := post.comments_close_at):
        expires_at(end)
    if user.is_authenticated and is_open:
        form = CommentForm(initial={"submission": uuid.uuid4(), "parent": parent and parent.pk})
    return {
        "comments": _comments(request, post, may_answer=form is not None),
        "post": post,
        "form": form,
        "is_open": is_open,
        "parent": parent,
        "parent_is_gone": parent is None and bool(request.GET.get("reply")),
        # For everybody's page it must be the same, however it was asked for.
        "here": page_key(request.path, request.GET, pages_by(PARAMETER)) or request.path,
    }


def _comments(request: HttpRequest, post: Post, *, may_answer: bool) -> str:
    """The comments of the page asked for; only moderators see what nobody else sees, and
    everybody their own that wait.
    """
    user = request.user
    shown = {"post": post, "may_answer": may_answer, "path": request.path}
    waiting = list(Comment.objects.waiting_of(user, post)) if user.is_authenticated else []
    if waiting or (user.is_authenticated and user.has_perm("comments.moderate_comment")):
        shown |= _of_page(post, page_of(post, request), waiting)
        shown["at"] = request.get_full_path()
        shown["may_moderate"] = user.has_perm("comments.moderate_comment")
        return render_to_string(COMMENTS, shown, request)

    def build() -> dict[str, str]:
        depends_on(cache_tags.post(post.pk))
        return {"": render_to_string(COMMENTS, shown | _of_page(post, page_of(post, request)))}

    page = request.GET.get(PARAMETER, "")
    return cached_fragment(f"comments of {post.pk} {page} {may_answer}", build)[""]


def _of_page(
    post: Post, page: ConversationPage, waiting: list[Comment] | None = None
) -> dict[str, Any]:
    """What the template shows of a page, the reader's own waiting comments in their places."""
    theirs = [comment for comment in waiting or [] if page.has_place_for(comment)]
    comments = sorted([*page.comments, *theirs], key=lambda comment: comment.path)
    return {"page": page, "nodes": nested(post, comments)}
