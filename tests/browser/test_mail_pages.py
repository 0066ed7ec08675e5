"""What a reader does about mails: asks for some, is one too many, and ends them."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from listeners.notifications.models import Message, Subscription

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_reader_ends_a_mail_and_then_all_of_them(page_of, db) -> None:
    rows = [
        Subscription.objects.create(
            email="s@example.org", target=target, label=label, confirmed_at=timezone.now()
        )
        for target, label in (
            ("site", "all new posts"),
            ("tag:1", "the tag sun"),
            ("tag:2", "moon"),
        )
    ]
    mail = Message.objects.create(
        event="post:1:published",
        kind="post_published",
        recipient="s@example.org",
        data={"subscriptions": [row.pk for row in rows[:2]]},
    )
    page = page_of(None)
    page.goto(mail.unsubscribe_path())
    expect(page.get_by_role("listitem").filter(has_text="the tag sun")).to_be_visible()
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="This goes on")).to_be_visible()
    page.get_by_role("button", name="End everything").click()
    expect(page.get_by_text("Nothing else goes on.")).to_be_visible()
    assert not Subscription.objects.active().exists()


def test_one_too_many_keeps_what_was_typed(page_of, db, settings) -> None:
    settings.PUBLIC_MAILS_PER_NETWORK = 1
    page = page_of(None)
    for email in ("first@example.org", "second@example.org"):
        page.goto("/subscribe/")
        page.get_by_label("Your e-mail address").fill(email)
        page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_text("Too many mails were asked for.")).to_be_visible()
    expect(page.get_by_label("Your e-mail address")).to_have_value("second@example.org")
