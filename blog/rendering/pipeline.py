"""From Markdown to safe HTML, once, when a text is saved.

CommonMark with tables, strikethrough and captions; raw HTML is text.  The result is sanitised
although the renderer is trusted: two independent walls.  Nothing else in the project makes HTML of
what people typed.

What does the work is large, and loaded with the first text that is rendered: a web process that
answers readers alone never needs it.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

from accounts.text import with_line_feeds
from blog.rendering.sizes import most_html

WORDS_PER_MINUTE = 230
# Chinese words are 1.6 characters long, Japanese ones 1.9, where English sets a space: the speeds
# in both units of Trauzettel-Klosinski and Dietz (2012), doi 10.1167/iovs.11-8284.
CHARACTERS_PER_WORD = 1.7
_UNSPACED = re.compile(  # Han, kana, and their punctuation
    "[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff9f\U00020000-\U0003ffff]"
)
VERSION = 3  # stored with each rendering; raised when the same source would render otherwise

_TAGS = {
    *("a", "abbr", "blockquote", "br", "code", "del", "div", "em", "figcaption", "figure"),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "img", "li", "ol", "p", "pre", "s", "section", "span", "strong", "sub", "sup"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES = {
    "a": {"href", "title", "id", "class"},
    "code": {"class"},
    "div": {"class", "role", "aria-label", "tabindex"},
    "h1": {"id"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "h5": {"id"},
    "h6": {"id"},
    "hr": {"class"},
    "img": {"src", "alt", "title", "width", "height", "loading"},
    "li": {"id", "class"},
    "ol": {"start", "class"},
    "pre": {"class", "tabindex"},
    "section": {"class"},
    "span": {"class"},
    "sup": {"class", "id"},
    "td": {"class"},
    "th": {"class"},
}
_SCHEMES = {"http", "https", "mailto"}
_COMMENT_TAGS = {"a", "blockquote", "br", "code", "del", "em", "li", "ol", "p", "pre", "s"} | {
    "span",
    "strong",
    "ul",
}


def render_post(source: str) -> str:
    """The HTML of a post's Markdown `source`; safe to show as it is.

    Raises ValidationError, with a sentence for the field `body`, if it asks for too much.
    """
    return _sanitised(_html(source, full=True))


def words(source: str) -> int:
    """How many words a text has, about as many where it sets no spaces between them."""
    spaced, characters = _UNSPACED.subn(" ", source)
    return len(spaced.split()) + round(characters / CHARACTERS_PER_WORD)


def reading_minutes(source: str) -> int:
    """How long a text takes to read, at least one minute.

    The speed is the average for English of Brysbaert (2019), doi 10.1016/j.jml.2019.104047.
    """
    return max(1, round(words(source) / WORDS_PER_MINUTE))


def derived_from(body: str) -> dict[str, Any]:
    """The columns of a post that follow from its `body`, by name; the doors store them with it."""
    return {
        "body_html": render_post(body),
        "renderer": VERSION,
        "reading_minutes": reading_minutes(body),
    }


def with_absolute_addresses(html: str, page: str) -> str:
    """Rendered HTML for readers elsewhere: its links and images as seen from `page`, a URL."""

    def resolve(_element: str, attribute: str, value: str) -> str:
        return urljoin(page, value) if attribute in {"href", "src"} else value

    return _sanitised(html, resolve)


def _sanitised(html: str, change: Callable[[str, str, str], str] | None = None) -> str:
    return _clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener",
        id_prefix=None,
        attribute_filter=change,
    )


def render_comment(source: str) -> str:
    """The HTML of a comment: no headings, tables or images, and links that earn nothing.

    Raises as `render_post`.
    """
    return _clean(
        _html(source, full=False),
        tags=_COMMENT_TAGS,
        attributes={
            "a": {"href", "title"},
            "code": {"class"},
            "pre": {"class", "tabindex"},
            "span": {"class"},
        },
        url_schemes=_SCHEMES,
        link_rel="nofollow ugc noopener",
    )


def plain_text(html: str) -> str:
    """The words of rendered HTML without its markup: for the search index and summaries."""
    spaced = html.replace("</", " </").replace("<br", " <br")
    return " ".join(_clean(spaced, tags=set()).split())


def storable(source: str) -> str:
    """Text as it is kept: its lines end with one character, and what no database keeps (NUL, halves
    of surrogate pairs) is left out."""
    return with_line_feeds(source).replace("\0", "").encode("utf-8", "replace").decode()


def _html(source: str, *, full: bool) -> str:
    from blog.rendering import limits, markdown  # noqa: PLC0415 - for writers alone, see above

    html = markdown.to_html(storable(source), full=full)
    if len(html) > most_html(source):  # a net: the parser counts what it makes, but not all of it
        raise limits.too_much()
    return html


def _clean(html: str, **options: Any) -> str:
    import nh3  # noqa: PLC0415 - for writers and feeds alone, see above

    return nh3.clean(html, **options)
