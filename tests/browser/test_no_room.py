"""Disk and database take nothing, in a real browser: the person goes on where they were."""

import pytest
from django.db import OperationalError
from playwright.sync_api import expect

from blog.models import Post
from comments import views
from comments.models import Comment
from comments.services import submit_comment
from tests.photos import photo

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.expects_errors]

TEXT = 'First line\n\n<b>second</b> & "third"'


def test_a_picture_that_finds_no_room(ada, page_of, settings, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = str(tmp_path / "file" / "media")
    picture = photo(80, 40)
    author = page_of(ada)
    author.goto("/studio/posts/new/")
    author.get_by_label("Title", exact=True).fill("On lenses")
    author.get_by_label("Text").fill(TEXT)
    chosen = {"name": "x.png", "mimeType": "image/png", "buffer": picture.read()}
    author.locator("input[type=file]").set_input_files(chosen)
    author.locator("main").get_by_role("button", name="Save draft", exact=True).click()
    expect(author.locator("main")).to_contain_text("The site could not keep this picture")
    expect(author.get_by_label("Text")).to_have_value(TEXT)
    author.locator("main").get_by_role("button", name="Save draft", exact=True).click()
    expect(author.get_by_label("Title", exact=True)).to_have_value("On lenses")
    assert Post.objects.get().body.replace("\r\n", "\n") == TEXT


def test_a_comment_that_cannot_be_written_down(write, rita, page_of, monkeypatch) -> None:
    full = [True]

    def submit(*args, **kwargs) -> Comment:
        if full:
            full.pop()
            raise OperationalError("database or disk is full")
        return submit_comment(*args, **kwargs)

    monkeypatch.setattr(views, "submit_comment", submit)
    reader = page_of(rita)
    reader.goto(write(public=True).get_absolute_url())
    reader.get_by_label("Your comment").fill(TEXT)
    reader.get_by_role("button", name="Send comment").click()
    expect(reader.get_by_role("heading", name="This could not be kept")).to_be_visible()
    expect(reader.locator(".typed")).to_contain_text("<b>second</b>")
    assert not Comment.objects.exists()
    reader.get_by_role("button", name="Send it again").click()
    expect(reader.get_by_role("heading", name="This could not be kept")).not_to_be_visible()
    assert Comment.objects.get().body.replace("\r\n", "\n") == TEXT
