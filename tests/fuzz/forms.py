"""The forms of pages, read as a browser reads them."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib

from tests.fuzz.bodies import Fields


class Form(NamedTuple):
    who: str
    action: str
    method: str
    fields: Fields  # as they stand in the page
    files: list[str]  # the names of those that take a file

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        return self.action, self.method, tuple(sorted({name for name, _ in self.fields}))


def forms_in(who: str, address: str, markup: bytes) -> Iterator[Form]:
    page = html5lib.HTMLParser(namespaceHTMLElements=False).parse(
        markup, transport_encoding="utf-8"
    )
    for element in page.iter("form"):
        action = urlsplit(urljoin(address, element.get("action") or address))
        # A field may stand outside of its form and name it.
        name = element.get("id", "")
        outside = [one for one in page.iter() if name and one.get("form") == name]
        inside = [*element.iter(), *outside]
        fields = [field for one in inside for field in _field(one)]
        files = [one.get("name", "") for one in inside if one.get("type") == "file"]
        method = (element.get("method") or "get").upper()
        yield Form(
            who, action._replace(scheme="", netloc="", fragment="").geturl(), method, fields, files
        )


def _field(element: Element) -> Iterator[tuple[str, bytes]]:
    name, kind = element.get("name"), element.get("type", "")
    if not name or name == "csrfmiddlewaretoken" or kind == "file":
        return
    if element.tag == "select":
        chosen = [option for option in element.iter("option") if option.get("selected") is not None]
        for option in chosen or list(element.iter("option"))[:1]:
            yield name, (option.get("value") or "").encode()
    elif element.tag == "textarea":
        yield name, (element.text or "").encode()
    elif (
        element.tag == "button"
        or kind == "submit"
        or (
            element.tag == "input"
            and (kind not in {"checkbox", "radio"} or element.get("checked") is not None)
        )
    ):
        yield name, element.get("value", "").encode()
