"""A POST that was not accepted, as it travels through the sign-in page and back."""

import re
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

from django.core import signing
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, ResolverMatch, resolve

from accounts.interrupted.origins import page_before
from accounts.interrupted.owners import owner_of

FIELD = "carried"  # the hidden field of our own pages
SALT = "accounts.interrupted"
SIZE_MAX = 1_000_000  # characters of all fields; a post has up to 200,000
AGE_MAX = 3 * 24 * 60 * 60  # seconds a page with kept fields may stay open

# What no page ever gives back.  The form token is renewed; the others a person knows.
SECRET = re.compile(r"passw|passphrase|secret|csrfmiddlewaretoken", re.IGNORECASE)


@dataclass(frozen=True)
class InterruptedRequest:
    """Where a form was going and what it held.

    `path` is the address with its query, `path_info` what the routes know it by, `files` the
    fields that held a file, which cannot be kept; `owner` the mark of whoever was shown the
    form ("" if unknown); `page_before` where it stood.
    """

    path: str
    path_info: str
    fields: dict[str, list[str]]
    files: list[str]
    has_secrets: bool
    is_multipart: bool
    owner: str
    page_before: str

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """What a POST holds; None if it cannot be read."""
        try:
            fields = {name: list(values) for name, values in request.POST.lists()}
            files = [name for name, file in request.FILES.items() if file]
        except (UnreadablePostError, MultiPartParserError, BadRequest, SuspiciousOperation):
            return None
        return cls(
            path=request.get_full_path(),
            path_info=request.path_info,
            fields={k: v for k, v in fields.items() if k != FIELD and not SECRET.search(k)},
            files=files,
            has_secrets=any(re.search("passw", name, re.IGNORECASE) for name in fields),
            is_multipart=request.content_type == "multipart/form-data",
            owner=owner_of(request),
            page_before=page_before(request),
        )

    @classmethod
    def carried_by(cls, request: HttpRequest) -> Self | None:
        """What a page of ours has carried in its hidden field, unless it is forged or too old."""
        try:
            return cls(**signing.loads(request.POST[FIELD], salt=SALT, max_age=AGE_MAX))
        except (KeyError, TypeError, signing.BadSignature, UnreadablePostError):
            return None

    @cached_property
    def packed(self) -> str:
        """The value of that field, "" for more than it may hold."""
        size = sum(len(name) + sum(map(len, values)) for name, values in self.fields.items())
        return "" if size > SIZE_MAX else signing.dumps(asdict(self), salt=SALT, compress=True)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Names and values, one by one, as a form sends them."""
        return [(name, value) for name, values in self.fields.items() for value in values]

    @property
    def match(self) -> ResolverMatch | None:
        """The view it was going to."""
        try:
            return resolve(self.path_info)
        except Resolver404:
            return None

    def data(self) -> QueryDict:
        """The fields as a view reads them."""
        data = QueryDict(mutable=True)
        for name, values in self.fields.items():
            data.setlist(name, values)
        return data

    @property
    def way_back(self) -> str:
        """Where to go without sending it: the page it stood on, else its own address."""
        return self.page_before or (self.path if takes("get", self.match) else "/")


def takes(method: str, match: ResolverMatch | None) -> bool:
    """Whether an address answers "get" or "post"; functions are taken at their word."""
    view: Any = getattr(match.func, "view_class", None) if match else None
    return view is None or (method in view.http_method_names and hasattr(view, method))
