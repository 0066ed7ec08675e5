"""The header of a site with a long name."""

import pytest
from django.conf import settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = [
    "The Quarterly Review of Lighthouses, Lenses, Keepers and Lamps of the North and its Islands",
    "Letters from the keepers of the northern lamps",
    "Donaudampfschifffahrtsgesellschaftskapitänspatent",
]
TOPS = """() => [...document.querySelectorAll(".logo, .find, .menu-button")]
  .filter(each => each.offsetParent)
  .map(each => each.getBoundingClientRect())
  .map(box => Math.round(box.top + box.height / 2))"""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_a_long_name_leaves_the_others_beside_it(name, width, ada, page_of, monkeypatch) -> None:
    monkeypatch.setattr(settings, "SITE_NAME", name)
    for person in (None, ada):
        page = page_of(person, viewport={"width": width, "height": 700})
        page.goto("/tags/")
        middles = page.evaluate(TOPS)
        assert max(middles) - min(middles) <= 2
        for address in ("/tags/", "/", "/nothing/"):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
