"""An app that declares nothing: after every kind of write, no page of it is stale."""

from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client

from pagecache import Dependencies, current_generation, freshness, is_unchanged, pages, recording
from pagecache.generations import Unreachable
from pagecache.recording import declared_reads
from signalflow.models import Delivery
from tests.pagecache.gallery.models import Artist, Loan, Museum, Painting, Style
from tests.pagecache.gallery.urls import VIEWS

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.pagecache.gallery.urls"),
]

PATHS = [f"/{name}/" for name in VIEWS]


class RolledBack(Exception):
    pass


@pytest.fixture
def gallery() -> dict[str, Any]:
    turner, hokusai = Artist.objects.create(name="Turner"), Artist.objects.create(name="Hokusai")
    light, sea = Style.objects.create(name="light"), Style.objects.create(name="sea")
    tate, louvre = Museum.objects.create(name="Tate"), Museum.objects.create(name="Louvre")
    storm = Painting.objects.create(title="Storm", artist=turner, price=3)
    wave = Painting.objects.create(title="Wave", artist=hokusai, price=4)
    storm.styles.add(light, sea)
    loan = Loan.objects.create(painting=storm, museum=tate)
    return locals()


def built() -> dict[str, bytes]:
    """The pages as the database has them; the store is neither asked nor told."""
    with mock.patch.object(freshness, "generations", side_effect=Unreachable):
        return read()


def read() -> dict[str, bytes]:
    return {path: Client().get(path).content for path in PATHS}


def saved(row: Any, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@contextmanager
def undone() -> Any:
    """A savepoint that is rolled back."""
    with suppress(RolledBack), transaction.atomic():
        yield
        raise RolledBack


def nested(g: dict[str, Any]) -> None:
    with transaction.atomic():
        with undone():
            saved(g["storm"], title="Never")
            Museum.objects.create(name="Never")
        saved(g["storm"], title="Calm")


def nested_the_other_way(g: dict[str, Any]) -> None:
    with transaction.atomic():
        with transaction.atomic():
            saved(g["storm"], title="Calm")
        with undone():
            saved(g["wave"], title="Never")


def many_times(g: dict[str, Any]) -> None:
    with transaction.atomic():
        for number in range(3):
            with transaction.atomic():
                saved(g["wave"], price=number)


def of_all(g: dict[str, Any]) -> None:
    with undone():
        saved(g["storm"], title="Never")
        g["louvre"].delete()


def first_the_savepoint(g: dict[str, Any]) -> None:
    """What a rolled back savepoint wrote is written once more outside it."""
    with transaction.atomic():
        with undone():
            Painting.objects.filter(pk=g["wave"].pk).update(price=70)
        Painting.objects.filter(pk=g["wave"].pk).update(price=71)


UPSERT = {"update_conflicts": True, "unique_fields": ["name"], "update_fields": ["name"]}
UNCHANGED = {"of all that is undone", "set to the same"}
WRITES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "save": lambda g: saved(g["turner"], name="J. M. W. Turner"),
    "save one field": lambda g: (
        setattr(g["turner"], "name", "William"),
        g["turner"].save(update_fields=["name"]),
    ),
    "save a new row": lambda g: Artist(name="Vermeer").save(),
    "save without signals": lambda g: Artist(name="Raw").save_base(raw=True),
    "create": lambda g: Style.objects.create(name="fog"),
    "create below a parent": lambda g: g["turner"].paintings.create(title="Fog"),
    "get_or_create": lambda g: Artist.objects.get_or_create(name="Klee"),
    "update_or_create, new": lambda g: Artist.objects.update_or_create(name="Marc"),
    "update_or_create, old": lambda g: Painting.objects.update_or_create(
        {"price": 9}, title="Wave", artist=g["hokusai"]
    ),
    "delete": lambda g: g["louvre"].delete(),
    "delete with a cascade": lambda g: g["turner"].delete(),
    "delete with a null": lambda g: g["tate"].delete(),
    "delete of a linked row": lambda g: g["sea"].delete(),
    "delete by queryset": lambda g: Museum.objects.filter(name="Louvre").delete(),
    "delete by queryset, cascade": lambda g: Artist.objects.filter(name="Turner").delete(),
    "delete by a join": lambda g: Painting.objects.filter(artist__name="Hokusai").delete(),
    "delete in one statement": lambda g: Loan.objects.all()._raw_delete("default"),
    "update": lambda g: Painting.objects.update(title="Untitled"),
    "update by an expression": lambda g: Painting.objects.update(price=F("price") + 1),
    "update by a join": lambda g: Painting.objects.filter(styles__name="sea").update(price=50),
    "update of a key": lambda g: Painting.objects.update(artist=g["hokusai"]),
    "bulk_create": lambda g: Museum.objects.bulk_create([Museum(name="MoMA")] * 1),
    "bulk_create, conflicts": lambda g: Artist.objects.bulk_create(
        [Artist(name="Turner"), Artist(name="Munch")], **UPSERT
    ),
    "bulk_create, ignored": lambda g: Artist.objects.bulk_create(
        [Artist(name="Turner"), Artist(name="Goya")], ignore_conflicts=True
    ),
    "bulk_update": lambda g: Painting.objects.bulk_update(
        [Painting(pk=g["storm"].pk, price=8), Painting(pk=g["wave"].pk, price=8)], ["price"]
    ),
    "add": lambda g: g["wave"].styles.add(g["sea"]),
    "add from the other side": lambda g: g["sea"].paintings.add(g["wave"]),
    "create through": lambda g: g["wave"].styles.create(name="foam"),
    "remove": lambda g: g["storm"].styles.remove(g["sea"]),
    "remove from the other side": lambda g: g["sea"].paintings.remove(g["storm"]),
    "set": lambda g: g["storm"].styles.set([g["light"]]),
    "set from the other side": lambda g: g["light"].paintings.set([g["wave"]]),
    "set to the same": lambda g: g["storm"].styles.set([g["light"], g["sea"]]),
    "clear": lambda g: g["storm"].styles.clear(),
    "clear from the other side": lambda g: g["light"].paintings.clear(),
    "rows between": lambda g: Painting.styles.through.objects.create(
        painting=g["wave"], style=g["light"]
    ),
    "rows between, deleted": lambda g: Painting.styles.through.objects.all().delete(),
    "a model between": lambda g: Loan.objects.create(painting=g["wave"], museum=g["tate"]),
    "a model between, saved": lambda g: saved(g["loan"], year=1999),
    "add by a model between": lambda g: g["wave"].lenders.add(g["louvre"]),
    "remove by a model between": lambda g: g["storm"].lenders.remove(g["tate"]),
    "raw update": lambda g: run("update gallery_painting set title = 'Raw'"),
    "raw insert": lambda g: run("INSERT INTO gallery_museum (name) VALUES ('Raw')"),
    "raw delete": lambda g: run("/* all */ DELETE FROM gallery_loan"),
    "raw with": lambda g: run(
        "WITH those AS (SELECT id FROM gallery_style WHERE name = 'sea') "
        "UPDATE gallery_style SET name = 'ocean' WHERE id IN (SELECT id FROM those)"
    ),
    "nested": nested,
    "nested the other way": nested_the_other_way,
    "many times": many_times,
    "first the savepoint": first_the_savepoint,
    "of all that is undone": of_all,
}


@pytest.mark.parametrize("is_alone", [True, False], ids=["alone", "durably"])
@pytest.mark.parametrize("write", WRITES)
def test_after_every_write_no_page_is_stale(gallery, settings, write, is_alone) -> None:
    """By itself, and with what this site does to bring invalidations over a commit."""
    if is_alone:
        shared = ("DIRECTORY", "KEY", "PRAGMAS")
        settings.PAGECACHE = {name: settings.PAGECACHE[name] for name in shared}
    before = read()
    assert read() == before == built()
    assert all(pages.load(path, current_generation() or 0) for path in PATHS)
    WRITES[write](gallery)
    shown, true = read(), built()
    assert [path for path in PATHS if shown[path] != true[path]] == []
    assert (true == before) == (write in UNCHANGED)


def test_there_are_forty_kinds() -> None:
    assert len(WRITES) > 40


def noted(read: Callable[[], Any]) -> Dependencies:
    with recording() as recorded:
        read()
    return recorded


def test_what_is_read_without_a_word_is_a_dependency(gallery) -> None:
    named = noted(lambda: list(Painting.objects.select_related("artist")))
    assert named.tags == {"table:gallery_painting", "table:gallery_artist"}
    assert noted(lambda: Painting.objects.exists()).tags == {"table:gallery_painting"}
    linked = noted(lambda: list(gallery["storm"].styles.all()))
    assert linked.tags == {"table:gallery_style", "table:gallery_painting_styles"}


def test_who_says_what_he_reads_depends_on_no_table(gallery) -> None:
    def declared() -> None:
        with declared_reads():
            assert Painting.objects.count() == 2

    assert noted(declared).tags == set()


def test_a_page_that_shows_what_invalidations_write_is_not_stored() -> None:
    """Each ending of it would write there, and end it once more."""
    with recording() as recorded:
        list(Delivery.objects.all())
    assert recorded.expires_at == 0
    before = current_generation()
    Delivery.objects.update(attempts=1)
    assert current_generation() == before


def test_a_page_that_writes_while_it_is_built_depends_on_what_it_reads(gallery) -> None:
    def visit() -> None:
        Museum.objects.filter(name="Tate").update(name="Tate Britain")
        Style.objects.count()

    assert noted(visit).tags == {"table:gallery_style"}


def test_what_no_page_has_read_ends_nothing(gallery) -> None:
    assert Client().get("/total/").status_code == 200
    before = current_generation()
    Museum.objects.create(name="Prado")
    saved(gallery["turner"], name="William")
    assert current_generation() == before
    saved(gallery["storm"], price=5)
    assert current_generation() != before


@pytest.mark.expects_errors
def test_a_page_whose_tables_nobody_can_be_told_of_is_not_shown_twice(gallery) -> None:
    with mock.patch("pagecache.statements.watch", side_effect=OSError):
        assert b"7" in Client().get("/total/").content
    assert pages.load("/total/", current_generation() or 0) is None


@pytest.mark.expects_errors
def test_a_write_that_cannot_be_told_makes_every_process_distrust(gallery) -> None:
    read()
    with mock.patch("pagecache.statements.watched", side_effect=OSError):
        saved(gallery["storm"], price=90)
    assert read() == built()


def test_a_page_read_before_a_commit_is_old_after_it(gallery) -> None:
    """Nobody had read the table when it was written: the mark comes before the commit."""
    with transaction.atomic():
        saved(gallery["storm"], price=90)
        before = current_generation()
        tags = noted(Painting.objects.count).tags
    assert tags == {"table:gallery_painting"}
    assert before is not None
    assert not is_unchanged([*tags], before, current_generation())
