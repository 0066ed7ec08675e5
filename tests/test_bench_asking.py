"""The benchmark counts the queries of pages that are built, not of kept ones."""

import pytest
from django.test import Client

from pagecache.pages import pages
from tests.bench.asking import queries


@pytest.mark.django_db
def test_the_queries_of_a_miss_are_counted_though_the_page_was_kept() -> None:
    assert queries(Client(), "/") > 0
    assert pages.get("/") is not None, "such a page is kept"
