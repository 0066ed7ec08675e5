"""What a reader's eyes and hands meet: nothing jumps, everything can be reached."""

import io
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import Route, expect

from accounts.services import update_profile
from blog import services

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Every shift of the layout that nobody caused, as browsers score it.
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts.push(entry.value);
}).observe({ type: "layout-shift", buffered: true });
"""
WORDS = "The keeper held the mirror against the sun and counted. " * 30
TEXT = "\n\n".join(f"## Part {number}\n\n{WORDS}" for number in range(4))


def picture(width: int, height: int) -> ContentFile:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#274060").save(file, "JPEG")
    return ContentFile(file.getvalue(), "sun.jpg")


@pytest.fixture
def post(live_server, write, ada, edith):
    update_profile(ada, avatar=picture(300, 300))
    name = default_storage.save("sun-600x315.jpg", picture(600, 315))
    text = f"![A mirror]({default_storage.url(name)}) *A caption.*\n\n{TEXT}"
    post = write("Seen", public=True, image=picture(900, 700), image_alt="Blue", body=text)
    services.feature(post, by=edith)
    return post


def late(route: Route) -> None:
    """Pictures take their time, as they do on the way."""
    time.sleep(0.2)
    route.continue_()


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_jumps_while_pictures_arrive(width, post, page_of):
    page = page_of(None, viewport={"width": width, "height": 900})
    page.add_init_script(SHIFTS)
    page.route("**/media/**", late)
    for path in ("/", post.get_absolute_url(), "/authors/ada/"):
        page.goto(path, wait_until="networkidle")
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_function(
            "[...document.images].every(one => one.complete && one.naturalWidth)"
        )
        assert page.evaluate("window.shifts") == [], path


def test_the_first_tab_leads_past_the_head(post, page_of):
    page = page_of(None)
    page.goto(post.get_absolute_url())
    skip = page.get_by_role("link", name="Skip to the text")
    expect(skip).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("main .byline a")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_nothing_moves_for_those_who_want_no_motion(post, page_of):
    page = page_of(None, reduced_motion="reduce")
    page.goto(post.get_absolute_url())
    moving = """[...document.querySelectorAll("*")].map(getComputedStyle).filter(
        (style) => parseFloat(style.transitionDuration) || parseFloat(style.animationDuration)
    ).length"""
    assert page.evaluate(moving) == 0


def test_the_contents_stand_in_the_margin_or_are_folded(post, page_of):
    page = page_of(None, viewport={"width": 1440, "height": 900})
    page.goto(post.get_absolute_url())
    contents = page.get_by_role("navigation", name="Contents")
    text, margin = page.locator(".post-text").bounding_box(), contents.bounding_box()
    assert margin["x"] >= text["x"] + text["width"]
    contents.get_by_role("link", name="Part 3").click()
    expect(page.get_by_role("heading", name="Part 3")).to_be_in_viewport()
    expect(contents).to_be_in_viewport()

    page.set_viewport_size({"width": 360, "height": 800})
    expect(contents).to_be_hidden()
    folded = page.locator("details.contents")
    expect(folded.get_by_role("link", name="Part 3")).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.get_by_role("link", name="Part 3")).to_be_visible()


def test_a_post_from_right_to_left_is_turned_and_the_site_is_not(write, page_of):
    body = "## مرآة\n\nكانت المرآة تحمل الأخبار.\n\n" * 3  # noqa: RUF001 - Arabic, not Latin
    post = write("المرآة والشمس", public=True, body=body, tags=["ضوء"])
    page = page_of(None, viewport={"width": 1440, "height": 900})
    page.goto(post.get_absolute_url())
    for selector, turned in (
        (".post-title", True),
        (".post-text", True),
        (".post-end", True),
        (".site-head", False),
        (".room", False),
    ):
        direction = "rtl" if turned else "ltr"
        expect(page.locator(selector)).to_have_css("direction", direction)
    text = page.locator(".post-text").bounding_box()
    margin = page.get_by_role("navigation", name="Contents").bounding_box()
    assert margin["x"] + margin["width"] <= text["x"]
    expect(page.locator(".post-title")).to_have_css("letter-spacing", "normal")
    page.goto("/")
    words = page.locator(".card .meta span", has_text="1 minute")
    expect(words).to_have_css("direction", "ltr")


def test_an_outward_link_is_printed_with_its_address(write, page_of):
    post = write(public=True, body="A [link](https://example.org/far) and [one](/near/).")
    page = page_of(None)
    page.goto(post.get_absolute_url())
    page.emulate_media(media="print")
    after = "link => getComputedStyle(link, '::after').content"
    assert "example.org" in page.get_by_role("link", name="link").evaluate(after)
    assert page.get_by_role("link", name="one").evaluate(after) == "none"
