"""A post's life as people live it: through forms and buttons, each in a window of their own."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLE = "The lighthouse at noon"


def confirmed(user):
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    return user


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def draft(page: Page, title: str = TITLE) -> None:
    page.goto("/studio/posts/new/")
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Text").fill("At noon the **lamp** rests.")
    page.get_by_label("Tags").first.fill("lamps")
    page.get_by_label("Create tags that do not exist yet").check()


def links_to(page: Page, address: str, title: str = TITLE):
    page.goto(address)
    return page.locator("main").get_by_role("link", name=title)


def test_an_author_signs_in_writes_and_publishes_for_everybody(ada, page_of):
    confirmed(ada)
    author, reader = page_of(None), page_of(None)
    expect(links_to(reader, "/")).to_have_count(0)

    author.goto("/studio/")
    author.get_by_label("Login").fill("ada")
    author.locator("#id_password").fill("correct horse")
    author.locator("main").get_by_role("button", name="Sign In").click()
    expect(author.get_by_role("heading", name="Posts")).to_be_visible()

    draft(author)
    press(author, "Preview")
    expect(author.locator(".proof strong")).to_have_text("lamp")
    expect(links_to(reader, "/")).to_have_count(0)

    press(author, "Publish")
    expect(author.get_by_role("status")).to_contain_text("is public")
    now = timezone.now()
    for address in (
        "/",
        "/tags/lamps/",
        "/authors/ada/",
        f"/archive/{now.year}/{now.month}/",
        "/search/?q=lighthouse",
    ):
        expect(links_to(reader, address)).to_have_count(1)
    assert TITLE in reader.request.get("/feed/").text()


def test_a_comment_appears_once_a_moderator_has_approved_it(write, rita, moss, page_of):
    address = write(TITLE, public=True).get_absolute_url()
    reader, moderator, stranger = page_of(rita), page_of(moss), page_of(None)
    said = "I have *seen* it rest."

    reader.goto(address)
    reader.get_by_label("Your comment").fill(said)
    press(reader, "Send comment")
    expect(reader.get_by_text("It waits for a moderator")).to_be_visible()
    stranger.goto(address)
    expect(stranger.get_by_text("Nobody has said anything yet.")).to_be_visible()

    moderator.goto("/studio/comments/")
    press(moderator, "Approve")
    expect(moderator.get_by_text("Nothing waits here.")).to_be_visible()

    stranger.reload()
    expect(stranger.locator(".comment-body em")).to_have_text("seen")


def test_an_author_schedules_a_post_and_takes_it_back(ada, page_of):
    author, reader = page_of(ada), page_of(None)
    draft(author)
    tomorrow = timezone.localtime() + timedelta(days=1)
    author.get_by_label("Publish later, at").fill(tomorrow.strftime("%Y-%m-%dT%H:%M"))
    press(author, "Schedule")
    expect(author.get_by_role("status")).to_contain_text("will be public on")
    expect(author.locator(".writing-tools .state")).to_contain_text("Scheduled")
    expect(links_to(reader, "/")).to_have_count(0)

    press(author, "Back to draft")
    expect(author.locator(".writing-tools .state")).to_contain_text("Draft")


def test_an_author_withdraws_a_post_for_everybody_at_once(write, ada, page_of):
    post = write(TITLE, public=True)
    author, reader = page_of(ada), page_of(None)
    expect(links_to(reader, "/")).to_have_count(1)

    author.goto(f"/studio/posts/{post.pk}/edit/")
    press(author, "Withdraw")
    expect(author.locator(".writing-tools .state")).to_contain_text("Withdrawn")

    expect(links_to(reader, "/")).to_have_count(0)
    expect(links_to(reader, "/search/?q=lighthouse")).to_have_count(0)
    assert reader.goto(post.get_absolute_url()).status in {404, 410}
