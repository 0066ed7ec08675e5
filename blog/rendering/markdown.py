"""Markdown as HTML that is not yet sanitised; `blog.rendering.pipeline` is the way in.

CommonMark with tables, strikethrough and captions; raw HTML is text.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from html import escape
from itertools import pairwise
from typing import Any

from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from blog.rendering.figures import figures_plugin
from blog.rendering.heading_ids import is_ours
from blog.rendering.limits import limits

BlockRule = Callable[[StateBlock, int, int, bool], bool]

# Pygments' lexers are regular expressions, and many take minutes for a page of tabs.  These end
# quickly on whatever was tried, up to this length; other code is shown without colours.
CODE_LENGTH = 3_000  # characters
COLOURS = 12  # characters of HTML for each of code; a program takes six
# Of one text so many blocks of that length have colours, and many more short ones: the worst take
# a time that goes with the square of their length, and beginning a block takes as long as 300.
COLOURED = 8 * (CODE_LENGTH + 300) ** 2
LANGUAGES = {
    *("bash", "c", "clojure", "console", "cpp", "css", "dart", "diff", "django", "docker"),
    *("elixir", "erlang", "go", "graphql", "haskell", "html", "html+django", "http", "ini"),
    *("java", "javascript", "json", "julia", "kotlin", "less", "lua", "matlab", "nginx", "perl"),
    *("php", "postgresql", "powershell", "pycon", "python", "ruby", "rust", "scala", "scss"),
    *("splus", "sql", "swift", "toml", "typescript", "vim", "xml", "yaml", "zig"),
}


PHONE = 36  # characters of code in a line of the narrowest screen

# How deep quotes (one level) and lists (two) may lie in each other, as all CommonMark
# implementations have a limit.  What is deeper is shown as it was typed: the parser's own limit
# leaves it out.
DEPTH = 26


def _shallow(parser: MarkdownIt) -> None:
    """A plugin for `MarkdownIt.use`: quotes, lists and footnotes end at DEPTH."""

    def limited(rule: BlockRule) -> BlockRule:
        return lambda state, *lines: state.level < DEPTH and rule(state, *lines)

    ended = ["paragraph", "reference", "blockquote"]  # what a list may end; a quote ends lists, too
    parser.block.ruler.at("list", limited(list_block), {"alt": ended})
    parser.block.ruler.at("blockquote", limited(blockquote), {"alt": [*ended, "list"]})
    if "footnote_def" in parser.get_all_rules()["block"]:
        parser.block.ruler.at("footnote_def", limited(footnote_def), {"alt": ended[:2]})


def _within_reach(html: str, code: str) -> str:
    """Code that may be wider than a phone is scrolled sideways: by keyboard, too."""
    is_wide = any(len(line.expandtabs(4)) > PHONE for line in code.splitlines())
    return html.replace("<pre", '<pre tabindex="0"', 1) if is_wide else html


def _code(parser: Any, tokens: list[Token], at: int, options: Any, env: Any) -> str:
    return _within_reach(parser.code_block(tokens, at, options, env), tokens[at].content)


def _fence(parser: Any, tokens: list[Token], at: int, options: Any, env: Any) -> str:
    return _within_reach(_block(parser, tokens, at, options, env), tokens[at].content)


def _block(parser: Any, tokens: list[Token], at: int, options: Any, env: dict[str, Any]) -> str:
    """A block of code: coloured, if the text has not had its share of colours."""
    code, (language, *_) = tokens[at].content, [*unescapeAll(tokens[at].info).split(), ""]
    inner = ""
    if language:
        env["coloured"] = env.get("coloured", 0) + (len(code) + 300) ** 2
        inner = _coloured(code, language) if env["coloured"] <= COLOURED else ""
    if inner:
        return f'<pre class="code"><code class="language-{escape(language)}">{inner}</code></pre>'
    return str(parser.fence(tokens, at, options, env))


def _coloured(code: str, language: str) -> str:
    """The code with its words in colours, or nothing if it gets none."""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""  # the renderer escapes it itself
    if len(code) > CODE_LENGTH or lexer.aliases[0] not in LANGUAGES:
        return ""
    inner: str = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return inner if len(inner) <= COLOURS * len(code) else ""


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
        if is_ours(slug):
            base = slug = f"section-{slug}"
        while slug in taken:
            last[base] += 1
            slug = f"{base}-{last[base]}"
        taken.add(slug)
        heading.attrSet("id", slug)


@lru_cache(maxsize=2)
def _parser(*, full: bool) -> MarkdownIt:
    # Linkify and typographer stay off: both are quadratic on hostile input.
    options: dict[str, Any] = {"html": False, "linkify": False, "typographer": False}
    options |= {"maxNesting": DEPTH + 4}  # a list, its item, what is in it
    parser = MarkdownIt("commonmark", options).enable("strikethrough")
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("code_block", _code)
    if full:
        parser.enable("table").use(footnote_plugin).use(figures_plugin)
        parser.core.ruler.push("anchors", _anchors)
    return parser.use(_shallow).use(limits)


def to_html(source: str, *, full: bool) -> str:
    """The HTML of a text; `full` is what posts may have, comments have less.

    Raises ValidationError, with a sentence for the person, if it asks for too much.
    """
    html: str = _parser(full=full).render(source)
    return html
