"""What reading pages show of posts and people, and no model needs to know."""

import re
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from unicodedata import east_asian_width

from django import template
from django.utils import dateformat, timezone
from django.utils.html import format_html, strip_tags

from blog.addresses import absolute
from blog.models import Post

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


@register.simple_tag
def moment(value: datetime, style: str, css_class: str = "") -> str:
    """A moment for readers and machines, in the present time zone; `style` as of `date`."""
    return _moment(value, timezone.get_current_timezone(), style, css_class)


@lru_cache(1024)  # formatting takes 60 µs, and a conversation shows dozens
def _moment(value: datetime, zone: tzinfo, style: str, css_class: str) -> str:
    local = value.astimezone(zone)
    return format_html(
        '<time{} datetime="{}">{}</time>',
        format_html(' class="{}"', css_class) if css_class else "",
        local.isoformat(timespec="seconds"),
        dateformat.format(local, style),
    )


@register.filter
def initials(name: str) -> str:
    """One or two letters in place of a picture."""
    words = [word for word in name.split() if word[0].isalnum()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def name_size(name: str) -> str:
    """How large a name may be set, as a class: by its length and that of its longest word.

    A character of Chinese, Japanese or Korean is as wide as two others.
    """

    def width(text: str) -> int:
        return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)

    longest = max(map(width, name.split()), default=0)
    if width(name) > 60 or longest > 24:
        return "name-long"
    return "name-middle" if width(name) > 24 or longest > 13 else "name-short"


@register.filter
def was_updated(post: Post) -> bool:
    """Whether readers should be told a second date: not of a text as it came in by an import."""
    late = post.published_at and post.updated_at - post.published_at > _SETTLING
    return bool(late and post.version > 1)
