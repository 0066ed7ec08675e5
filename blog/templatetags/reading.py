"""What reading pages show of posts and people, and no model needs to know."""

import json
import re
from datetime import timedelta

from django import template
from django.db.models.fields.files import ImageFieldFile
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

from blog.models import Post
from blog.pages import absolute

register = template.Library()
register.filter(absolute)

_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
_SETTLING = timedelta(days=1)  # corrections soon after publication are no update
# What could end a script element early, as django.utils.html.json_script has it.
_IN_SCRIPT = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


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
    """Whether readers should be told a second date."""
    return bool(post.published_at and post.updated_at - post.published_at > _SETTLING)


@register.filter
def dimensions(image: ImageFieldFile) -> tuple[int, int] | None:
    """Width and height in pixels; None if the file is gone, which must not take the page along."""
    try:
        return image.width, image.height
    except (OSError, ValueError):
        return None


@register.simple_tag
def article_data(post: Post) -> SafeString:
    """The post for search engines: schema.org/BlogPosting as JSON-LD, which is data, no script."""
    data = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": post.title,
        "description": post.summary,
        "url": absolute(post.get_absolute_url()),
        "datePublished": post.published_at and post.published_at.isoformat(),
        "dateModified": post.updated_at.isoformat(),
        "author": {
            "@type": "Person",
            "name": post.author.public_name,
            "url": absolute(post.author.get_absolute_url()),
        },
        "keywords": [tag.name for tag in post.tags.all()],
    }
    if post.image:
        data["image"] = absolute(post.image.url)
    text = json.dumps(data, ensure_ascii=False).translate(_IN_SCRIPT)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text),  # noqa: S308 - translated above
    )
