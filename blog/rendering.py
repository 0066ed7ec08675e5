"""From Markdown to safe HTML, once, when a text is saved.

CommonMark with tables, strikethrough and captions; raw HTML is text.  The result is sanitised
although the renderer is trusted: two independent walls.  Nothing else in the project makes HTML of
what people typed.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from html import escape
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin

import nh3
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from mdit_py_plugins.footnote import footnote_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from blog.typesetting import typeset

WORDS_PER_MINUTE = 230
VERSION = 2  # stored with each rendering; raised when the same source would render otherwise

_TAGS = {
    *("a", "abbr", "blockquote", "br", "code", "del", "em", "figcaption", "figure"),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "img", "li", "ol", "p", "pre", "s", "section", "span", "strong", "sub", "sup"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES = {
    "a": {"href", "title", "id", "class"},
    "code": {"class"},
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
    "pre": {"class"},
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


# Pygments' lexers are regular expressions, and many take minutes for a page of tabs.  These end
# quickly on whatever was tried, up to this length; other code is shown without colours.
CODE_LENGTH = 4_000  # characters
LANGUAGES = {
    *("bash", "c", "clojure", "console", "cpp", "css", "dart", "diff", "django", "docker"),
    *("elixir", "erlang", "go", "graphql", "haskell", "html", "html+django", "http", "ini"),
    *("java", "javascript", "json", "julia", "kotlin", "less", "lua", "matlab", "nginx", "perl"),
    *("php", "postgresql", "powershell", "pycon", "python", "ruby", "rust", "scala", "scss"),
    *("splus", "sql", "swift", "toml", "typescript", "vim", "xml", "yaml", "zig"),
}


def _highlight(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""  # the renderer escapes it itself
    if len(code) > CODE_LENGTH or lexer.aliases[0] not in LANGUAGES:
        return ""
    inner = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="code"><code class="language-{escape(language)}">{inner}</code></pre>'


def _anchors(state: StateCore) -> None:
    """An id for each heading of the middle levels, unique in the text.

    mdit-py-plugins has such a rule, which is quadratic in headings of the same words.
    """
    taken: set[str] = set()
    last: Counter[str] = Counter()
    for heading, inline in pairwise(state.tokens):
        if heading.type != "heading_open" or heading.tag not in {"h2", "h3", "h4"}:
            continue
        words = [t.content for t in inline.children or [] if t.type in {"text", "code_inline"}]
        base = slug = slugify("".join(words), allow_unicode=True) or "section"
        while slug in taken:
            last[base] += 1
            slug = f"{base}-{last[base]}"
        taken.add(slug)
        heading.attrSet("id", slug)


@lru_cache(maxsize=2)
def _markdown(*, full: bool) -> MarkdownIt:
    # Linkify and typographer stay off: both are quadratic on hostile input.
    options: dict[str, Any] = {"html": False, "linkify": False, "typographer": False}
    # Deep nesting is refused by depth, as CommonMark implementations do, not by a stack.
    parser = MarkdownIt("commonmark", {**options, "maxNesting": 20, "highlight": _highlight})
    parser.enable("strikethrough")
    if full:
        parser.enable("table").use(footnote_plugin).use(typeset)
        parser.core.ruler.push("anchors", _anchors)
    return parser


def render_post(source: str) -> str:
    """The HTML of a post's Markdown `source`; safe to show as it is."""
    return _sanitised(_markdown(full=True).render(storable(source)))


def reading_minutes(source: str) -> int:
    """How long a text takes to read, at least one minute.

    The speed is the average for English of Brysbaert (2019), doi 10.1016/j.jml.2019.104047.
    """
    return max(1, round(len(source.split()) / WORDS_PER_MINUTE))


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
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener",
        id_prefix=None,
        attribute_filter=change,
    )


def render_comment(source: str) -> str:
    """The HTML of a comment: no headings, tables or images, and links that earn nothing."""
    return nh3.clean(
        _markdown(full=False).render(storable(source)),
        tags=_COMMENT_TAGS,
        attributes={"a": {"href", "title"}, "code": {"class"}, "pre": {"class"}, "span": {"class"}},
        url_schemes=_SCHEMES,
        link_rel="nofollow ugc noopener",
    )


def plain_text(html: str) -> str:
    """The words of rendered HTML without its markup: for the search index and summaries."""
    spaced = html.replace("</", " </").replace("<br", " <br")
    return " ".join(nh3.clean(spaced, tags=set()).split())


def storable(source: str) -> str:
    """Text without what no database keeps: NUL, and halves of surrogate pairs."""
    return source.replace("\0", "").encode("utf-8", "replace").decode()
