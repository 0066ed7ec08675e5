"""What Markdown leaves to the renderer: captions, the sizes of pictures, columns of figures.

Rules for markdown-it-py, which run on the tokens of a parsed text.
"""

import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# WordPress names each scaled copy after its size in pixels.
_SIZE_IN_NAME = re.compile(
    r"-([1-9]\d{0,3})x([1-9]\d{0,3})\.(?:jpe?g|png|gif|webp|avif)(?:$|\?)", re.I
)
_ALIGNED = {"text-align:right": "end", "text-align:center": "center"}


def figures_plugin(parser: MarkdownIt) -> None:
    """A plugin for `MarkdownIt.use`."""
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    parser.core.ruler.push("columns", _columns)
    parser.core.ruler.push("pictures", _pictures)
    parser.core.ruler.push("captions", _captions)


def _table_open(*_args: Any) -> str:
    """A wide table is scrolled sideways in a room of its own, which a keyboard reaches."""
    return '<div class="wide" role="region" aria-label="Table" tabindex="0">\n<table>\n'


def _table_close(*_args: Any) -> str:
    return "</table>\n</div>\n"


def _columns(state: StateCore) -> None:
    """The alignment of table cells as a class, because no style attribute reaches a page."""
    for token in state.tokens:
        if token.type in {"td_open", "th_open"}:
            style = str(token.attrs.pop("style", ""))
            if style in _ALIGNED:
                token.attrSet("class", _ALIGNED[style])


def _pictures(state: StateCore) -> None:
    """Room for pictures whose size is known; those further down are loaded when they come near."""
    inlines = (token.children or [] for token in state.tokens if token.type == "inline")
    images = (child for children in inlines for child in children if child.type == "image")
    for number, image in enumerate(images):
        if size := _SIZE_IN_NAME.search(str(image.attrs["src"])):
            image.attrSet("width", size[1])
            image.attrSet("height", size[2])
        if number:
            image.attrSet("loading", "lazy")


def _captions(state: StateCore) -> None:
    """A paragraph of one picture and a sentence in emphasis is the picture and its caption."""
    state.tokens = [token for run in _figures(state.tokens) for token in run]


def _figures(tokens: list[Token]) -> Iterator[list[Token]]:
    at = 0
    while at < len(tokens):
        opening, parts = tokens[at], None
        if opening.type == "paragraph_open" and not opening.hidden:
            parts = _picture_and_caption(tokens[at + 1].children or [])
        if parts is None:
            yield [opening]
            at += 1
        else:
            yield _figure(tokens[at : at + 3], *parts)
            at += 3


def _picture_and_caption(children: list[Token]) -> tuple[list[Token], list[Token]] | None:
    """The tokens of the two, if these are nothing else."""
    kinds = [token.type for token in children]
    end = 1 if kinds[:1] == ["image"] else 3
    if end == 3 and kinds[:3] != ["link_open", "image", "link_close"]:
        return None
    rest = children[end:]
    while rest and (rest[0].type in {"softbreak", "hardbreak"} or _is_blank(rest[0])):
        rest = rest[1:]
    if len(rest) < 3 or rest[0].type != "em_open":
        return None
    level = rest[0].level
    closing = next(
        n for n, token in enumerate(rest) if n and token.type == "em_close" and token.level == level
    )
    return (children[:end], rest[1:-1]) if closing == len(rest) - 1 else None


def _is_blank(token: Token) -> bool:
    return token.type == "text" and not token.content.strip()


def _figure(paragraph: list[Token], picture: list[Token], caption: list[Token]) -> list[Token]:
    opening, inline, closing = paragraph
    opening.tag = closing.tag = "figure"
    words = inline.copy(children=caption)
    inline.children = picture
    tokens = [
        Token("caption_open", "figcaption", 1),
        words,
        Token("caption_close", "figcaption", -1),
    ]
    tokens[0].block = tokens[2].block = True
    return [opening, inline, *tokens, closing]
