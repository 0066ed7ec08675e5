"""Pages told to search engines: schema.org as JSON-LD, which is data, no script."""

import json
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from blog.addresses import absolute, canonical
from blog.models import Post, Tag
from blog.rendering.pipeline import words
from blog.social_images import SIZE
from media.pictures import facts_of

register = template.Library()
register.filter(canonical)

# What could end a script element early, as django.utils.html.json_script has it.
_IN_SCRIPT = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def _script(data: dict[str, Any]) -> SafeString:
    """The data in its element; what is empty is left out rather than null."""
    told = {name: value for name, value in data.items() if value}
    text = json.dumps({"@context": "https://schema.org", **told}, ensure_ascii=False)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text.translate(_IN_SCRIPT)),  # noqa: S308 - translated here
    )


class Preview(NamedTuple):
    """The picture shown with a link to a post; sizes in pixels, 0 where nobody knows."""

    url: str
    width: int
    height: int
    alt: str


@register.simple_tag
def preview_of(post: Post) -> Preview:
    """The post's own picture, else the one drawn for it, else that of the site."""
    if post.image:
        known = facts_of(post.image)
        size = known.get("width", 0), known.get("height", 0)
        return Preview(absolute(post.image.url), *size, post.image_alt)
    image = post.social_image.url if post.social_image else static("img/social_image.png")
    return Preview(absolute(image), *SIZE, post.title if post.social_image else settings.SITE_NAME)


def _image_data(post: Post) -> dict[str, Any] | None:
    if not (post.image or post.social_image):
        return None
    url, width, height, _ = preview_of(post)
    sizes = {"width": width, "height": height} if width else {}
    return {"@type": "ImageObject", "url": url, **sizes}


@register.simple_tag
def article_data(post: Post) -> SafeString:
    """The post as a BlogPosting."""
    return _script(
        {
            "@type": "BlogPosting",
            "headline": post.head_title,
            "description": post.head_description,
            "url": canonical(post),
            "datePublished": post.published_at and post.published_at.isoformat(),
            "dateModified": post.updated_at.isoformat(),
            "author": {
                "@type": "Person",
                "name": post.author.public_name,
                "url": absolute(post.author.get_absolute_url()),
            },
            "keywords": [tag.name for tag in post.tags.all()],
            "wordCount": words(post.body),
            "image": _image_data(post),
        }
    )


@register.simple_tag
def person_data(author: Any) -> SafeString:
    """The author as a Person, with what the profile shows to everybody."""
    profile = author.profile
    return _script(
        {
            "@type": "Person",
            "name": author.public_name,
            "url": absolute(author.get_absolute_url()),
            "description": profile.bio,
            "image": absolute(profile.avatar.url) if profile.avatar else None,
            "sameAs": profile.website,
        }
    )


@register.simple_tag
def breadcrumb_data(shown: Any) -> SafeString:
    """The way from the home page to a post, a tag or an author, as a BreadcrumbList."""
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
        for position, (name, path) in enumerate(_way_to(shown), 1)
    ]
    return _script({"@type": "BreadcrumbList", "itemListElement": items})


def _way_to(shown: Any) -> list[tuple[str, str]]:
    home = (settings.SITE_NAME, reverse("home"))
    address = shown.get_absolute_url()
    if isinstance(shown, Post):
        return [home, (shown.title, address)]
    if isinstance(shown, Tag):
        return [home, ("Tags", reverse("tags")), (shown.name, address)]
    return [home, ("Authors", reverse("authors")), (shown.public_name, address)]
