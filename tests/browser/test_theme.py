"""Light or dark: the device's scheme, a visitor's choice, a signed-in person's preference."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.services import update_preferences

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIGHT, DARK = "rgb(251, 249, 244)", "rgb(19, 20, 25)"
# The colour of the page in the moment its body begins to exist, which is before it is painted.
WATCH = """
new MutationObserver((_, watch) => {
  if (!document.body) return;
  window.first = document.documentElement.dataset.theme || "none";
  watch.disconnect();
}).observe(document, { childList: true, subtree: true });
"""


def paper(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def bar(page: Page) -> str:
    """What a browser colours its own bars with: the first theme-color whose query matches."""
    return page.evaluate(
        "[...document.querySelectorAll('meta[name=theme-color]')]"
        ".find(meta => !meta.media || matchMedia(meta.media).matches).content"
    )


def choose(page: Page, name: str) -> None:
    page.get_by_role("group", name="Colours").get_by_role("radio", name=name).check()


@pytest.mark.parametrize(("scheme", "colour"), [("light", LIGHT), ("dark", DARK)])
@pytest.mark.parametrize("script", [True, False])
def test_without_a_choice_the_device_decides(scheme, colour, script, page_of):
    page = page_of(None, color_scheme=scheme)
    if not script:
        page = page_of(None, color_scheme=scheme, java_script_enabled=False)
    page.goto("/")
    expect(page.locator("html")).to_have_css("background-color", colour)
    expect(page.locator("html")).to_have_css("color-scheme", scheme)
    assert page.get_by_role("group", name="Colours").is_visible() is script


def test_a_choice_holds_on_the_next_page_before_it_is_painted(write, page_of):
    address = write(public=True).get_absolute_url()
    page = page_of(None, color_scheme="light")
    page.add_init_script(WATCH)
    page.goto("/")
    assert (paper(page), bar(page)) == (LIGHT, "#fbf9f4")
    choose(page, "Dark")
    assert (paper(page), bar(page)) == (DARK, "#131419")
    for path in (address, "/nothing-is-here/", "/accounts/login/"):
        page.goto(path)
        assert page.evaluate("window.first") == "dark"
        assert (paper(page), bar(page)) == (DARK, "#131419")
        assert page.get_by_role("radio", name="Dark").is_checked()
    choose(page, "As my device")
    page.goto("/")
    assert page.evaluate("window.first") == "none"
    assert paper(page) == LIGHT
    assert page.evaluate("localStorage.length") == 0


def test_a_choice_reaches_other_tabs(page_of):
    page = page_of(None, color_scheme="dark")
    window: BrowserContext = page.context
    other = window.new_page()
    page.goto("/")
    other.goto("/archive/")
    choose(page, "Light")
    expect(other.locator("html")).to_have_css("background-color", LIGHT)
    expect(other.get_by_role("radio", name="Light")).to_be_checked()
    choose(other, "As my device")
    expect(page.locator("html")).to_have_css("background-color", DARK)


def test_the_switch_is_worked_by_keyboard(page_of):
    page = page_of(None, color_scheme="light")
    page.goto("/")
    page.get_by_role("link", name="Archive").last.focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="As my device")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Dark")).to_be_focused()
    assert paper(page) == DARK


def test_where_storage_is_refused_the_choice_lasts_as_long_as_the_page(page_of):
    page = page_of(None, color_scheme="light")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })"
    )
    page.goto("/")
    choose(page, "Dark")
    assert paper(page) == DARK
    page.reload()
    assert paper(page) == LIGHT


@pytest.mark.parametrize(("theme", "colour"), [("dark", DARK), ("light", LIGHT), ("system", LIGHT)])
def test_the_preference_of_somebody_signed_in_comes_first(theme, colour, rita, page_of):
    update_preferences(rita, theme=theme)
    page = page_of(rita, color_scheme="light")
    page.add_init_script("localStorage.setItem('theme', 'dark')")
    page.goto("/")
    assert paper(page) == colour
    assert bar(page) == ("#131419" if colour == DARK else "#fbf9f4")
    expect(page.get_by_role("group", name="Colours")).to_have_count(0)


def test_paper_stays_white(write, page_of):
    page = page_of(None, color_scheme="dark")
    page.goto(write(public=True).get_absolute_url())
    choose(page, "Dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert paper(page) == "rgb(255, 255, 255)"
    expect(page.locator(".prose p").first).to_have_css("color", "rgb(0, 0, 0)")
    for part in (".site-head", ".site-foot", ".skip", ".room"):
        expect(page.locator(part)).to_be_hidden()
