"""The image drawn for a post without a picture: renewed, and gone with its reason."""

import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from accounts.services import update_profile
from blog.models import Post
from blog.services import delete_post, edit_post, hand_over, publish, unpublish
from blog.social_images import drawing
from blog.social_images.drawing import draw
from signalflow.models import Delivery
from signalflow.testing import Crash, assert_nothing_left, failpoint, run_deliveries
from tests.blog.public.test_search_engines import Head
from tests.blog.public.test_structured_data import told
from tests.photos import photo
from tests.snapshots import files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def drawn_image() -> str:
    """The name of the only post's image; it is a file, and no other is kept."""
    run_deliveries()
    name: str = Post.objects.get().social_image.name
    assert {each for each in files() if each.startswith("social_image/")} == (
        {name} if name else set()
    )
    return name


def edit(post: Post, **changes) -> None:
    edit_post(post, by=None, version=Post.objects.get(pk=post.pk).version, **changes)


def preview(post: Post) -> dict[str, str]:
    return Head(Client().get(post.get_absolute_url()).content.decode()).found


def test_a_published_post_shows_its_card(write) -> None:
    post = write("On mirrors", public=True)
    assert preview(post)["og:image"].endswith("/img/social_image.png"), "before the worker ran"
    name = drawn_image()
    found = preview(post)
    assert found["og:image"] == found["twitter:image"] == f"http://127.0.0.1:8000/media/{name}"
    assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")
    assert found["og:image:alt"] == "On mirrors"
    image = told("/posts/on-mirrors/")["BlogPosting"]["image"]
    assert image == {
        "@type": "ImageObject", "url": found["og:image"], "width": 1200, "height": 630
    }  # fmt: skip
    with default_storage.open(name) as file:
        drawn = Image.open(io.BytesIO(file.read()))
    assert (drawn.format, drawn.size) == ("PNG", (1200, 630))
    assert Client().get(f"/media/{name}").status_code == 200


def test_drafts_have_none(write) -> None:
    write("A draft")
    assert drawn_image() == ""


CHANGES = {
    "title": lambda post, other: edit(post, title="On lanterns"),
    "author's name": lambda post, other: update_profile(post.author, display_name="Countess"),
    "author": lambda post, other: hand_over(post, by=None, to=other),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_it_shows_renews_it(write, bruno, change) -> None:
    post = write(public=True)
    before = drawn_image()
    CHANGES[change](post, bruno)
    after = drawn_image()
    assert after not in {"", before}
    assert preview(post)["og:image"].endswith(after)


def test_what_it_does_not_show_leaves_it(write, ada) -> None:
    post = write(public=True)
    before = drawn_image()
    edit(post, body="Another text.", summary="Another summary.", tags=["sun"])
    update_profile(ada, bio="Counts.")
    assert drawn_image() == before


def test_a_picture_takes_its_place(write) -> None:
    post = write(public=True)
    assert drawn_image()
    edit(post, image=photo(600, 300), image_alt="A mirror")
    assert drawn_image() == ""
    found = preview(post)
    assert found["og:image"].endswith(Post.objects.get().image.name)
    assert (found["og:image:width"], found["og:image:alt"]) == ("600", "A mirror")
    edit(post, image="")
    assert drawn_image()


@pytest.mark.parametrize("act", [unpublish, delete_post])
def test_it_goes_with_the_public_post(write, act) -> None:
    post = write(public=True)
    assert drawn_image()
    act(post, by=None)
    run_deliveries()
    assert files() == {}
    assert_nothing_left()


def test_a_withdrawn_post_gets_it_back(write, ada) -> None:
    post = write(public=True)
    unpublish(post, by=ada)
    assert drawn_image() == ""
    publish(post, by=ada)
    assert drawn_image()


def test_a_change_while_it_was_drawn_wins(write, monkeypatch) -> None:
    post = write("Old title", public=True)

    def edited_meanwhile(*words: str) -> bytes | None:
        if words[0] == "Old title":
            edit(post, title="New title")
        return draw(*words)

    monkeypatch.setattr(drawing, "draw", edited_meanwhile)
    assert drawn_image()
    call_command("make_social_images", missing=True)
    assert_nothing_left()
    drawn = {name for name in files() if name.startswith("social_image/")}
    assert drawn == {Post.objects.get().social_image.name}


def test_a_crash_after_the_file_leaves_one_card(write) -> None:
    write(public=True)
    with failpoint("social image written"), pytest.raises(Crash):
        run_deliveries()
    assert Post.objects.get().social_image.name == ""
    Delivery.objects.filter(state="running").update(available_at=timezone.now())
    run_deliveries()
    assert_nothing_left()
    lost = files().keys() - {Post.objects.get().social_image.name}
    assert len(lost) == 1
    call_command("media_gc", hours=0)
    assert files().keys() == {Post.objects.get().social_image.name}


def test_a_command_makes_what_is_missing(write, capsys) -> None:
    post = write(public=True)
    Post.objects.update(social_image="", social_image_hash="")
    Delivery.objects.all().delete()
    call_command("make_social_images", missing=True)
    assert "1 posts have another image." in capsys.readouterr().out
    name = drawn_image()
    call_command("make_social_images", missing=True)
    assert drawn_image() == name
    default_storage.delete(name)
    call_command("make_social_images", missing=True)
    assert drawn_image() not in {"", name}, "the file was lost"
    name = drawn_image()
    call_command("make_social_images")
    assert drawn_image() not in {"", name}
    assert preview(post)["og:image:width"] == "1200"


# -- drawing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["x" * 200, "word " * 40, "i", "a\0b\u202ec\n", "Fire 🔥 & 👩‍💻"])
def test_any_title_of_latin_letters_can_be_drawn(title) -> None:
    content = draw(title, "Ada " * 60, "Site " * 60)
    assert content
    assert Image.open(io.BytesIO(content)).size == (1200, 630)


def test_what_no_face_can_write_has_no_card(monkeypatch, write) -> None:
    monkeypatch.setattr(drawing, "_FACES", ())
    for title in ("日本語", "العربية", "🔥🔥", "Ёлка", "Crème"):
        assert draw(title, "Ada", "Site") is None
    assert draw("Mirrors 🔥 — a “tale”", "Émile", "Ёлка")
    post = write("日本語", public=True)
    assert drawn_image() == ""
    assert preview(post)["og:image"].endswith("/img/social_image.png")


@settings(deadline=None, max_examples=60)
@given(title=st.text(max_size=200), author=st.text(max_size=40))
def test_no_title_breaks_it(title, author) -> None:
    draw(title, author, "Heliograph")


def test_reconcile_draws_what_no_signal_asked_for(write, capsys) -> None:
    post = write("On mirrors", public=True)
    call_command("reconcile", "--check")  # it waits for the worker: no difference
    first = drawn_image()
    Post._base_manager.update(title="On lanterns")
    with pytest.raises(CommandError):
        call_command("reconcile", "--check")
    assert f"social image of post {post.pk}: not up to date" in capsys.readouterr().out
    call_command("reconcile")
    assert drawn_image() not in {"", first}
    call_command("reconcile", "--check")
