"""Tables and code keep their words and columns on every screen."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = (
    "| Year | Lighthouse | Height | Range | Keeper | People |\n|---|---|--:|--:|---|--:|\n"
    "| 1823 | Inchcape | 1,234,567 | 7,654,321 | Stevenson | 12,345,678 |\n\n"
    "```python\nif lamp:\n\treturn " + "light + " * 30 + "1\n```\n"
)
BROKEN = """() => [...document.querySelectorAll(".prose td")].filter((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return range.getClientRects().length > 1;
}).length"""


@pytest.mark.parametrize("width", [360, 1440])
def test_words_stay_whole_and_what_is_wide_is_scrolled(width, live_server, write, page_of):
    post = write("Wide", public=True, body=TEXT)
    page = page_of(None, viewport={"width": width, "height": 900})
    page.goto(post.get_absolute_url())
    assert page.evaluate(BROKEN) == 0
    assert page.locator("pre code").evaluate("it => getComputedStyle(it).whiteSpace") == "pre"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    rooms = [".wide", "pre"] if width == 360 else ["pre"]
    for room in rooms:
        place = page.locator(room)
        place.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("name => document.querySelector(name).scrollLeft > 0", arg=room)
