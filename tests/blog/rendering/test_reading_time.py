"""How long a post takes is stored with its text, because lists leave the text in the database."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client

from blog.models import Post
from blog.services import edit_post, feature, import_post

pytestmark = pytest.mark.django_db(transaction=True)

SHORT, LONG = "Light. " * 20, "word " * 1150  # one minute, five minutes


def page(path: str) -> str:
    return " ".join(Client().get(path).content.decode().split())


@pytest.mark.parametrize("path", ["/", "/tags/sun/", "/authors/ada/", "/search/?q=long"])
def test_lists_tell_how_long_a_post_takes(path: str, write) -> None:
    write("A long one", body=LONG, tags=["sun"], public=True)
    assert "<span>5 minutes</span>" in page(path)


def test_a_featured_post_tells_it_too(write, edith) -> None:
    feature(write("A short one", body=SHORT, public=True), by=edith)
    assert "<span>1 minute</span>" in page("/")


def test_an_edit_changes_it_everywhere(write, ada) -> None:
    post = write("On mirrors", body=SHORT, public=True)
    assert "· 1 minute " in page(post.get_absolute_url())
    edit_post(post, by=ada, version=post.version, body=LONG)
    assert post.reading_minutes == 5
    assert "· 5 minutes " in page(post.get_absolute_url())
    assert "<span>5 minutes</span>" in page("/")


@pytest.mark.parametrize(
    ("body", "minutes"),
    [
        ("光在镜中回来。夜里也能看见。" * 84, 3),  # 1,176 characters without a space
        ("鏡の中で光は返ってくる。" * 98, 3),
        ("# 光\n\n" + LONG + "光" * 782, 7),
        ("빛은 거울에서 돌아온다 " * 230, 3),  # Korean has spaces
    ],
)
def test_scripts_without_spaces_take_time_too(write, body: str, minutes: int) -> None:
    write("On mirrors", body=body, public=True)
    assert f"<span>{minutes} minutes</span>" in page("/")


def test_an_imported_post_has_it(ada) -> None:
    import_post(ada, title="From elsewhere", body=LONG, source="x:1")
    assert Post.objects.get().reading_minutes == 5


def test_a_text_written_past_the_doors_gets_it_when_it_is_found(write) -> None:
    write("On mirrors", body=LONG)
    Post._base_manager.update(reading_minutes=1)
    call_command("reconcile", verbosity=0)
    assert Post.objects.get().reading_minutes == 5


def test_the_migration_computes_it_for_what_was_there(write, monkeypatch) -> None:
    migration = import_module("blog.migrations.0006_reading_minutes")
    monkeypatch.setattr(migration, "CHUNK", 2)
    expected = {write(f"Post {n}", body="word " * 230 * n).pk: max(1, n) for n in range(5)}
    Post._base_manager.update(reading_minutes=1)
    with connection.schema_editor() as editor:
        migration.compute(apps, editor)
    assert dict(Post.objects.values_list("pk", "reading_minutes")) == expected
