"""HTML as found, made into HTML that Markdown can say."""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString

from transfer.conversion.paragraphs import BLOCKS

# What leaves no trace on the page but in the report.
REMOVED = {
    "script": "scripts",
    "style": "style sheets",
    "svg": "drawings (svg)",
    "math": "formulas (math)",
    "canvas": "drawings (canvas)",
    "form": "forms",
    "input": "form fields",
    "select": "form fields",
    "textarea": "form fields",
    "button": "buttons",
    "applet": "applets",
    "template": "templates",
}
EMBEDDED = ("iframe", "video", "audio", "object", "embed")
NOT_TEXT = ("head", "title", "meta", "link", "base", "noframes", "area", "map", "param", "wbr")

# Elements that Markdown has under another name; None keeps the words alone.
RENAMED = {
    **dict.fromkeys(("figure", "header", "footer", "main", "aside", "nav", "address"), "div"),
    **dict.fromkeys(("details", "summary", "center", "fieldset", "legend", "hgroup"), "div"),
    **dict.fromkeys(("dl", "dt", "dd", "article", "section", "figcaption"), "div"),
    **dict.fromkeys(("i", "cite", "var", "dfn"), "em"),
    "b": "strong",
    **dict.fromkeys(("kbd", "samp", "tt"), "code"),
    **dict.fromkeys(("strike", "s"), "del"),
    **dict.fromkeys(("listing", "xmp"), "pre"),
}
UNWRAPPED = (
    *("span", "font", "big", "small", "u", "ins", "mark", "acronym", "abbr", "sub", "sup", "time"),
    *("label", "bdo", "bdi", "ruby", "rb", "rt", "rp", "noscript", "html", "body", "picture"),
    *("source", "track", "nobr", "blink", "marquee", "data", "output", "optgroup", "option"),
)
FORMATS = ("strong", "em", "del", "code")
_ADDRESS = re.compile(r"^https?://\S+$", re.I)
_SAFE = re.compile(r"^(https?:|mailto:|[^:]*$|[^:]*[/?#])", re.I)


def clean(soup: BeautifulSoup) -> list[str]:
    """Leave only what Markdown can say; returns what was lost, each kind once."""
    losses = [*_remove(soup), *_replace_embedded(soup)]
    for node in soup.find_all(string=lambda text: isinstance(text, PreformattedString)):
        node.extract()
    for element in soup.find_all("abbr", title=True):
        element.append(f" ({element['title']})")
    for term in soup.find_all("dt"):
        _wrap_contents(soup, term, "strong")
    for verse in soup.find_all("pre", class_="wp-block-verse"):
        verse.name = "p"
        for line in verse.find_all(string=True):
            _break_lines(soup, line)
    for caption in soup.find_all("figcaption"):
        _join_caption(soup, caption)
    for element in soup.find_all(RENAMED.keys()):
        element.name = RENAMED[element.name]
    for element in soup.find_all(UNWRAPPED):
        element.unwrap()
    _untangle(soup)
    _clear_links_and_images(soup, losses)
    return list(dict.fromkeys(losses))


def _remove(soup: BeautifulSoup) -> Iterator[str]:
    for element in soup.find_all([*REMOVED, *NOT_TEXT]):
        if element.decomposed:  # together with what it stood in
            continue
        if element.name in REMOVED:
            yield f"{REMOVED[element.name]} left out"
        element.decompose()


def _replace_embedded(soup: BeautifulSoup) -> Iterator[str]:
    """What other sites would play on the page becomes a link to it."""
    for element in soup.find_all(EMBEDDED):
        if element.decomposed:
            continue
        address = _source(element)
        if _ADDRESS.match(address):
            yield f"an embedded {element.name} became a link"
            link = soup.new_tag("a", href=address)
            link.string = address
            paragraph = soup.new_tag("p")
            paragraph.append(link)
            element.replace_with(paragraph)
        else:
            yield f"an embedded {element.name} left out"
            element.decompose()


def _source(element: Tag) -> str:
    own = element.get("src") or element.get("data")
    inner = element.find(["source", "embed"], src=True)
    return str(own or (inner and inner["src"]) or "").strip()


def _join_caption(soup: BeautifulSoup, caption: Tag) -> None:
    """A picture and its caption in one paragraph, which is how a text here says that."""
    figure = caption.find_parent("figure")
    images = figure.find_all("img") if figure else []
    if figure is None or len(images) != 1 or caption.find([*BLOCKS, "img"]):
        return
    picture = images[0].find_parent("a") or images[0]
    if caption.find_parent("figure") is not figure or picture.get_text(strip=True):
        return
    paragraph = soup.new_tag("p")
    caption.name = "em"
    caption.replace_with(paragraph)
    paragraph.extend([picture.extract(), " ", caption])


def _wrap_contents(soup: BeautifulSoup, element: Tag, name: str) -> None:
    wrapper = soup.new_tag(name)
    for child in list(element.contents):
        wrapper.append(child)
    element.append(wrapper)


def _break_lines(soup: BeautifulSoup, text: NavigableString) -> None:
    pieces: list[str | Tag] = []
    for number, line in enumerate(str(text).split("\n")):
        pieces += [soup.new_tag("br"), line] if number else [line]
    text.replace_with(*pieces)


def _untangle(soup: BeautifulSoup) -> None:
    """Emphasis that Markdown could not write: empty, doubled, side by side, around blocks."""
    for element in soup.find_all([*FORMATS, "a"]):
        if element.parent is None:  # it was joined to its twin
            continue
        if element.name == "a":
            for block in element.find_all(BLOCKS):
                block.unwrap()
        elif (
            element.find(BLOCKS)
            or element.find_parent(element.name)
            or not element.get_text(strip=True)
        ):
            element.unwrap()
        else:
            _join_twins(element)


def _join_twins(element: Tag) -> None:
    while isinstance(twin := element.next_sibling, Tag) and twin.name == element.name:
        for child in list(twin.contents):
            element.append(child)
        twin.extract()


def _clear_links_and_images(soup: BeautifulSoup, losses: list[str]) -> None:
    for link in soup.find_all("a"):
        if not _SAFE.match(str(link.get("href") or "#").strip()):
            losses.append("links with a script left out")
            link.unwrap()
        elif not link.get("href"):
            link.unwrap()
    for image in soup.find_all("img"):
        if not _SAFE.match(str(image.get("src") or "data:").strip()):
            losses.append("images without an address left out")
            image.decompose()


def image_addresses(soup: BeautifulSoup) -> list[str]:
    """Where the images of a cleaned text are, each once."""
    return list(dict.fromkeys(str(image["src"]).strip() for image in soup.find_all("img")))
