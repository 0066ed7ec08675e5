"""The buttons of moderators, wherever a comment is shown to them."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from comments.models import Comment

register = template.Library()

# The address, the button, and the state it leads to.
ACTS = (
    ("approve", _("Approve"), Comment.Status.APPROVED),
    ("spam", _("Spam"), Comment.Status.SPAM),
    ("trash", _("Trash"), Comment.Status.TRASH),
)


@register.inclusion_tag("comments/_moderation.html", takes_context=True)
def moderation(
    context: dict[str, Any], comment: Comment, at: str, beside: str, remains: str = ""
) -> dict[str, Any]:
    """A button for each verdict that would change something.

    `at` is the address of this page.  A verdict leads back to what stands `beside` the comment
    (an anchor, "" for the top of the page), or to the comment, if with it the comment `remains`.
    """
    acts = []
    for act, label, status in ACTS:
        if comment.status != status:
            anchor = f"comment-{comment.pk}" if act == remains else beside
            acts.append((act, label, f"{at}#{anchor}" if anchor else at))
    return {"comment": comment, "acts": acts, "csrf_token": context.get("csrf_token")}
