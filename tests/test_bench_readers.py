"""The benchmark's readers: how long they waited, and whether they were shown something stale."""

from operator import attrgetter

import brotli

from tests.bench.readers import Answer, Publication, percentile, stale, waited


def test_a_percentile_is_a_value_that_was_measured() -> None:
    hundred = list(range(100, 0, -1))
    assert [percentile(hundred, share) for share in (0.5, 0.99, 1)] == [50, 99, 100]
    assert percentile([7], 0.99) == 7
    assert percentile([1, 2, 3], 0) == 1


def test_who_is_answered_late_has_waited_since_it_was_due() -> None:
    assert waited([Answer(due=1, asked=3, came=4)]) == 3


def home(asked: float, *slugs: str) -> Answer:
    page = "".join(f'<a href="/posts/{slug}/">It</a>' for slug in slugs)
    return Answer(asked, asked, asked + 1, brotli.compress(page.encode() or b" "))


def test_a_home_page_is_stale_if_it_was_asked_for_after_the_post_and_lacks_it() -> None:
    posts = [Publication("seen-1", 10, 12), Publication("seen-2", 20, 22)]
    committed = attrgetter("committed")
    assert stale([home(9), home(10)], posts, committed) == [], "asked before, answered after"
    assert stale([home(11, "seen-1"), home(11, "seen-1", "seen-2")], posts, committed) == []
    assert stale([home(11), home(23, "seen-1")], posts, committed) == [1, 3]
    assert stale([home(11)], posts, attrgetter("done")) == [], "the door had not returned"
    assert stale([Answer(23, 23, 24)], posts, committed) == [], "no home page"
