"""Probes learn whether the process lives and whether the site is ready."""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config.run import health


def test_alive_needs_no_service(client: Client) -> None:
    response = client.get("/healthz/")
    assert response.json() == {"status": "ok"}
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_names_every_part(client: Client) -> None:
    response = client.get("/healthz/ready/")
    assert response.status_code == 200
    told = response.json()
    assert told.pop("mail")["status"] == "ok"
    assert told == {"status": "ok", "database": "ok", "cache": "ok", "migrations": "ok"}
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.expects_errors  # Django logs every 503
def test_a_missing_migration_is_counted(client: Client) -> None:
    applied = MigrationRecorder(connection).migration_qs
    applied.filter(app="sessions").delete()
    response = client.get("/healthz/ready/")
    assert response.status_code == 503
    assert response.json()["migrations"] == "1 unapplied"


@pytest.mark.django_db
@pytest.mark.expects_errors  # Django logs every 503
def test_a_broken_part_is_named_without_its_details(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OperationalError("could not reach db.internal as user blog")

    monkeypatch.setitem(health.PROBES, "database", broken)
    response = client.get("/healthz/ready/")
    assert response.status_code == 503
    assert response.json()["database"] == "unavailable"
    assert "mail" in response.json()
    assert "db.internal" not in response.text


@pytest.mark.django_db
@pytest.mark.expects_errors  # Django logs every 503
def test_a_cache_that_forgets_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.cache, "set", lambda *_: None)
    response = client.get("/healthz/ready/")
    assert response.status_code == 503
    assert response.json()["cache"] == "loses what is written"


def test_probes_only_read(client: Client) -> None:
    assert client.post("/healthz/").status_code == 405
