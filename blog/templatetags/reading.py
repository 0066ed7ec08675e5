"""What reading pages show of posts and people, and no model needs to know."""

import re
from datetime import timedelta

from django import template
from django.utils.html import strip_tags

from blog.models import Post
from blog.pages import absolute

register = template.Library()
register.filter(absolute)

_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
_SETTLING = timedelta(days=1)  # corrections soon after publication are no update


@register.filter
def contents(body_html: str) -> list[dict[str, str]]:
    """The contents list of a rendered post; empty below three headings."""
    found = [
        {"level": level, "id": anchor, "text": strip_tags(inner)}
        for level, anchor, inner in _HEADING.findall(body_html)
    ]
    return found if len(found) > 2 else []


@register.filter
def initials(name: str) -> str:
    """One or two letters in place of a picture."""
    words = [word for word in name.split() if word[0].isalnum()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def was_updated(post: Post) -> bool:
    """Whether readers should be told a second date: not of a text as it came in by an import."""
    late = post.published_at and post.updated_at - post.published_at > _SETTLING
    return bool(late and post.version > 1)
