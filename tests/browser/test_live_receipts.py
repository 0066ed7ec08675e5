"""A receipt fills while one looks at it, and without JavaScript when one looks again."""

import pytest
from playwright.sync_api import Page, expect

from signalflow.testing import run_deliveries

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def effect(page: Page, sentence: str, state: str):
    return page.locator(f".effect-{state}", has_text=sentence)


def publish(page: Page, post) -> None:
    page.goto(f"/studio/posts/{post.pk}/edit/")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("is public")


def test_one_effect_fails_among_the_others_and_a_retry_completes_it(write, ada, page_of, lamp):
    page = page_of(ada)
    publish(page, write(tags=["sun"]))
    expect(effect(page, "Tag sun now has 1 post", "done")).to_be_visible()
    expect(effect(page, "Light the lamp", "open")).to_be_visible()
    run_deliveries()
    expect(effect(page, "no oil", "failed")).to_be_visible()  # nobody reloaded the page
    expect(effect(page, "No mail goes out", "done")).to_be_visible()
    expect(page.locator(".effect-failed")).to_have_count(1)
    lamp.append(True)
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("status").first).to_contain_text("It is tried again.")
    expect(effect(page, "Light the lamp", "open")).to_be_visible()
    run_deliveries()
    expect(effect(page, "Light the lamp", "open")).to_have_count(0)
    expect(page.locator(".effect-failed")).to_have_count(0)


def test_without_javascript_a_link_and_another_look_do(write, ada, page_of, lamp):
    page = page_of(ada, java_script_enabled=False)
    publish(page, write(tags=["sun"]))
    page.get_by_role("status").get_by_role("link", name="What happened").click()
    expect(effect(page, "Light the lamp", "open")).to_be_visible()
    run_deliveries()
    page.get_by_role("link", name="Look again").click()
    expect(effect(page, "no oil", "failed")).to_be_visible()
    expect(page.get_by_role("link", name="Look again")).to_have_count(0)


def test_operators_see_what_runs_without_reloading(write, ada, olga, page_of):
    author, operator = page_of(ada), page_of(olga)
    operator.goto("/studio/signals/traces/")
    post = write()
    row = operator.get_by_role("row", name=f"POST /studio/posts/{post.pk}/edit/")
    expect(row).to_have_count(0)
    publish(author, post)
    expect(row.first).to_contain_text("ada")
