"""Why a public page looks as it does: what it depends on, in words, and what ended it last."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from blog import cache_tags
from blog.models import Post, Tag
from pagecache import SITE, CachedPage, with_kinds
from pagecache.views import Explanation
from signalflow.models import Trace
from signalflow.operating.trees import joined_trees, spans

LOOKED_THROUGH = 200  # the latest acts
NAMED = 10  # of those that ended the page


class NoStoredPage(LookupError):  # noqa: N818 - an answer: the page is no page of the public
    """There is no page at this address that is stored for visitors; the text says so."""


class Reason(NamedTuple):
    """One thing that a page depends on: its cache tag, what that is, and where to find it."""

    tag: str
    words: str
    address: str = ""


def explain(address: str) -> Explanation:
    """What the page at an address of this site depends on, as a visitor without a session sees it.

    `address` is a path, perhaps with a query, such as "/tags/sun/?before=12".  Raises
    NoStoredPage for what is no page of the public, and Http404 for a page that is not there.
    """
    try:
        parts = urlsplit(address)
        path = unquote(parts.path)
        # An address of elsewhere would be shown as a link that leads there.
        match = resolve("" if parts.scheme or parts.netloc else path)
    except (Resolver404, ValueError):
        raise NoStoredPage(_("There is no page at this address.")) from None
    view_class = getattr(match.func, "view_class", None)
    if view_class is None or not issubclass(view_class, CachedPage):
        raise NoStoredPage(_("This page is made anew for everybody: nothing of it is stored."))
    request = HttpRequest()
    request.method, request.GET = "GET", QueryDict(parts.query)
    request.path = request.path_info = path
    request.META["HTTP_HOST"] = urlsplit(settings.SITE_URL).netloc
    request.user, request.resolver_match = AnonymousUser(), match
    view = view_class(**match.func.view_initkwargs)  # type: ignore[attr-defined]
    view.setup(request, *match.args, **match.kwargs)
    found: Explanation = view.explain()
    if not found.is_page:
        raise NoStoredPage(_("This address leads to another page."))
    return found


# -- tags in words -----------------------------------------------------------------------


def reasons(tags: Iterable[str]) -> list[Reason]:
    """Each tag in words, with a link where there is something to see; the site comes last."""
    kinds: dict[str, list[str]] = {}
    for tag in tags:
        kind, _colon, key = tag.partition(":")
        kinds.setdefault(kind, []).append(key)
    return [reason for kind in sorted(kinds, key=_rank) for reason in _of_kind(kind, kinds[kind])]


def _rank(kind: str) -> tuple[bool, str]:
    return kind == SITE, kind


def _of_kind(kind: str, keys: list[str]) -> Iterator[Reason]:
    words = cache_tags.words_of(kind)
    rows = _ROWS.get(kind, _nothing)([int(key) for key in keys if key.isdecimal()])
    for key in sorted(keys):
        tag = f"{kind}:{key}" if key else kind
        if key == "*":
            yield Reason(tag, _("%s, of any") % words)
        elif kind == "table":
            yield Reason(tag, _("every row of the table %s") % key)
        elif kind == "period":
            year, _dash, month = key.partition("-")
            yield Reason(tag, f"{words}: {key}", _archive(year, month))
        elif key.isdecimal() and int(key) in rows:
            label, address = rows[int(key)]
            yield Reason(tag, f"{words}: {label}", address)
        else:
            yield Reason(tag, words if not key else f"{words}: {key}")


def _archive(year: str, month: str) -> str:
    if month:
        return reverse("archive-month", args=[int(year), int(month)])
    return reverse("archive-year", args=[int(year)])


Rows = dict[int, tuple[str, str]]  # label and address, by primary key


def _nothing(keys: list[int]) -> Rows:
    return {}


def _posts(keys: list[int]) -> Rows:
    rows = Post.objects.published().filter(pk__in=keys)
    return {row.pk: (row.title, row.get_absolute_url()) for row in rows}


def _tags(keys: list[int]) -> Rows:
    return {row.pk: (row.name, row.get_absolute_url()) for row in Tag.objects.filter(pk__in=keys)}


def _people(keys: list[int]) -> Rows:
    users = get_user_model().objects.select_related("profile").filter(pk__in=keys)
    return {user.pk: (user.public_name, user.get_absolute_url()) for user in users}


_ROWS: dict[str, Callable[[list[int]], Rows]] = {
    **dict.fromkeys(("link", "card", "post", "beside", "comments"), _posts),
    **dict.fromkeys(("tag", "label"), _tags),
    **dict.fromkeys(("author", "name", "picture", "bio"), _people),
}


# -- acts --------------------------------------------------------------------------------


class Ending(NamedTuple):
    """An act that ended the page, and the tags by which it did."""

    trace: Trace
    tags: list[str]


def last_endings(tags: Iterable[str]) -> list[Ending]:
    """The latest acts that ended a page of these tags, the newest first."""
    depends = set(tags)
    endings = []
    traces = list(Trace.objects.all()[:LOOKED_THROUGH])
    for trace, tree in zip(traces, joined_trees(traces), strict=True):
        ended = {tag for span in spans(tree) for tag in _ended_by(span)}
        if both := with_kinds(ended) & depends:
            endings.append(Ending(trace, sorted(both)))
        if len(endings) == NAMED:
            break
    return endings


def _ended_by(span: dict[str, list[list[object]]]) -> Iterator[str]:
    for kind, data in span.get("notes", []):
        if kind == "pages dropped" and isinstance(data, dict):
            yield from data.get("topics", [])
