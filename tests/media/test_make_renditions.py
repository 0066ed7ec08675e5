"""The command for sites that upgrade, or whose sizes and formats changed."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import UserProfile
from accounts.services import update_profile
from blog.models import Post
from listeners.audit.models import AuditEntry
from media import scaling
from media.renditions import rendition_name
from signalflow.models import Heartbeat
from signalflow.testing import run_deliveries
from tests.photos import facts, photo
from tests.snapshots import files

LACKING = "not in every size and format"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def old_site(write, ada) -> Post:
    """As an upgrade finds it: pictures, and nothing known of them."""
    post = write("The lamp", image=photo(600, 300), image_alt="A lamp.", public=True)
    update_profile(ada, avatar=photo(300, 200))
    run_deliveries()
    for name in files():
        if "-" in name:
            default_storage.delete(name)
    Post._base_manager.update(image_renditions={})
    UserProfile.objects.update(avatar_renditions={})
    return post


def test_an_upgrade_is_one_command(old_site, capsys) -> None:
    Client().get("/posts/the-lamp/")  # kept for anonymous readers
    call_command("make_renditions", missing=True)
    assert capsys.readouterr().out == "2 originals have their renditions, 0 cannot be read.\n"
    html = Client().get("/posts/the-lamp/").content.decode()
    assert "-960.webp 600w" in html
    assert "-192.webp 192w" in html
    before = files()
    call_command("make_renditions", missing=True)
    assert capsys.readouterr().out.startswith("0 originals")
    call_command("make_renditions")
    assert capsys.readouterr().out.startswith("2 originals")
    assert files() == before


def test_without_missing_lost_files_come_back(old_site) -> None:
    call_command("make_renditions")
    before = files()
    default_storage.delete(rendition_name(old_site.image.name, 480))
    call_command("make_renditions", missing=True)
    assert files() != before
    call_command("make_renditions")
    assert files() == before


def test_a_format_that_became_possible_is_missing(old_site, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(scaling.features, "check", lambda name: name == "webp")
        call_command("make_renditions", missing=True)
        assert facts(old_site)["formats"] == ["webp"]
    call_command("make_renditions", missing=True)
    assert facts(old_site)["formats"] == scaling.supported()


def test_what_cannot_be_read_is_named_and_stops_nothing(old_site, write, capsys) -> None:
    gone = write("gone", image=photo(60, 40))
    default_storage.delete(gone.image.name)
    with pytest.raises(CommandError) as refused:
        call_command("make_renditions", missing=True)
    assert refused.value.returncode == 1
    told = capsys.readouterr()
    assert told.out == "2 originals have their renditions, 1 cannot be read.\n"
    assert told.err.startswith(gone.image.name)
    assert "formats" in facts(old_site)


# -- reconcile -----------------------------------------------------------------------------------


def test_reconcile_makes_what_no_signal_asked_for(old_site, capsys) -> None:
    with pytest.raises(CommandError, match="2 differences found"):
        call_command("reconcile", "--check")
    found = capsys.readouterr().out
    assert f"picture {old_site.image.name}: {LACKING}" in found
    call_command("reconcile")
    assert "-960.webp 600w" in Client().get("/posts/the-lamp/").content.decode()
    call_command("reconcile", "--check")


def test_what_waits_for_the_worker_is_no_difference(write) -> None:
    write("new", image=photo(60, 40))
    call_command("reconcile", "--check")


def test_what_reconcile_cannot_correct_needs_a_person(old_site, capsys) -> None:
    default_storage.delete(old_site.image.name)
    avatar = UserProfile.objects.exclude(avatar="").get().avatar.name
    for _ in range(2):
        with pytest.raises(CommandError, match="1 not; these need a person"):
            call_command("reconcile")
    told = capsys.readouterr()
    assert told.err.splitlines() == 2 * [f"Not corrected: picture {old_site.image.name}: {LACKING}"]
    assert told.out.splitlines() == [f"picture {avatar}: {LACKING}"]
    beat = Heartbeat.objects.get(name="reconcile")
    assert (beat.text, beat.healthy) == ("0 differences corrected, 1 not", False)
    assert AuditEntry.objects.filter(verb="repaired").count() == 1, "the avatar, once"


# -- shared files --------------------------------------------------------------------------------


def test_both_rows_of_a_shared_file_learn_it(old_site, write) -> None:
    other = write("other")
    Post._base_manager.filter(pk=other.pk).update(image=old_site.image.name)
    call_command("make_renditions", missing=True)
    assert facts(other) == facts(old_site)
    Post._base_manager.filter(pk=other.pk).update(image_renditions={})
    call_command("make_renditions", missing=True)
    assert facts(other) == facts(old_site)
