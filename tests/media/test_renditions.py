"""Renditions: made once by the worker, in true sizes, and never a reason to fail for ever."""

from pathlib import Path

import pytest
from django.db import transaction
from PIL import features

from accounts.models import UserProfile
from accounts.services import update_profile
from blog.models import Post
from blog.services import create_post, delete_post, edit_post
from blog.services.writing import import_post
from media import scaling
from media.renditions import rendition_name
from media.scaling import supported
from signalflow.models import Delivery
from signalflow.operating import operations
from signalflow.rehearsal import rehearse
from signalflow.testing import assert_nothing_left, failpoint, run_deliveries
from tests.photos import facts, photo, size
from tests.snapshots import files

pytestmark = pytest.mark.django_db(transaction=True)

RECEIVER = "media.receivers.make_renditions"


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def edit(post: Post, **changes) -> None:
    edit_post(post, by=None, version=Post.objects.get(pk=post.pk).version, **changes)


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ((2000, 1000), {480: (480, 240), 960: (960, 480), 1600: (1600, 800)}),
        ((1200, 600), {480: (480, 240), 960: (960, 480), 1600: (1200, 600)}),
        ((960, 30), {480: (480, 15), 960: (960, 30)}),
        ((500, 1), {480: (480, 1), 960: (500, 1)}),
        ((20, 30), {480: (20, 30)}),
    ],
)
def test_sizes_are_true_and_never_above_the_original(write, original, expected) -> None:
    post = write(image=photo(*original))
    assert files().keys() == {post.image.name}, "not in the request"
    assert facts(post) == {
        "of": post.image.name,
        "width": original[0],
        "height": original[1],
        "bytes": post.image.size,
    }, "its size is known from the first page on"
    run_deliveries()
    made = {
        rendition_name(post.image.name, width, kind): (kind.upper(), pixels)
        for width, pixels in expected.items()
        for kind in supported()
    }
    assert {name: size(name) for name in files().keys() - {post.image.name}} == made
    assert facts(post)["widths"] == list(expected)
    assert facts(post)["formats"] == supported()


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("L", "JPEG"), ("CMYK", "JPEG"), ("LA", "PNG"), ("RGBA", "WEBP"), ("P", "PNG")],
)
def test_every_kind_of_original_has_renditions(write, mode, kind) -> None:
    post = write(image=photo(60, 40, mode, kind))
    run_deliveries()
    assert_nothing_left()
    assert size(rendition_name(post.image.name, 480)) == ("WEBP", (60, 40))


def test_an_older_pillow_makes_webp_alone(write, monkeypatch) -> None:
    check = features.check
    monkeypatch.setattr(features, "check", lambda name: name != "avif" and check(name))
    post = write(image=photo(600, 300))
    run_deliveries()
    assert facts(post)["formats"] == ["webp"]
    assert {name.rpartition(".")[2] for name in files()} == {"png", "webp"}


def test_imported_drafts_and_edited_posts_have_theirs(ada) -> None:
    post = import_post(ada, title="From elsewhere", body="x", image=photo(600, 300))
    run_deliveries()
    first = Post.objects.get().image.name
    assert facts(post)["of"] == first
    edit(post, image=photo(700, 300))
    between = facts(post)
    assert between["width"] == 700
    assert "formats" not in between, "those of the old one are not offered"
    run_deliveries()
    name = Post.objects.get().image.name
    assert files().keys() == {
        name,
        *(rendition_name(name, width, kind) for width in (480, 960) for kind in supported()),
    }


def test_other_edits_and_cleared_images_make_no_work(write) -> None:
    post = write(image=photo(60, 40))
    run_deliveries()
    done = Delivery.objects.filter(receiver=RECEIVER).count()
    edit(post, body="Another text.")
    edit(post, image=post.image.name, title="Another title")
    edit(post, image="")
    assert Delivery.objects.filter(receiver=RECEIVER).count() == done
    run_deliveries()
    assert files() == {}


def test_a_rollback_leaves_no_work(ada) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        create_post(ada, title="x", image=photo(60, 40))
        raise RuntimeError
    assert not Delivery.objects.filter(receiver=RECEIVER).exists()


def test_a_rehearsal_does_no_image_work(ada, write) -> None:
    post = write(image=photo(60, 40))
    before = files().keys()
    other = write("other")
    rehearse(lambda: edit(other, image=post.image.name))
    assert files().keys() == before
    assert facts(other) == {}


def test_the_second_of_two_rows_only_learns_what_is_there(write) -> None:
    one, two = write("one", image=photo(600, 300)), write("two")
    run_deliveries()
    edit(two, image=one.image.name)
    with failpoint("rendition written"):  # nothing is written, or this would crash
        run_deliveries()
    assert facts(two) == facts(one) != {}


def test_running_again_leaves_the_same_bytes(write, ada) -> None:
    post = write(image=photo(600, 300))
    update_profile(ada, avatar=photo(300, 200))
    run_deliveries()
    before = (files(), facts(post), UserProfile.objects.get(user=ada).avatar_renditions)
    scaling.make_scaled(post.image.name)
    assert operations.replay(RECEIVER, post.created_at)
    run_deliveries()
    assert (files(), facts(post), UserProfile.objects.get(user=ada).avatar_renditions) == before
    delete_post(post, by=ada)
    run_deliveries()
    assert {name.partition("/")[0] for name in files()} == {"userprofile"}
