"""Paragraphs where the author saw them: old editors kept them as empty lines, not as tags."""

import re
from collections.abc import Iterable, Iterator

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PageElement

BLOCKS = (
    *("p", "div", "blockquote", "pre", "ul", "ol", "li", "table", "hr"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "article", "section"),
)
_CONTAINERS = ("div", "blockquote", "p", "li")
_TIGHT = ("li", "p")  # a single paragraph in one of these needs no tag of its own
_LISTS = ("ul", "ol")
_STRUCTURE = ("table", "thead", "tbody", "tfoot", "tr", "ul", "ol")
_BLANK_LINE = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_SPACE = re.compile(r"[ \t\n\f]+")
_ADDRESS = re.compile(r"^https?://\S+$", re.I)


def shape(soup: BeautifulSoup, *, newlines: bool) -> None:
    """Put every paragraph into an element, and every run of white space into one space.

    With `newlines` an empty line ends a paragraph and a line break breaks the line.
    """
    containers = [soup, *soup.find_all(_CONTAINERS)]
    for preformatted in soup.find_all("pre"):
        for line_break in preformatted.find_all("br"):
            line_break.replace_with("\n")
    for text in soup.find_all(string=True):
        parent = text.parent
        if parent is None or parent.name == "pre" or text.find_parent("pre"):
            continue
        if parent is not soup and parent.name not in _CONTAINERS:
            _settle(soup, text, newlines=newlines)
    for container in containers:
        if container.find_parent("pre") is None:
            _reshape(soup, container, newlines=newlines)


def _settle(soup: BeautifulSoup, text: NavigableString, *, newlines: bool) -> None:
    """White space inside a phrase, a cell or a heading, where no paragraph can end."""
    structural = text.parent is not None and text.parent.name in _STRUCTURE
    lines = str(text).split("\n")
    cell = text.find_parent(["td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "code"])
    if newlines and not structural and not cell and len(lines) > 1:
        pieces: list[str | Tag] = []
        for number, line in enumerate(lines):
            inner = 0 < number < len(lines) and line.strip() and pieces and str(pieces[-1]).strip()
            pieces += (
                [soup.new_tag("br"), line.strip()] if inner else [_SPACE.sub(" ", line) or " "]
            )
        text.replace_with(*pieces)
    else:
        text.replace_with(_SPACE.sub(" ", str(text)))


def _reshape(soup: BeautifulSoup, container: Tag, *, newlines: bool) -> None:
    nodes = list(container.contents)
    container.clear()
    groups = list(_groups(_tokens(soup, nodes, newlines=newlines)))
    if container.name == "p" and len(groups) > 1:
        container.name = "div"  # paragraphs do not nest
    plain = container.name in _TIGHT and _is_one_paragraph(groups)
    for group in groups:
        target = container
        if not plain and not _is_block(group[0]):
            target = soup.new_tag("p")
            container.append(target)
        for node in group:
            target.append(node)
        _link_lone_address(soup, target, group)


def _is_one_paragraph(groups: list[list[PageElement]]) -> bool:
    """Text alone, or text with lists below it."""
    texts = [group for group in groups if not _is_block(group[0])]
    blocks = [group[0] for group in groups if _is_block(group[0])]
    return len(texts) == 1 and all(isinstance(b, Tag) and b.name in _LISTS for b in blocks)


def _link_lone_address(soup: BeautifulSoup, target: Tag, group: list[PageElement]) -> None:
    """An address alone in a paragraph was a player or a preview; here it is a link."""
    if len(group) == 1 and isinstance(group[0], NavigableString):
        address = str(group[0]).strip()
        if _ADDRESS.match(address):
            link = soup.new_tag("a", href=address)
            link.string = address
            group[0].replace_with(link)


def _tokens(
    soup: BeautifulSoup, nodes: Iterable[PageElement], *, newlines: bool
) -> Iterator[PageElement | None]:
    """The nodes, with None wherever a paragraph ends."""
    for node in nodes:
        if isinstance(node, NavigableString):
            paragraphs = _BLANK_LINE.split(str(node)) if newlines else [str(node)]
            for number, paragraph in enumerate(paragraphs):
                if number:
                    yield None
                yield from _lines(soup, paragraph, newlines=newlines)
        elif _is_block(node):
            yield from (None, node, None)
        else:
            yield node


def _lines(soup: BeautifulSoup, text: str, *, newlines: bool) -> Iterator[PageElement]:
    for number, line in enumerate(text.split("\n") if newlines else [text]):
        if number:
            yield soup.new_tag("br")
        yield NavigableString(_SPACE.sub(" ", line))


def _groups(tokens: Iterable[PageElement | None]) -> Iterator[list[PageElement]]:
    group: list[PageElement] = []
    for token in (*tokens, None):
        if token is None or (_is_break(token) and group and _is_break(group[-1])):
            if trimmed := _trimmed(group):
                yield trimmed
            group = []
        elif not (group and _is_break(group[-1]) and _is_blank(token)):
            group.append(token)


def _trimmed(group: list[PageElement]) -> list[PageElement]:
    inked = [n for n, node in enumerate(group) if not (_is_break(node) or _is_blank(node))]
    return group[inked[0] : inked[-1] + 1] if inked else []


def _is_block(node: PageElement | None) -> bool:
    return isinstance(node, Tag) and node.name in BLOCKS


def _is_break(node: PageElement) -> bool:
    return isinstance(node, Tag) and node.name == "br"


def _is_blank(node: PageElement) -> bool:
    return isinstance(node, NavigableString) and not node.strip()
