"""Whatever is typed into the search box, the answer is a page."""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listeners.search.excerpts import excerpt, marked
from listeners.search.queries import parse
from tests.samples import sample_json

pytestmark = pytest.mark.django_db(transaction=True)

QUERIES = [
    "",
    " ",
    '"',
    "'",
    '""',
    "'; DROP TABLE search_document; --",
    "(",
    ")",
    "((((",
    "NEAR(a b)",
    "a NEAR b",
    "NEAR",
    "AND",
    "OR",
    "NOT",
    "NOT a",
    "a AND",
    "*",
    "a*",
    "* *",
    "^a",
    "-a",
    "+a",
    "title:mirrors",
    "{title body}: mirrors",
    "search_index:mirrors",
    "a:b:c",
    "a & b | !c <-> d",
    "<->",
    "'a' & ",
    "a\\",
    "\\'",
    "%",
    "_",
    "%s %(x)s {0}",
    "\0",
    "mir\0rors",
    "a" * 10_000,
    "a " * 5_000,
    '"' * 10_000,
    "\u202emirrors",
    "\ufeffmirrors",
    "🔥",
    "é\u0301\u0301\u0301",
    "ﷺ",
    "\u0130 \u0131 ß \ufb01",
    "١٢٣",
    "a_b",
    "__",
    "1e309",
    "0x1F",
    "null",
    "<script>alert(1)</script>",
    "mirrors' OR '1'='1",
    "ähnlich",
    "\u3000",
]


@pytest.fixture(autouse=True)
def mirrors(write):
    return write("On mirrors", body="A mirror sends the sun's light, 🔥 at 1e309.", public=True)


def answer(query: str) -> str:
    page = Client().get("/search/", {"q": query})
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ascii(query[:20]))
def test_every_query_has_a_page(query) -> None:
    text = answer(query)
    assert "<script>alert(1)" not in text


def test_naughty_strings_have_a_page() -> None:
    for query in sample_json("text", "naughty-strings.json"):
        answer(query)


@settings(
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(query=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_has_a_page(query) -> None:
    answer(query)


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 400, "last", "", "1\0", "²"])
def test_any_page_number_has_a_page(page) -> None:
    got = Client().get("/search/", {"q": "mirrors", "page": page})
    assert got.status_code == 200
    assert "On <mark>mirrors</mark>" in got.content.decode()


def test_nothing_found_is_told_kindly() -> None:
    assert "Nothing has all of these words" in answer("moon")
    assert "Type at least one word" in answer("!?*")
    assert "On <mark>mirrors</mark>" in answer("mirrors' \"mirror*")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.expects_errors
def test_searching_is_looking(method) -> None:
    assert getattr(Client(), method)("/search/?q=mirrors").status_code == 405


def test_a_reader_searches_without_a_cookie() -> None:
    page = Client().get("/search/?q=mirrors")
    assert not page.cookies


@given(text=st.text(max_size=400), query=st.text(max_size=30))
def test_an_excerpt_is_a_piece_of_the_text(text, query) -> None:
    asked = parse(query)
    pieces = excerpt(text, asked)
    joined = "".join(piece for piece, _ in pieces)
    assert joined.removeprefix("… ").removesuffix(" …") in text
    assert "".join(piece for piece, _ in marked(text, asked)) == text
    assert all(piece for piece, _ in pieces)
