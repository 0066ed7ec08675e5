"""Sessions that end between a form and its button, in a real browser."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from blog.models import Post
from comments.models import Comment
from comments.services import submit_comment
from listeners.webhooks.models import Endpoint

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def sign_in(page: Page, user) -> None:
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    expect(page.get_by_role("heading", name="Sign in to go on")).to_be_visible()
    page.get_by_label("Login").fill(user.username)
    page.locator("#id_password").fill("correct horse")
    press(page, "Sign in")


def test_a_comment(write, rita, page_of) -> None:
    reader = page_of(rita)
    reader.goto(write(public=True).get_absolute_url())
    said = 'First line\n\n<b>second</b> & "third"'
    reader.get_by_label("Your comment").fill(said)
    Session.objects.all().delete()
    press(reader, "Send comment")
    sign_in(reader, rita)
    expect(reader.locator(".typed")).to_contain_text("<b>second</b>")
    reader.reload()  # which sends the sign-in form once more, with a token that is old by now
    expect(reader.locator(".typed")).to_contain_text("<b>second</b>")
    assert not Comment.objects.exists()
    press(reader, "Send comment")
    expect(reader.get_by_text("It waits for a moderator")).to_be_visible()
    assert Comment.objects.get().body.replace("\r\n", "\n") == said


@pytest.mark.parametrize("button", ["Save draft", "Publish"])
def test_a_post(write, ada, page_of, button) -> None:
    draft, author = write(), page_of(ada)
    author.goto(f"/studio/posts/{draft.pk}/edit/")
    author.get_by_label("Title", exact=True).fill("By lamplight")
    author.get_by_label("Text").fill("An hour's work.\n\n## And more")
    Session.objects.all().delete()
    press(author, button)
    sign_in(author, ada)
    assert Post.objects.get().title == "On mirrors"
    press(author, button.removesuffix(" draft"))
    expect(author.get_by_label("Title", exact=True)).to_have_value("By lamplight")
    post = Post.objects.get()
    assert post.body.replace("\r\n", "\n") == "An hour's work.\n\n## And more"
    assert post.is_public == (button == "Publish")


def test_buttons_of_the_studio(write, ada, rita, olga, page_of) -> None:
    comment = submit_comment(write(public=True), author=rita, body="Yes.")
    draft, page = write("A draft", author=olga), page_of(olga)

    page.goto("/studio/comments/")
    Session.objects.all().delete()
    press(page, "Approve")
    sign_in(page, olga)
    press(page, "Approve")
    expect(page.get_by_role("heading", name="Comments")).to_be_visible()
    comment.refresh_from_db()
    assert comment.status == "approved"

    page.goto("/studio/")
    page.get_by_label("Choose “A draft”").check()
    Session.objects.all().delete()
    press(page, "Publish the chosen posts now")
    sign_in(page, olga)
    expect(page.get_by_role("heading", name="Publish 1 post")).to_be_visible()
    press(page, "Publish")
    expect(page.get_by_role("status")).to_contain_text("1 published")
    assert Post.objects.get(pk=draft.pk).is_public

    page.goto("/studio/webhooks/")
    page.get_by_label("Label").fill("Deploys")
    page.get_by_label("Address").fill("http://192.0.2.1/hook")
    Session.objects.all().delete()
    press(page, "Add this webhook")
    sign_in(page, olga)
    expect(page.locator(".typed")).to_contain_text("http://192.0.2.1/hook")
    press(page, "Add this webhook")
    expect(page.get_by_label("Label")).to_have_value("Deploys")
    assert not Endpoint.objects.exists()  # refused by its own form, with everything in it


def test_a_token_that_another_window_renewed(write, rita, ada, page_of) -> None:
    reader = page_of(rita)
    reader.goto(write(public=True).get_absolute_url())
    reader.get_by_label("Your comment").fill("Not lost.")
    context = reader.context
    cookies = [c for c in context.cookies() if c["name"] != "csrftoken"]
    context.clear_cookies()
    context.add_cookies(cookies)
    press(reader, "Send comment")
    expect(reader.locator(".typed")).to_contain_text("Not lost.")
    press(reader, "Send comment")
    expect(reader.get_by_text("It waits for a moderator")).to_be_visible()

    reader.get_by_label("Your comment").fill("Rita's own words.")
    other = context.new_page()
    other.goto("/accounts/logout/")
    press(other, "Sign Out")
    press(reader, "Send comment")
    sign_in(reader, ada)
    expect(reader.get_by_role("heading", name="Somebody else typed this")).to_be_visible()
    expect(reader.get_by_text("own words")).to_have_count(0)
    press(reader, "Sign out, and sign in as them")
    sign_in(reader, rita)
    expect(reader.locator(".typed")).to_contain_text("Rita's own words.")
    assert Comment.objects.count() == 1
