"""What people see of a conversation where they stand in it, without JavaScript."""

import pytest
from playwright.sync_api import expect

from comments.models import Comment
from comments.services import approve_comment, submit_comment
from tests.comments.test_paging import say

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_words_sent_are_seen_where_the_writer_is(write, rita, moss, page_of):
    post = write("On mirrors", public=True, body="Words.\n\n" * 900)
    rows = say(post, 120)
    reader = page_of(rita, java_script_enabled=False)
    reader.goto(f"/posts/on-mirrors/?comments={rows[60].pk}&reply={rows[70].pk}#reply")
    expect(reader.locator("#reply")).to_contain_text("You answer Reader 70")
    reader.get_by_label("Your comment").fill("Bright indeed")
    reader.get_by_role("button", name="Send comment").click()
    mine = reader.locator(".comment", has_text="Bright indeed")
    expect(mine).to_be_in_viewport()
    expect(mine).to_contain_text("It waits for a moderator; only you see it.")
    above = mine.locator("xpath=ancestor::ol[1]/preceding-sibling::article")
    expect(above).to_have_id(f"comment-{rows[70].pk}")

    # A moderator acts in the middle of it, and reads there how it ended.
    extra = submit_comment(post, author=rita, body="Cheap lamps", parent=rows[70])
    approve_comment(extra, by=None)
    moderator = page_of(moss, java_script_enabled=False)
    moderator.goto(f"/posts/on-mirrors/?comments={rows[60].pk}#comment-{extra.pk}")
    moderator.locator(f"#comment-{extra.pk}").get_by_role("button", name="Spam").click()
    expect(moderator.get_by_role("status")).to_be_in_viewport()
    expect(moderator.get_by_role("status")).to_contain_text("is in Spam")
    expect(moderator.locator(":target")).to_be_in_viewport()
    assert Comment.objects.get(pk=extra.pk).status == "spam"
