"""A public post as its author wrote it: Markdown with front matter, for machines."""

import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.encoding import iri_to_uri

from blog.addresses import absolute, canonical
from blog.models import Post
from blog.public.views import PostPage
from blog.querysets import PostQuerySet

# What JSON lets stand in a string and YAML 1.2 (5.1) does not, or takes for the end of a line.
_NO_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def _quoted(value: Any) -> str:
    """A value as JSON, which is YAML too: nothing in it can end its line."""
    text = json.dumps(value, ensure_ascii=False)
    return _NO_YAML.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def as_markdown(post: Post) -> str:
    """Title, address, author, dates and tags, then the source text."""
    matter = {
        "title": post.title,
        "url": absolute(post.get_absolute_url()),
        "author": post.author.public_name,
        "published": post.published_at and post.published_at.isoformat(),
        "updated": post.updated_at.isoformat(),
        "tags": [tag.name for tag in post.tags.all()],
    }
    lines = [f"{name}: {_quoted(value)}" for name, value in matter.items()]
    return "\n".join(["---", *lines, "---", "", post.body, ""])


class PostSourceView(PostPage):
    route = "post-source"

    def get_queryset(self) -> PostQuerySet:
        return super().get_queryset().with_author_name()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        post = self.get_object()
        answer = HttpResponse(as_markdown(post), content_type="text/markdown; charset=utf-8")
        # Search engines are to find the page instead (RFC 6596), or nothing of an unlisted post.
        answer["Link"] = f'<{iri_to_uri(canonical(post))}>; rel="canonical"'
        if post.is_unlisted:
            answer["X-Robots-Tag"] = "noindex"
        return answer
