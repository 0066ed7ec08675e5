"""After signing out, the browser's way back shows nothing of the person who was signed in."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_way_back_asks_again(ada, write, page_of) -> None:
    write("On mirrors", public=True)
    draft = write("A secret draft")
    page = page_of(ada)
    for address in (f"/studio/posts/{draft.pk}/edit/", "/studio/", "/posts/on-mirrors/"):
        page.goto(address)
    expect(page.locator("header.site-head")).to_contain_text("ada")
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign Out").click()
    expect(page.locator("header.site-head")).to_contain_text("Sign in")
    for _ in range(5):
        page.go_back()
        expect(page.locator("body")).not_to_contain_text("secret draft")
        expect(page.locator("header.site-head")).to_contain_text("Sign in")
        if "/edit/" in page.url or "login" in page.url:
            break
