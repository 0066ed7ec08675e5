"""Reading a WXR file: as a stream, and only after the whole of it has proved to be one.

No entity is resolved, no DTD read, nothing fetched.  Elements are cleared as soon as they have
been read, so a file of hundreds of megabytes needs the memory of its largest item.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from transfer.wordpress import records
from transfer.wordpress.records import Person, Picture, SourceItem, local, text

MAX_BYTES = 500 * 1024 * 1024
MAX_DEPTH = 50  # an honest file has six levels
CHUNK = 1024 * 1024  # bytes
# What XML forbids, but WordPress copies into its exports from pasted texts.
_CONTROLS = bytes(n for n in range(32) if n not in b"\t\n\r")


class NotReadable(Exception):  # noqa: N818 - says what the file is
    """A file that is no complete WXR export; its text is a sentence for a person."""


@dataclass(slots=True)
class Header:
    """What the file says of itself: the old site's address, its people and images, its size."""

    site: str = ""
    people: dict[str, Person] = field(default_factory=dict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    items: int = 0


def examine(path: Path) -> Header:
    """Read the file once, to its end; raises NotReadable before anything was written."""
    header, version = Header(), ""
    for element in _elements(path):
        name = local(element)
        if name == "wxr_version":
            version = text(element)
        elif name in {"base_blog_url", "base_site_url"} or (name == "link" and not header.site):
            header.site = text(element).rstrip("/") or header.site
        elif name == "author":
            person = records.person(element)
            header.people[person.login] = person
        elif name == "item":
            header.items += 1
            if found := records.picture(element):
                header.pictures[found[0]] = found[1]
    if not version:
        raise NotReadable("This is not a WordPress export: it names no WXR version.")
    return header


def items(path: Path) -> Iterator[SourceItem]:
    """The items of a file that was examined, in its order."""
    for element in _elements(path):
        if local(element) == "item":
            yield records.item(element)


def _elements(path: Path) -> Iterator[Element]:
    """The children of <channel>, each complete, and cleared after its turn."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise NotReadable(f"This file is larger than {MAX_BYTES // 1024 // 1024} MB.")
        with path.open("rb") as file:
            yield from _stream(_Printable(file))
    except (ParseError, UnicodeError, ValueError, LookupError) as error:
        if isinstance(error, DefusedXmlException):
            raise NotReadable(
                "This file declares entities or a DTD, which no WordPress export needs."
            ) from None
        raise NotReadable(f"This file is not complete XML: {error}.") from None
    except OSError as error:
        raise NotReadable(f"The file cannot be read: {error.strerror}.") from None


class _Printable:
    """A file in large pieces, without control characters.

    The parser looks at an unfinished token anew with each piece: small pieces would make a long
    one quadratic.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        start = file.read(4)
        file.seek(0)
        # In UTF-16 every other byte may be a null.
        wide = b"\0" in start or start[:2] in {b"\xff\xfe", b"\xfe\xff"}
        self._removed = b"" if wide else _CONTROLS

    def read(self, size: int = -1) -> bytes:
        while piece := self._file.read(CHUNK):
            if printable := piece.translate(None, self._removed):
                return printable
        return b""


def _stream(file: _Printable) -> Iterator[Element]:
    ancestors: list[Element] = []
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            ancestors.append(element)
            if len(ancestors) > MAX_DEPTH:
                raise NotReadable(f"This file nests elements more than {MAX_DEPTH} levels deep.")
            continue
        ancestors.pop()
        if len(ancestors) == 2 and ancestors[1].tag == "channel":
            yield element
            ancestors[1].clear()
