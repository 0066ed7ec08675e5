"""Disks and databases that take nothing: what a person typed comes back with a sentence."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts.models import User, UserProfile
from blog.models import Post
from blog.services import delete_post, unpublish
from comments.models import Comment
from tests.photos import photo

pytestmark = pytest.mark.django_db(transaction=True)

OURS = {"HTTP_SEC_FETCH_SITE": "same-origin"}
TEXT = "A long thought & “quotes”.\n\nSecond paragraph."

NO_MORE = {
    "sqlite": "PRAGMA query_only=ON",
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
}
AGAIN = {
    "sqlite": "PRAGMA query_only=OFF",
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
}


@pytest.fixture
def no_media(settings, tmp_path: Path) -> Path:
    """A place for uploads that takes none, from root neither; returns it."""
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = str(tmp_path / "file" / "media")
    return tmp_path / "file"


@pytest.fixture
def read_only() -> Iterator[None]:
    """The database lets nobody write."""
    with connection.cursor() as cursor:
        cursor.execute(NO_MORE[connection.vendor])
    yield
    with connection.cursor() as cursor:
        cursor.execute(AGAIN[connection.vendor])


def picture() -> SimpleUploadedFile:
    return photo(80, 40)


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.expects_errors
def test_a_post_whose_picture_finds_no_room_comes_back_whole(ada, no_media: Path) -> None:
    client = signed_in(ada)
    typed = {"title": "On lenses", "body": TEXT, "do": "save", "image": picture()}
    answer = client.post("/studio/posts/new/", typed)
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "The site could not keep this picture" in page
    assert TEXT in page.replace("\r\n", "\n")
    assert "On lenses</textarea>" in page
    assert not Post.objects.filter(title="On lenses").exists()

    del typed["image"]
    assert client.post("/studio/posts/new/", typed).status_code == 302, "without the picture"


@pytest.mark.expects_errors
def test_a_new_picture_of_a_post_that_finds_no_room_changes_nothing(
    ada, write, no_media: Path
) -> None:
    post = write("On prisms")
    typed = {"title": "On prisms", "body": TEXT, "do": "save", "version": str(post.version)}
    answer = signed_in(ada).post(f"/studio/posts/{post.pk}/edit/", typed | {"image": picture()})
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "The site could not keep this picture" in page
    assert TEXT in page.replace("\r\n", "\n")
    assert f'value="{post.version}"' in page, "the next save is not called stale"


@pytest.mark.expects_errors
def test_a_profile_whose_avatar_finds_no_room_comes_back_whole(ada, no_media: Path) -> None:
    typed = {"display_name": "Ada L.", "bio": "Counts things.", "avatar": picture()}
    answer = signed_in(ada).post("/accounts/profile/", typed)
    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert "The site could not keep this picture" in page
    assert "Counts things." in page
    assert 'value="Ada L."' in page
    assert UserProfile.objects.get(user=ada).bio != "Counts things."


def carried(answer) -> dict[str, str]:
    page = answer.content.decode()
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in hidden}


@pytest.mark.expects_errors
def test_a_post_that_cannot_be_written_down_is_kept_on_the_page(ada, request) -> None:
    client = signed_in(ada)
    request.getfixturevalue("read_only")
    typed = {"title": "On dust", "body": TEXT, "tags": "", "do": "save"}
    answer = client.post("/studio/posts/new/", typed, **OURS)
    assert answer.status_code == 503
    assert "This could not be kept" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert carried(answer)["body"].replace("\r\n", "\n") == TEXT
    assert carried(answer)["title"] == "On dust"


@pytest.mark.expects_errors
def test_a_comment_that_cannot_be_written_down_can_be_sent_again(ada, write, request) -> None:
    post, client = write("On haze", public=True), signed_in(ada)
    address = f"/posts/{post.slug}/comments/"
    request.getfixturevalue("read_only")
    answer = client.post(address, {"body": TEXT}, **OURS)
    assert answer.status_code == 503
    with connection.cursor() as cursor:
        cursor.execute(AGAIN[connection.vendor])
    assert client.post(address, carried(answer), **OURS).status_code in {200, 302}
    assert Comment.objects.get(post=post).body.replace("\r\n", "\n") == TEXT


@pytest.mark.expects_errors
def test_what_another_site_sent_is_not_given_back(ada, request) -> None:
    client = signed_in(ada)
    client.raise_request_exception = False
    request.getfixturevalue("read_only")
    answer = client.post(
        "/studio/posts/new/", {"title": "x", "body": TEXT}, HTTP_SEC_FETCH_SITE="cross-site"
    )
    assert answer.status_code == 500
    assert TEXT not in answer.content.decode()


def test_a_comment_on_a_post_that_was_withdrawn_comes_back(ada, rita, write) -> None:
    post, client = write("On prisms", public=True), signed_in(rita)
    client.get("/posts/on-prisms/")
    unpublish(post, by=ada)
    answer = client.post("/posts/on-prisms/comments/", {"body": TEXT}, **OURS)
    assert answer.status_code == 404
    assert TEXT in unescape(answer.content.decode()).replace("\r\n", "\n")


def test_a_text_of_a_post_that_was_deleted_comes_back(ada, write) -> None:
    post, client = write("On prisms"), signed_in(ada)
    address = f"/studio/posts/{post.pk}/edit/"
    client.get(address)
    delete_post(post, by=ada)
    typed = {"title": "On prisms", "body": TEXT, "do": "save", "version": "1"}
    answer = client.post(address, typed, **OURS)
    assert answer.status_code == 404
    assert TEXT in unescape(answer.content.decode()).replace("\r\n", "\n")


def test_a_text_of_somebody_who_may_not_write_any_more_comes_back(ada) -> None:
    client = signed_in(ada)
    client.get("/studio/posts/new/")
    User.groups.through.objects.filter(user=ada).delete()
    typed = {"title": "On prisms", "body": TEXT, "do": "save"}
    answer = client.post("/studio/posts/new/", typed, **OURS)
    assert answer.status_code == 403
    assert TEXT in unescape(answer.content.decode()).replace("\r\n", "\n")
    for stranger in ({}, {"HTTP_SEC_FETCH_SITE": "cross-site"}):
        elsewhere = client.post("/studio/posts/new/", typed, **stranger).content.decode()
        assert "A long thought" not in elsewhere


def test_what_somebody_else_typed_here_is_not_shown(ada, rita, write) -> None:
    post, client = write("On prisms"), signed_in(ada)
    address = f"/studio/posts/{post.pk}/edit/"
    client.get(address)
    client.force_login(rita)
    answer = client.post(address, {"title": "On prisms", "body": TEXT, "do": "save"}, **OURS)
    assert answer.status_code == 403
    assert "A long thought" not in answer.content.decode()
