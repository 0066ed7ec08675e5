"""Every page is valid HTML: no parse error, and nothing the standard forbids beyond its syntax."""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client

from blog.public.views import TagListView
from tests.showcase import AUTHOR, MODERATOR, OPERATOR, READER, STRANGER

pytestmark = pytest.mark.django_db(transaction=True)

# What HTML takes as a moment; it has no microseconds.
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d))?")
REFUSED = {(None, "/nothing-is-here/"): 404, ("rita", "/studio/"): 403}
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget")
# Elements within which these may not stand; the parser lets both pass.
INTERACTIVE = {"a", "button", "input", "select", "textarea", "details"}
NOT_WITHIN = {"a": INTERACTIVE, "button": INTERACTIVE, "label": {"label"}, "form": {"form"}}


def complaints(markup: bytes) -> Iterator[str]:
    """What a validator would say of a page."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    page = parser.parse(markup, transport_encoding="utf-8")
    for (line, column), code, _ in parser.errors:
        yield f"{line}:{column} {code}"
    elements = list(page.iter())
    ids = Counter(found for element in elements if (found := element.get("id")) is not None)
    yield from (f"id {found!r} {count} times" for found, count in ids.items() if count > 1)
    yield from (f"id {found!r}" for found in ids if not found or re.search(r"\s", found))
    for element in elements:
        yield from _wrong(element, set(ids))


def _wrong(element: Element, ids: set[str]) -> Iterator[str]:
    name, told = str(element.tag), element.attrib
    for attribute in REFERENCES:
        for target in told.get(attribute, "").split():
            if target not in ids:
                yield f"{attribute} to nothing: {target}"
    if told.get("href", "").startswith("#") and told["href"][1:] not in {"", *ids}:
        yield f"a link to nothing: {told['href']}"
    if name == "time" and not MOMENT.fullmatch(told.get("datetime", "")):
        yield f"datetime {told.get('datetime')!r}"
    if name == "img" and ("alt" not in told or not told.get("src")):
        yield f"img without alt or src: {told}"
    if "style" in told or any(attribute.startswith("on") for attribute in told):
        yield f"inline style or script: {name} {told}"
    for inner in element.iter():
        if inner is not element and inner.tag in NOT_WITHIN.get(name, ()):
            yield f"{inner.tag} in {name}"


def assert_valid(client: Client, address: str, status: int = 200) -> None:
    answer = client.get(address)
    assert answer.status_code == status, address
    assert list(complaints(answer.content)) == [], address


@pytest.mark.parametrize(
    ("who", "addresses"),
    [(None, STRANGER), ("rita", READER), ("ada", AUTHOR), ("moss", MODERATOR), ("olga", OPERATOR)],
)
def test_every_page_is_valid(who, addresses, full, request) -> None:
    client = Client()
    if who:
        client.force_login(request.getfixturevalue(who))
    for address in addresses:
        assert_valid(client, address.format(site=full), REFUSED.get((who, address), 200))


def test_an_empty_site_is_valid() -> None:
    for address in ("/", "/tags/", "/authors/", "/archive/", "/search/?q=sun"):
        assert_valid(Client(), address)


def test_the_pages_of_a_long_list_are_valid(write) -> None:
    for number in range(21):
        write(f"Post {number}", public=True, tags=["sun"])
    for address in ("/", "/?page=2", "/tags/sun/?page=3", "/authors/ada/?page=2"):
        assert_valid(Client(), address)


@pytest.mark.expects_errors
@pytest.mark.parametrize(("error", "status"), [(SuspiciousOperation, 400), (RuntimeError, 500)])
def test_pages_about_errors_are_valid(error, status, monkeypatch) -> None:
    def fail(view) -> None:
        raise error

    monkeypatch.setattr(TagListView, "get_queryset", fail)
    assert_valid(Client(raise_request_exception=False), "/tags/", status)


def test_the_page_about_a_stale_form_is_valid() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/")
    assert answer.status_code == 403
    assert list(complaints(answer.content)) == []


@pytest.mark.parametrize(
    "broken",
    [
        "<p><div></div></p>",
        "<p id=a></p><p id=a></p>",
        "<time datetime='2026-01-01T10:00:00.123456+00:00'></time>",
        "<label for=nothing></label>",
        "<a href=#nothing>x</a>",
        "<a href=/><button>x</button></a>",
        "<img src=/x>",
        "<b style='color:red'>x</b>",
        "<ul class=a class=b></ul>",
        "&nonsense",
        "<table><p>x</p></table>",
    ],
)
def test_the_judge_sees_what_is_wrong(broken: str) -> None:
    page = "<!DOCTYPE html><html lang=en><title>x</title><body>{}</body></html>"
    assert list(complaints(page.format("<p>Fine.</p>").encode())) == []
    assert list(complaints(page.format(broken).encode()))
