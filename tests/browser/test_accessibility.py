"""Every page, for whoever it is for: no barrier axe can find, nothing to scroll sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from playwright.sync_api import Page

from blog.public.views import TagListView
from listeners.webhooks.models import Attempt, Call, Endpoint
from tests.showcase import AUTHOR, LONG, MODERATOR, OPERATOR, READER, STRANGER

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REFUSED = {("nobody", "/nothing-is-here/"): 404, ("rita", "/studio/"): 403}
PEOPLE = {"nobody": STRANGER, "rita": READER, "ada": AUTHOR, "moss": MODERATOR, "olga": OPERATOR}
SOME = 6  # pages for one site: making it takes as long as looking at a page
PAGES = [
    pytest.param(who, addresses[start : start + SOME], id=f"{who}-{start}")
    for who, addresses in PEOPLE.items()
    for start in range(0, len(addresses), SOME)
]
AXE = Axe()


def check(page: Page) -> None:
    """Both schemes and three widths, whatever the page holds now."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (360, 768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{page.url}: {wide} px on a screen of {width}"
            if width != 768:
                found = AXE.run(page)
                told = f"{page.url}, {scheme}, {width}: {found.generate_report()}"
                assert found.violations_count == 0, told


@pytest.mark.parametrize(("who", "addresses"), PAGES)
def test_a_page_has_no_barriers(who, addresses, full, page_of, request):
    page = page_of(None if who == "nobody" else request.getfixturevalue(who))
    for address in addresses:
        answer = page.goto(address.format(site=full))
        # Neither sent on to another page nor refused, or another than the named is looked at.
        assert answer.request.redirected_from is None, address
        assert answer.status == REFUSED.get((who, address), 200), address
        check(page)


@pytest.mark.expects_errors
@pytest.mark.parametrize(
    ("error", "status"), [(SuspiciousOperation, 400), (PermissionDenied, 403), (RuntimeError, 500)]
)
def test_a_page_about_an_error_has_no_barriers(error, status, page_of, monkeypatch):
    def fail(view):
        raise error

    monkeypatch.setattr(TagListView, "get_queryset", fail)
    page = page_of(None)
    assert page.goto("/tags/").status == status
    check(page)


def test_the_page_about_a_stale_form_has_no_barriers(page_of):
    page = page_of(None)
    page.goto("/accounts/login/")
    page.context.clear_cookies()
    page.eval_on_selector("main form", "form => form.submit()")
    page.get_by_role("heading", name="What you were about to send").wait_for()
    check(page)


def test_the_pages_of_a_long_list_have_no_barriers(write, page_of):
    for number in range(21):
        write(f"Post {number}", public=True, tags=["sun"])
    page = page_of(None)
    for address in ("/?page=2", "/tags/sun/?page=2"):
        page.goto(address)
        page.get_by_role("navigation", name="Pages").wait_for()
        check(page)


@pytest.mark.parametrize("address", ["/", "/tags/", "/authors/", "/archive/", "/search/?q=sun"])
def test_an_empty_site_has_no_barriers(address, page_of):
    page = page_of(None)
    page.goto(address)
    check(page)


@pytest.mark.parametrize(
    ("who", "address", "button"),
    [
        ("ada", "/studio/posts/new/", "Publish"),
        ("ada", "/studio/posts/new/", "Preview"),
        ("rita", "/posts/{site.post.slug}/", "Send comment"),
        ("rita", "/accounts/profile/", "Save profile"),
        (None, "/subscribe/", "Subscribe"),
    ],
)
def test_a_refused_form_has_no_barriers(who, address, button, full, page_of, request):
    page = page_of(who and request.getfixturevalue(who))
    page.goto(address.format(site=full))
    page.eval_on_selector_all("form", "all => all.forEach(form => form.noValidate = true)")
    page.get_by_role("button", name=button, exact=True).click()
    check(page)


def test_a_receipt_has_no_barriers(full, ada, page_of):
    page = page_of(ada)
    page.goto(f"/studio/posts/{full.draft.pk}/edit/")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("status").get_by_text("Everything that ran").wait_for()
    check(page)
    page.get_by_role("link", name="What happened last").click()
    page.get_by_role("heading", name="What happened").wait_for()
    page.get_by_text("Everything that ran").click()
    check(page)


def test_a_run_of_the_lab_has_no_barriers(ada, page_of):
    page = page_of(ada)
    page.goto("/studio/lab/")
    page.get_by_role("button", name="Run both").click()
    page.get_by_text("The naive form failed as described, and ours held.").wait_for()
    check(page)


def test_the_webhook_pages_have_no_barriers(live_server, olga, page_of):
    endpoint = Endpoint.objects.create(label=LONG[:100], url=f"https://hook.example/{'x' * 200}")
    call = Call.objects.create(endpoint=endpoint, event="1", kind="ping", body="y" * 300)
    Attempt.objects.create(call=call, milliseconds=1, status=200, excerpt="z" * 500)
    Attempt.objects.create(call=call, uncertain=True, error="e" * 300)
    page = page_of(olga)
    page.goto("/studio/webhooks/")
    check(page)
    page.get_by_role("link", name=endpoint.label).click()
    for summary in ("Show it", "What is sent"):
        page.get_by_text(summary).click()
    check(page)


def test_the_menu_opens_without_script_and_has_no_barriers(moss, page_of):
    page = page_of(moss)
    page.goto("/")
    page.get_by_role("button", name="moss").click()
    page.get_by_role("link", name="Moderation").wait_for()
    check(page)
