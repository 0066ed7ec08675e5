"""The lives of stored files: named by us, removed with their row, and never before it."""

import io
import os
import re
import time
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from PIL import Image

from accounts.models import UserProfile
from accounts.services import update_profile
from blog.models import Post
from blog.services import delete_post, edit_post
from media.files import delete_unreferenced
from media.renditions import SQUARES, rendition_name
from media.scaling import supported
from signalflow.models import Delivery
from signalflow.testing import run_deliveries
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

NAME = re.compile(r"[a-z]+/[0-9a-f]{32}\.(jpg|png|webp)")


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def photo(name: str = "me.png", colour: str = "red") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/png")


def files() -> set[str]:
    root = Path(default_storage.location)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def with_renditions(name: str) -> set[str]:
    """A picture of ours and what the worker made of it."""
    return {name, *(rendition_name(name, 480, kind) for kind in supported())}


def set_avatar(user, colour: str = "red") -> str:
    update_profile(user, avatar=photo(colour=colour))
    return UserProfile.objects.get(user=user).avatar.name


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.png",
        '"><script>.png',
        "x" * 300 + ".png",
        "\u202egnp.exe.png",
        "a.html.png",
        "same.png",
        "..png",
    ],
)
def test_names_are_ours(client, ada, name) -> None:
    client.force_login(ada)
    for _ in range(2):
        form = {"display_name": "", "bio": "", "website": "", "avatar": photo(name)}
        assert client.post("/accounts/profile/", form).status_code == 302
        assert NAME.fullmatch(UserProfile.objects.get(user=ada).avatar.name)
    assert len(files()) == 2, "the second upload overwrote nothing"
    assert all(NAME.fullmatch(name) for name in files())


def test_a_page_in_disguise_is_a_sentence_in_the_form(client, ada) -> None:
    client.force_login(ada)
    page = SimpleUploadedFile("me.png", b"<script>alert(1)</script>", "image/png")
    answer = client.post("/accounts/profile/", {"avatar": page, "display_name": "Ada L."})
    assert answer.status_code == 200
    assert "not an image we can read" in answer.content.decode()
    assert "Ada L." in answer.content.decode()
    assert files() == set()
    assert not UserProfile.objects.get(user=ada).display_name


def test_a_replaced_avatar_goes_after_the_commit_by_the_worker(ada) -> None:
    old = set_avatar(ada)
    run_deliveries()
    new = set_avatar(ada, "blue")
    assert {old, new} <= files(), "no request deletes files"
    run_deliveries()
    expected = {new, *(rendition_name(new, side) for side in SQUARES)}
    assert files() == expected, "the variants of the old one went along"


def test_a_rollback_keeps_the_old_file(ada) -> None:
    old = set_avatar(ada)
    with pytest.raises(RuntimeError), transaction.atomic():
        set_avatar(ada, "blue")
        raise RuntimeError
    run_deliveries()
    assert UserProfile.objects.get(user=ada).avatar.name == old
    assert old in files()
    call_command("media_gc", hours=0)
    assert {name for name in files() if "-" not in name} == {old}, "and the unused new one goes"


def test_taking_the_avatar_off_removes_it(client, ada) -> None:
    set_avatar(ada)
    client.force_login(ada)
    client.post("/accounts/profile/", {"display_name": "", "avatar-clear": "on"})
    run_deliveries()
    assert UserProfile.objects.get(user=ada).avatar.name == ""
    assert files() == set()


def test_saving_the_profile_again_keeps_the_avatar(client, ada) -> None:
    name = set_avatar(ada)
    client.force_login(ada)
    client.post("/accounts/profile/", {"display_name": "Ada L."})
    run_deliveries()
    assert UserProfile.objects.get(user=ada).avatar.name == name
    assert name in files()


def test_the_files_of_a_person_go_with_the_person(rita) -> None:
    set_avatar(rita)
    run_deliveries()
    rita.delete()
    run_deliveries()
    assert files() == set()


def test_a_file_two_rows_share_stays_until_the_last_is_gone(write, ada) -> None:
    one, two = write("one", image=photo(), image_alt="red"), write("two")
    Post.objects.filter(pk=two.pk).update(image=one.image.name)
    delete_post(one, by=ada)
    run_deliveries()
    assert files() == with_renditions(one.image.name)
    delete_post(two, by=ada)
    run_deliveries()
    assert files() == set()


def test_a_replaced_picture_of_a_post_goes(write, ada) -> None:
    post = write(image=photo(), image_alt="red")
    old = post.image.name
    edit_post(post, by=ada, version=1, image=photo(colour="blue"), image_alt="blue")
    assert old in files()
    run_deliveries()
    assert files() == with_renditions(Post.objects.get().image.name)
    Post.objects.all().delete()
    run_deliveries()
    assert files() == set()


def test_a_stale_save_with_a_picture_takes_nothing_away(client, write, ada) -> None:
    post = write(image=photo(), image_alt="red")
    client.force_login(ada)
    form = {"title": "Mine", "body": "x", "version": "0", "image": photo(colour="blue")}
    assert client.post(f"/studio/posts/{post.pk}/edit/", form).status_code == 409
    run_deliveries()
    assert Post.objects.get().image.name in files()
    assert len({name for name in files() if "-" not in name}) == 2
    call_command("media_gc", hours=0)
    assert files() == with_renditions(Post.objects.get().image.name)


def test_avatar_variants_are_made_by_the_worker_and_again_harmlessly(ada) -> None:
    name = set_avatar(ada)
    assert files() == {name}, "not in the request"
    run_deliveries()
    for side in SQUARES:
        with default_storage.open(rendition_name(name, side)) as file, Image.open(file) as image:
            assert (image.format, image.size) == ("WEBP", (side, side))
    before = files()
    Delivery.objects.filter(receiver__endswith="make_renditions").update(state="pending")
    run_deliveries()
    assert files() == before


def test_an_avatar_that_vanished_stops_no_other_work(ada, rita) -> None:
    default_storage.delete(set_avatar(ada))
    name = set_avatar(rita)
    run_deliveries()
    assert rendition_name(name, 96) in files()
    again = set_avatar(ada, "blue")
    run_deliveries(even_later=True)
    assert rendition_name(again, 96) in files()


def test_only_old_orphans_are_collected(ada, capsys) -> None:
    kept = set_avatar(ada)
    run_deliveries()
    referenced = files()
    for name in ("post/orphan.png", "userprofile/orphan.webp", "stray.txt"):
        default_storage.save(name, photo())
    call_command("media_gc")
    assert len(files()) == len(referenced) + 3, "young files are kept"
    long_ago = time.time() - 48 * 3600
    for name in files():
        os.utime(default_storage.path(name), (long_ago, long_ago))
    call_command("media_gc")
    assert files() == referenced
    assert "3 files deleted" in capsys.readouterr().out
    assert kept in files()


def test_deleting_twice_or_nothing_is_harmless(ada) -> None:
    assert delete_unreferenced("") is False
    assert delete_unreferenced("post/never-was.png") is True
    assert delete_unreferenced(set_avatar(ada)) is False


def test_readers_and_strangers_upload_nothing_to_posts(write, rita) -> None:
    post = write()
    other = person("other", "Author")
    for user in (None, rita, other):
        client = Client()
        if user:
            client.force_login(user)
        for path in (f"/studio/posts/{post.pk}/edit/", "/studio/posts/new/"):
            if user == other and path.endswith("new/"):
                continue
            answer = client.post(path, {"title": "x", "body": "x", "image": photo()})
            assert answer.status_code in {302, 403, 404}
    assert files() == set()
