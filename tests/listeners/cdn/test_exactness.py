"""Behind a CDN a reader sees each change once its purge has arrived: no page is forgotten."""

import pytest
from django.test import Client

from signalflow.testing import run_deliveries
from tests.blog.invalidation.test_exact_pages import WRITES, paths, site  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)

TRIED = [
    "publish with a tag",
    "withdraw the featured one",
    "delete",
    "edit the title",
    "edit the text",
    "retag",
    "hand over",
    "rename a tag",
    "rename an author",
    "choose a picture",
    "approve",
    "delete a commenter",
]


@pytest.mark.parametrize("write", TRIED)
@pytest.mark.parametrize("edge", ["fastly"], indirect=True)
def test_after_the_purge_the_cdn_shows_what_the_site_shows(site, edge, write) -> None:  # noqa: F811
    places = paths()
    before = {path: edge.get(path) for path in places}
    assert edge.stored.keys() == set(places), "every page may be kept"
    edge.purges.clear()
    WRITES[write](site)
    run_deliveries()
    assert edge.purges
    kept = set(edge.stored)
    now = {path: Client().get(path) for path in places}
    shown = {path: edge.get(path) for path in places}
    assert shown == {path: (answer.status_code, answer.content) for path, answer in now.items()}
    assert kept, "what has not changed stays"
    assert {path for path in places if shown[path] != before[path]}.isdisjoint(kept)
