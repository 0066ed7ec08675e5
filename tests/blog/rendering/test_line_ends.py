"""Line ends: browsers send two characters for each, and count them as one."""

import importlib

import pytest
from django.apps import apps
from django.db import connection
from django.forms import Textarea
from django.test import Client

from accounts.forms import ProfileForm
from accounts.models import UserProfile
from accounts.services import update_profile
from accounts.text import MultilineField
from blog.models import BODY_LENGTH, Post, Revision
from blog.signals import post_edited
from blog.studio.forms import PostForm
from comments.forms import CommentForm
from comments.models import BODY_LENGTH as COMMENT_LENGTH
from comments.models import Comment
from signalflow.testing import captured

pytestmark = pytest.mark.django_db(transaction=True)

BODY = "One line,\nanother.\n\n    code\n"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent(form) -> dict[str, object]:
    """What a browser sends of a form as it was shown."""
    shown = {name: form[name].value() for name in form.fields}
    return {
        name: value.replace("\n", "\r\n") if isinstance(value, str) else value
        for name, value in shown.items()
        if value not in (None, False) and name != "image"
    }


def save_unchanged(client: Client, post: Post) -> None:
    address = f"/studio/posts/{post.pk}/edit/"
    typed = {**sent(client.get(address).context["form"]), "do": "save"}
    assert client.post(address, typed).status_code == 302


def test_opening_and_saving_changes_nothing(ada, write) -> None:
    post = write(public=True, body=BODY, summary="Two\nlines")
    before = Post.objects.filter(pk=post.pk).values().get()
    feed = Client().get("/feeds/posts/").content
    with captured(post_edited) as edits:
        save_unchanged(signed_in(ada), post)
    assert Post.objects.filter(pk=post.pk).values().get() == before
    assert (edits, Revision.objects.count()) == ([], 1)
    assert Client().get("/feeds/posts/").content == feed


def test_a_text_that_came_with_two_is_kept_with_one_by_whatever_door(ada, write) -> None:
    post = write(body="a\r\nb\rc")
    assert post.body == "a\nb\nc"
    update_profile(ada, bio="a\r\nb")
    assert UserProfile.objects.get(user=ada).bio == "a\nb"


def test_what_is_stored_with_two_is_put_right_once(ada, write) -> None:
    post = write(body="x")
    Post.objects.filter(pk=post.pk).update(body="a\r\nb\rc", summary="d\r\ne")
    UserProfile.objects.filter(user=ada).update(bio="f\r\ng")
    for app in ("blog.migrations.0009_line_ends", "accounts.migrations.0003_line_ends"):
        with connection.schema_editor() as editor:
            importlib.import_module(app).one_line_feed(apps, editor)
    post.refresh_from_db()
    assert (post.body, post.summary) == ("a\nb\nc", "d\ne")
    assert UserProfile.objects.get(user=ada).bio == "f\ng"
    save_unchanged(signed_in(ada), post)
    post.refresh_from_db()
    assert post.version == 1


def test_lengths_count_a_line_end_once(ada, rita, write) -> None:
    post = write(public=True)
    client = signed_in(ada)
    lines = "x\n" * ((COMMENT_LENGTH - 1) // 2) + "x"
    answer = signed_in(rita).post(
        f"/posts/{post.slug}/comments/", {"body": lines.replace("\n", "\r\n")}
    )
    assert answer.status_code == 302
    assert Comment.objects.get().body == lines
    form = PostForm({"title": "x", "body": "word word\r\n" * (BODY_LENGTH // 10)})
    assert form.is_valid(), form.errors
    bio = "a\r\n" * 500
    assert client.post("/accounts/profile/", {"bio": bio, "display_name": "Ada"}).status_code == 302


@pytest.mark.parametrize("form", [PostForm, ProfileForm, CommentForm])
def test_every_field_of_several_lines_is_one(form) -> None:
    several = [f for f in form().fields.values() if isinstance(f.widget, Textarea)]
    assert several
    assert all(isinstance(field, MultilineField) for field in several)


def test_the_first_line_of_a_text_keeps_its_spaces(ada) -> None:
    client = signed_in(ada)
    client.post("/studio/posts/new/", {"title": "x", "body": "    code\r\n", "do": "save"})
    assert Post.objects.get().body == "    code\n"
