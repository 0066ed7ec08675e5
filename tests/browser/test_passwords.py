"""Where a password is asked for, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts import tries
from accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def owner(rita) -> User:
    return rita


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=re.compile(name, re.IGNORECASE)).click()


def test_too_many_wrong_passwords_keep_the_name(owner, page_of) -> None:
    page = page_of(None)
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill("rita")
    for _ in range(tries.FROM_ONE_NETWORK.amount + 1):
        page.locator("#id_password").fill("wrong")
        press(page, "Sign in")
    expect(page.locator("main")).to_contain_text("There were too many wrong passwords.")
    expect(page.get_by_label("Login")).to_have_value("rita")
    expect(page.locator("#id_password")).to_have_value("")


def test_a_new_address_waits_for_the_password(owner, page_of) -> None:
    page = page_of(owner)
    page.goto("/accounts/email/")
    page.locator("input[name=email][type=email]").fill("new@example.org")
    press(page, "Add email")
    expect(page.get_by_role("heading", name="Your password, please")).to_be_visible()
    assert owner.emailaddress_set.count() == 1
    page.locator("#id_password").fill("correct horse")
    press(page, "Go on")
    expect(page.get_by_label(re.compile("new@example.org"))).to_be_visible()
    assert owner.emailaddress_set.filter(email="new@example.org").exists()


def test_a_double_click_on_sign_up(db, page_of) -> None:
    page = page_of(None)
    page.goto("/accounts/signup/")
    page.locator("#id_email").fill("nina@example.org")
    page.locator("#id_username").fill("nina")
    for field in ("#id_password1", "#id_password2"):
        page.locator(field).fill("another battery")
    page.locator("main").get_by_role("button", name=re.compile("sign up", re.I)).dblclick()
    expect(page).to_have_url(re.compile("/accounts/confirm-email/$"))
    assert User.objects.count() == 1
