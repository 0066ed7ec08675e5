"""Addresses of the site: for the outside, and how their parts are written."""

import re
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from django.conf import settings

from pagecache.pages import Parameters

if TYPE_CHECKING:
    from blog.models import Post

# How an id or a page number is written in an address: each other spelling would be another page.
NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
LAST = "last"
# A place in a conversation: the ids of a comment and of those above it ("812-900").
PLACE = re.compile(rf"{NUMBER.pattern}(?:-{NUMBER.pattern}){{0,19}}", re.ASCII)
_PAGE = re.compile(rf"{PLACE.pattern}|{LAST}", re.ASCII)


def pages_by(*parameters: str) -> Parameters:
    """What in a query makes another page of the same path; the first one that is given counts."""
    return MappingProxyType(dict.fromkeys(parameters, _PAGE))


class CursorExpired(Exception):  # noqa: N818 - where the reader should go is no error
    """The place in a list or a conversation that an address names is none any more.

    `query` leads to what is there now, at the same path; "" to its first page.
    """

    def __init__(self, query: str = "") -> None:
        super().__init__(query)
        self.query = query


def absolute(path: str) -> str:
    """A path of this site as an address for the outside; never built from a request's Host.

    What is absolute already (a media host) stays as it is.
    """
    return urljoin(f"{settings.SITE_URL}/", path)


def canonical(post: "Post") -> str:
    """The address to find a post under: here, or where its text appeared first."""
    return post.canonical_url or absolute(post.get_absolute_url())
