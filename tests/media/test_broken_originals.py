"""Originals that are broken or gone, and crashes between two files: no work for ever, no loss."""

import os
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from blog.models import Post
from blog.services import delete_post, edit_post
from media.renditions import rendition_name
from media.scaling import make_scaled, supported
from signalflow.leases import running
from signalflow.models import Delivery
from signalflow.testing import Crash, assert_nothing_left, failpoint, run_deliveries
from tests.photos import facts, photo, size
from tests.snapshots import files

pytestmark = pytest.mark.django_db(transaction=True)

RECEIVER = "media.receivers.make_renditions"


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def spoil(name: str, content: bytes) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(content))


BROKEN = {
    "truncated": lambda: photo().read()[:900],
    "empty": lambda: b"",
    "a page": lambda: b"<script>alert(1)</script>",
    "another format": lambda: photo(kind="TIFF").read(),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_original_is_skipped_with_a_reason(write, kind) -> None:
    post, fine = write("one", image=photo()), write("two", image=photo(60, 40))
    spoil(post.image.name, BROKEN[kind]())
    run_deliveries()
    assert_nothing_left()
    row = Delivery.objects.get(receiver=RECEIVER, state="skipped")
    assert post.image.name in row.error
    assert "formats" not in facts(post)
    assert "formats" in facts(fine)


def test_a_vanished_original_is_skipped(write) -> None:
    post = write(image=photo(60, 40))
    default_storage.delete(post.image.name)
    run_deliveries()
    assert_nothing_left()
    assert Delivery.objects.get(receiver=RECEIVER).state == "skipped"
    assert files() == {}


@pytest.mark.expects_errors
def test_a_storage_that_does_not_answer_is_asked_again(write, monkeypatch) -> None:
    post = write(image=photo(60, 40))

    def refuse(*args) -> None:
        raise OSError("no route to the storage")

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "open", refuse)
        run_deliveries()
    assert Delivery.objects.get(receiver=RECEIVER).state == "pending"
    run_deliveries(even_later=True)
    assert facts(post)["formats"] == supported()


@pytest.mark.parametrize("written", [1, 3])
def test_a_crash_between_two_files_is_made_good(write, written) -> None:
    post, count = write(image=photo(600, 300)), iter(range(1, 9))

    def crash() -> None:
        if next(count) == written:
            raise Crash

    with failpoint("rendition written", crash), pytest.raises(Crash):
        run_deliveries()
    assert len(files()) == 1 + written
    assert "formats" not in facts(post), "nothing is offered that may not be there"
    half = rendition_name(post.image.name, 480, supported()[0])
    spoil(half, b"half a file")
    Delivery.objects.filter(state="running").update(available_at=timezone.now())  # its lease ends
    run_deliveries()
    assert_nothing_left()
    assert size(half)[1] == (480, 240)
    assert len(files()) == 1 + 2 * len(supported())


def test_two_processes_at_one_original_leave_one_set_of_files(write, monkeypatch) -> None:
    post, delete = write(image=photo(60, 40)), default_storage.delete
    run_deliveries()
    before = files()

    def other_is_faster(name: str) -> None:
        if name not in before:
            delete(name)

    monkeypatch.setattr(default_storage, "delete", other_is_faster)
    make_scaled(post.image.name)
    assert files() == before


def test_long_work_keeps_its_delivery(write) -> None:
    ends = []

    def take_long() -> None:
        claim = running.get()
        assert claim is not None
        claim.renewed -= 3600
        ends.append(Delivery.objects.get(receiver=RECEIVER).available_at)

    write(image=photo(600, 300))
    with failpoint("rendition written", take_long):
        run_deliveries()
    assert len(ends) == len(set(ends)) == 2 * len(supported()), "renewed after every file"
    assert_nothing_left()


def test_an_original_let_go_of_meanwhile_leaves_nothing(write) -> None:
    post = write(image=photo(60, 40))
    with failpoint("rendition written", lambda: Post.objects.filter(pk=post.pk).update(image="")):
        run_deliveries()
    assert files() == {}


# -- what no row holds ---------------------------------------------------------------------------


def age(*names: str) -> None:
    long_ago = time.time() - 48 * 3600
    for name in names:
        os.utime(default_storage.path(name), (long_ago, long_ago))


def test_a_crash_whose_row_let_go_leaves_files_to_the_collector(write) -> None:
    post, kept = write(image=photo(600, 300)), write("kept", image=photo(60, 40))
    with failpoint("rendition written"), pytest.raises(Crash):
        run_deliveries()
    Post._base_manager.filter(pk=post.pk).update(image="")  # no signal, no released file
    Delivery.objects.filter(state="running").update(available_at=timezone.now())
    run_deliveries()
    assert_nothing_left()
    age(*files())
    call_command("media_gc")
    mine = {kept.image.name, *(rendition_name(kept.image.name, 480, kind) for kind in supported())}
    assert files().keys() == mine


def test_an_original_named_like_a_rendition_is_kept(write, ada) -> None:
    """Files that came from elsewhere may have any name."""
    post, other = write("one", image=photo(60, 40)), write("two")
    name = rendition_name(post.image.name, 960)
    default_storage.save(name, photo(70, 40, kind="WEBP"))
    Post._base_manager.filter(pk=other.pk).update(image=name)
    delete_post(post, by=ada)
    run_deliveries()
    age(*files())
    call_command("media_gc")
    assert files().keys() == {name}


def test_renditions_of_a_shared_file_stay_until_the_last_row_goes(write, ada) -> None:
    one, two = write("one", image=photo(600, 300)), write("two")
    edit_post(two, by=None, version=two.version, image=one.image.name)
    run_deliveries()
    before = files()
    edit_post(one, by=None, version=one.version, image="")
    run_deliveries()
    age(*files())
    call_command("media_gc")
    assert files() == before
    delete_post(two, by=ada)
    run_deliveries()
    assert files() == {}
