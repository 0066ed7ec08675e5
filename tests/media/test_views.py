"""Uploads are handed out as files and never as pages."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.fixture
def uploads(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media").mkdir()
    (tmp_path / "secret_key").write_text("private")
    return settings.MEDIA_ROOT


def test_an_upload_cannot_run_anything(client: Client, uploads: Path) -> None:
    (uploads / "page.svg").write_text("<svg><script>alert(1)</script></svg>")
    response = client.get("/media/page.svg")
    assert b"".join(response.streaming_content).startswith(b"<svg>")
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/media/", 404),
        ("/media/none.jpg", 404),
        ("/media/../secret_key", 400),
        ("/media/%2e%2e/secret_key", 400),
    ],
)
def test_nothing_else_is_served(client: Client, uploads: Path, path: str, status: int) -> None:
    assert client.get(path).status_code == status
