"""The steps from HTML to Markdown, and what was lost on the way."""

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag
from bs4.exceptions import ParserRejectedMarkup

from transfer.conversion.cleaning import clean, image_addresses
from transfer.conversion.markdown import escaped, write
from transfer.conversion.paragraphs import shape

MAX_HTML = 1_000_000  # characters; five times what a post may have as Markdown
MAX_DEPTH = 80  # elements; the writer calls itself once per level
_BREAK_AND_NEWLINE = re.compile(r"\n[ \t]*(<br\s*/?>)|(<br\s*/?>)[ \t]*\n(?![ \t]*\n)", re.I)
_OPEN_BRACKETS = 50  # more of them without their ">" are no slip of the pen
_OPEN_BRACKET = re.compile(r"<(?=[^<>]*(?:<|$))")
_BLANK_LINES = re.compile(r"\n{3,}")


class TooLong(ValueError):  # noqa: N818 - says what the text is
    """More HTML than any post can hold."""


@dataclass(slots=True)
class Converted:
    """A text as Markdown, the images it shows, and what readers will miss, in words."""

    text: str
    images: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


def to_markdown(html: str, *, newlines: bool = False) -> Converted:
    """Turn HTML into Markdown that reads the same.

    With `newlines` a line break in the source is one on the page and an empty line ends a
    paragraph, as old editors had it.  Raises TooLong beyond `MAX_HTML` characters.
    """
    if len(html) > MAX_HTML:
        raise TooLong(f"its text has more than {MAX_HTML:,} characters of HTML")
    html = html.replace("\r\n", "\n").replace("\r", "\n")
    if newlines:
        html = _BREAK_AND_NEWLINE.sub(lambda found: found[1] or found[2], html)
    soup = _parsed(html)
    if _depth(soup) > MAX_DEPTH:
        return _words_alone(soup)
    losses = clean(soup)
    shape(soup, newlines=newlines)
    return Converted(write(soup), image_addresses(soup), losses)


def _parsed(html: str) -> BeautifulSoup:
    """The parser is quadratic where brackets stay open, and gives up at some of them."""
    if html.count("<") - html.count(">") > _OPEN_BRACKETS:
        html = _OPEN_BRACKET.sub("&lt;", html)
    try:
        return BeautifulSoup(html, "html.parser")
    except ParserRejectedMarkup:
        return BeautifulSoup(html.replace("<!", "&lt;!"), "html.parser")


def _depth(soup: BeautifulSoup) -> int:
    deepest = 0
    waiting: list[tuple[Tag, int]] = [(soup, 0)]
    while waiting:
        element, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(child, level + 1) for child in element.children if isinstance(child, Tag)]
    return deepest


def _words_alone(soup: BeautifulSoup) -> Converted:
    for element in soup.find_all(["script", "style"]):
        element.decompose()
    lines = (escaped(" ".join(line.split())) for line in soup.get_text("\n\n").split("\n"))
    text = _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
    return Converted(text, losses=["nested too deeply: only its words came along"])
