"""Shaped HTML as Markdown.  What is text stays text: each character is escaped where it acts."""

import re
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from markdownify import ATX, MarkdownConverter

# Characters that mean something wherever they stand …
_ANYWHERE = re.compile(r"[\\`*\[\]~|]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
# … and those that do so only where a line begins.
_AT_START = re.compile(r"^(\s*)(#+(?=\s|$)|[-+](?=\s|$)|>|=+\s*$|-+\s*$)")
_NUMBER_AT_START = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")

_LANGUAGE = re.compile(r"\b(?:language|lang)-([\w+#-]+)|\bbrush:\s*([\w+#-]+)")
_UNSAFE_IN_ADDRESS = re.compile(r"[\s<>()\\\"]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_FENCE = re.compile(r"^\s*(`{3,})", re.M)
_EDGE = re.compile(r"[^\w\s]$")
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def write(soup: BeautifulSoup) -> str:
    """The Markdown of HTML that was cleaned and shaped."""
    text: str = _Writer(
        heading_style=ATX,
        bullets="-",
        table_infer_header=True,
        keep_inline_images_in=["td", "th", "a", "p"],
        code_language_callback=_language,
    ).convert_soup(soup)
    return text.strip()


def escaped(text: str) -> str:
    """Text that Markdown reads as these very characters; `text` is one line."""
    text = _ANYWHERE.sub(r"\\\g<0>", text)
    text = _AT_START.sub(r"\1\\\2", text)
    return _NUMBER_AT_START.sub(r"\1\\\2", text)


def _language(element: Tag) -> str:
    inner = element.find("code")
    for holder in (element, inner):
        classes = " ".join(holder.get_attribute_list("class")) if holder else ""
        if found := _LANGUAGE.search(classes.replace("None", "")):
            return found[1] or found[2]
    return ""


def _address(value: Any) -> str:
    """An address that ends where Markdown expects it to."""
    quoted = _UNSAFE_IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", str(value).strip())
    return _ENTITY.sub("&amp;", quoted)


def _title(element: Tag) -> str:
    words = escaped(" ".join(str(element.get("title") or "").split()))
    return ' "{}"'.format(words.replace('"', '\\"')) if words else ""


class _Writer(MarkdownConverter):
    """markdownify, with exact escapes, addresses and fences."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        return escaped(text)

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        words = text.strip()
        if "_noformat" in parent_tags or not words:
            return text
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        href = str(el.get("href", "")).strip()
        if el.get_text() == href and href.startswith("http") and _address(href) == href:
            return f"{before}<{href}>{after}"
        return f"{before}[{words}]({_address(href)}{_title(el)}){after}"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        alt = escaped(" ".join(str(el.get("alt") or "").split()))
        return f"![{alt}]({_address(el['src'])}{_title(el)})"

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        code = el.get_text().strip("\n")
        if not code.strip():
            return ""
        if "_inline" in parent_tags:
            return f" {text.strip()} "
        longest = max((len(ticks) for ticks in _FENCE.findall(code)), default=2)
        fence = "`" * (longest + 1)
        return f"\n\n{fence}{_language(el)}\n{code}\n{fence}\n\n"

    def _plainly(self, name: str, el: Tag, text: str, parent_tags: set[str]) -> str:
        """What markdownify itself makes of an element; it builds these methods at run time."""
        written: str = getattr(super(), f"convert_{name}")(el, text, parent_tags)
        return written

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "td" in parent_tags or "th" in parent_tags:
            text = text.replace("|", "\\|")  # a table ends its cells before it looks for code
        return self._plainly("code", el, text, parent_tags)

    def convert_strong(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _kept_apart(el, self._plainly("strong", el, text, parent_tags), text)

    def convert_em(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _kept_apart(el, self._plainly("em", el, text, parent_tags), text)

    def convert_del(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _kept_apart(el, self._plainly("del", el, text, parent_tags), text)


def _kept_apart(element: Tag, written: str, inner: str) -> str:
    """Emphasis ending in punctuation ends only before a space: "**so:** then"."""
    following, preceding = element.next_sibling, element.previous_sibling
    if _EDGE.search(inner.rstrip()) and _begins_with_word(following):
        written = f"{written} "
    starts_bare = bool(inner.strip()) and not inner.strip()[0].isalnum()
    if starts_bare and isinstance(preceding, NavigableString) and str(preceding)[-1:].isalnum():
        written = f" {written}"
    return written


def _begins_with_word(node: Any) -> bool:
    return isinstance(node, NavigableString) and str(node)[:1].isalnum()
