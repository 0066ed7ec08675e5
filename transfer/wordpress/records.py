"""What a WXR file holds, element by element, as plain values."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_EXCERPT = "encoded"  # whose namespace carries the WXR version
_YEARS = range(1000, 9000)  # four digits, and none that a time zone could carry out of bounds


@dataclass(slots=True)
class Person:
    login: str
    email: str = ""
    name: str = ""


@dataclass(slots=True)
class SourceComment:
    id: str
    parent: str
    kind: str
    approved: str
    name: str
    email: str
    body: str
    date: datetime | None


@dataclass(slots=True)
class Picture:
    """An attached image: where it is, the item it was uploaded to, what it is called."""

    address: str
    parent: str
    title: str


@dataclass(slots=True)
class SourceItem:
    """One <item> as it stands in the file."""

    id: str
    kind: str
    status: str
    title: str
    slug: str
    login: str
    body: str
    excerpt: str
    date: datetime | None
    is_sticky: bool
    has_password: bool
    comments_open: bool
    tags: list[str] = field(default_factory=list)
    comments: list[SourceComment] = field(default_factory=list)


def local(element: Element) -> str:
    """An element's name without its namespace, which changes with the WXR version."""
    return str(element.tag).rpartition("}")[2]


def text(element: Element | None) -> str:
    return ((element.text if element is not None else "") or "").replace("\0", "").strip()


def _fields(element: Element) -> dict[str, str]:
    """Children by local name; the body goes by its full one, as excerpts share the local."""
    found = {child.tag if child.tag == _CONTENT else local(child): text(child) for child in element}
    return {str(name): value for name, value in found.items()}


def person(element: Element) -> Person:
    fields = _fields(element)
    login = fields.get("author_login", "")
    return Person(login, fields.get("author_email", ""), fields.get("author_display_name", ""))


def picture(element: Element) -> tuple[str, Picture] | None:
    """The id and the image of an <item> that is one."""
    get = _fields(element).get
    if not (address := get("attachment_url")):
        return None
    return get("post_id", ""), Picture(address, get("post_parent", ""), get("title", ""))


def item(element: Element) -> SourceItem:
    fields = _fields(element)
    get = fields.get
    return SourceItem(
        id=_identity(fields, "post_id", "guid"),
        kind=get("post_type", ""),
        status=get("status", ""),
        title=get("title", ""),
        slug=get("post_name", ""),
        login=get("creator", ""),
        body=get(_CONTENT, ""),
        excerpt=get(_EXCERPT, ""),
        date=_date(get("post_date_gmt", ""), get("post_date", ""), get("pubDate", "")),
        is_sticky=get("is_sticky") == "1",
        has_password=bool(get("post_password")),
        comments_open=get("comment_status", "open") == "open",
        tags=[text(child) for child in element if _is_tag(child)],
        comments=[_comment(child) for child in element if local(child) == "comment"],
    )


def _is_tag(element: Element) -> bool:
    named = element.get("domain") in {"category", "post_tag", "tag"}
    return local(element) == "category" and named and element.get("nicename") != "uncategorized"


def _comment(element: Element) -> SourceComment:
    fields = _fields(element)
    get = fields.get
    return SourceComment(
        id=_identity(fields, "comment_id"),
        parent=get("comment_parent", ""),
        kind=get("comment_type", ""),
        approved=get("comment_approved", ""),
        name=get("comment_author", ""),
        email=get("comment_author_email", ""),
        body=get("comment_content", ""),
        date=_date(get("comment_date_gmt", ""), get("comment_date", ""), ""),
    )


def _identity(fields: Mapping[str, str], *names: str) -> str:
    """The first of these fields that says something; else what the whole of it amounts to."""
    given = next((fields[name] for name in names if fields.get(name)), "")
    return given or hashlib.sha256(repr(sorted(fields.items())).encode()).hexdigest()[:32]


def _date(gmt: str, local_time: str, rfc: str) -> datetime | None:
    """The first of these that is a date; "0000-00-00" is WordPress for none.

    The local time's offset is not in the file: it is taken as UTC.
    """
    for given in (gmt, local_time):
        try:
            moment = datetime.strptime(given, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            continue
        return moment if moment.year in _YEARS else None
    try:
        parsed = parsedate_to_datetime(rfc)
    except ValueError:
        return None
    if parsed.year not in _YEARS:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
