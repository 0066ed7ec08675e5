"""Narrowing by tag, author and year; whatever an address says, the answer is a page."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.services import update_profile
from blog.models import Post
from listeners.search import views
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


def search(**asked: str):
    page = Client().get("/search/", asked)
    assert page.status_code == 200
    return page


def titles(**asked: str) -> list[str]:
    return [post.title for post in search(**asked).context["posts"]]


@pytest.fixture
def posts(write, ada, bruno) -> None:
    update_profile(ada, display_name="Ada & Co")
    rows = [
        ("Sun in Lisbon", ada, ["Sun", "Travel & food"], 2023),
        ("Sun in Oslo", bruno, ["Sun"], 2024),
        ("Moon in Oslo", bruno, ["Moon"], 2024),
        ("Secret sun", ada, ["Sun", "Hidden"], None),
    ]
    for title, author, tags, year in rows:
        post = write(title, author=author, tags=tags, public=year is not None)
        if year:
            at = datetime(year, 6, 1, tzinfo=UTC)
            Post._base_manager.filter(pk=post.pk).update(published_at=at)
    run_deliveries()


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"q": "sun", "tag": "travel-food"}, ["Sun in Lisbon"]),
        ({"q": "sun", "author": "bruno"}, ["Sun in Oslo", "Moon in Oslo"]),
        ({"q": "oslo", "year": "2024", "tag": "moon"}, ["Moon in Oslo"]),
        ({"q": "sun", "year": "2023"}, ["Sun in Lisbon"]),
        ({"tag": "sun"}, ["Sun in Oslo", "Sun in Lisbon"]),
        ({"author": "bruno", "year": "2024"}, ["Moon in Oslo", "Sun in Oslo"]),
        ({"q": "lisbon", "year": "2024"}, []),
        ({"year": "1999"}, []),
        ({}, []),
    ],
)
def test_filters_narrow_and_combine(posts, asked, wanted) -> None:
    assert titles(**asked) == wanted


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"q": "sun", "tag": "rain"}, "There is no tag “rain” here."),
        ({"q": "sun", "author": "rita"}, "There is no author “rita” here."),
        ({"q": "sun", "author": "nobody"}, "There is no author “nobody” here."),
        ({"q": "sun", "year": "20x4"}, "There is no year “20x4” here."),
        ({"year": "0"}, "There is no year “0” here."),
        ({"year": "9999"}, "There is no year “9999” here."),
        ({"q": "lisbon", "year": "2024"}, "Nothing has all of these words here."),
        ({"tag": "hidden"}, "There is no tag “hidden” here."),
        ({"q": "?!", "tag": "sun"}, "Type at least one word"),
    ],
)
def test_what_is_not_there_is_told_kindly(posts, rita, asked, sentence) -> None:
    page = search(**asked)
    assert sentence in page.content.decode()
    assert page.context["posts"] == []


def test_what_could_narrow_is_offered_with_its_hits(posts) -> None:
    page = search(q="light")
    offers = page.context["offers"]
    assert {name: [(one.label, one.hits) for one in few] for name, few in offers.items()} == {
        "tag": [("Sun", 2), ("Moon", 1), ("Travel & food", 1)],
        "author": [("bruno", 2), ("Ada & Co", 1)],
        "year": [("2024", 2), ("2023", 1)],
    }
    for few in offers.values():
        for one in few:
            assert f"?{one.address}".replace("&", "&amp;") in page.content.decode()
            followed = Client().get(f"/search/?{one.address}")
            assert len(followed.context["posts"]) == one.hits
            back = followed.context["chosen"][0].address
            assert len(Client().get(f"/search/?{back}").context["posts"]) == 3


def test_filters_stay_from_page_to_page_and_search_to_search(write) -> None:
    for n in range(12):
        write(f"Sun {n}", tags=["Lights & <b>"], public=True)
    page = search(q="sun light", tag="lights-b", year=str(datetime.now(UTC).year))
    on = page.content.decode().split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
    second = Client().get(f"/search/?{on}")
    assert len(second.context["posts"]) == 2
    assert second.context["chosen"] == page.context["chosen"]
    assert '<input type="hidden" name="tag" value="lights-b">' in page.content.decode()
    assert "Lights &amp; &lt;b&gt;" in page.content.decode()


def test_a_search_reads_no_more_than_it_shows(write, monkeypatch) -> None:
    monkeypatch.setattr(views, "MOST", 12)
    for n in range(15):
        write(f"Sun {n}", tags=["sun"], public=True)
    page = search(q="sun", page="2")
    assert "More than 12 posts found." in " ".join(page.content.decode().split())
    assert len(page.context["posts"]) == 2
    assert page.context["page_obj"].number == page.context["paginator"].num_pages == 2


def test_thirty_results_cost_as_many_queries_as_three(write, ada, bruno) -> None:
    def count(**asked: str) -> int:
        search(**asked)  # the first request after a minute asks whether a post is due
        with CaptureQueriesContext(connection) as captured:
            assert search(**asked).context["posts"]
        return len(captured)

    def add(numbers: range) -> None:
        for n in numbers:
            write(f"Sun {n}", author=(ada, bruno)[n % 2], tags=["sun", f"t{n}"], public=True)

    asked = [{"q": "sun"}, {"q": "sun", "tag": "sun"}, {"q": '"sun 1" sun', "author": "bruno"}]
    add(range(3))
    few = [count(**each) for each in asked]
    add(range(3, 30))
    assert [count(**each) for each in asked] == few
    assert max(few) <= 11


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked=st.dictionaries(st.sampled_from(["q", "tag", "author", "year", "page"]), st.text()))
def test_any_address_has_a_page(posts, asked) -> None:
    clean = {name: value.encode("utf-8", "replace").decode() for name, value in asked.items()}
    search(**clean)
