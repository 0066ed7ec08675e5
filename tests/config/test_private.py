"""What the site writes is closed to everybody else on the machine, and old data is closed too."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config import private
from config.checks import data_is_private
from tests.config.run.running import ROOT, child_of, eventually, serves


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_ones(directory: Path) -> list[str]:
    """What somebody who may enter the directory could read."""
    below = [path for path in directory.rglob("*") if mode(path) & private.EVERYBODY]
    return [str(path.relative_to(directory)) for path in below]


def manage(directory: Path, *command: str, umask: int = 0o022, **environment: str) -> str:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=kept | {"DATA_DIR": str(directory)} | environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
        umask=umask,
    )
    return done.stdout + done.stderr


@pytest.mark.slow
def test_a_new_site_is_closed_whatever_the_umask(tmp_path: Path) -> None:
    data, database = tmp_path / "data", tmp_path / "blog.sqlite3"
    manage(data, "migrate", "-v0", umask=0, DATABASE_URL=f"sqlite:///{database}")
    assert mode(data) == 0o700
    assert not mode(database) & private.EVERYBODY, "a database elsewhere too"
    assert {path.name for path in data.iterdir()} >= {"secret_key"}


@pytest.mark.slow
def test_a_site_of_before_is_closed_with_its_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for folder in ("media/post", "static/css", "cache"):
        (data / folder).mkdir(parents=True)
    (data / "heliograph.sqlite3").touch()
    (data / "media/post/x.png").touch()
    for path in (data, *data.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    manage(data, "help")
    assert mode(data) == 0o750, "its group keeps what it had"
    assert mode(data / "media") == mode(data / "static") == 0o750
    assert mode(data / "heliograph.sqlite3") == 0o640


@pytest.mark.slow
@pytest.mark.parametrize("of_others", ["notes.txt", ""])
def test_what_is_somebody_elses_stays_as_it_is(tmp_path: Path, of_others: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shared = 0o755 if of_others else 0o1777  # with files of others in it, or sticky as /tmp
    if of_others:
        (data / of_others).touch()
        (data / of_others).chmod(0o644)
    (data / "media").mkdir(mode=0o755)
    data.chmod(shared)
    manage(data, "help")
    assert mode(data) == shared
    assert mode(data / "media") == 0o750
    if of_others:
        assert mode(data / of_others) == 0o644


@pytest.mark.slow
def test_what_make_run_writes_is_closed(
    supervised: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    assert eventually(lambda: serves(int(environment["PORT"])))
    assert eventually(lambda: child_of(supervised.pid, "signals work") is not None)
    data = Path(environment["DATA_DIR"])
    assert mode(data) & private.EVERYBODY == 0
    assert open_ones(data) == []
    status = Path(f"/proc/{supervised.pid}/status")
    if status.exists():
        assert "Umask:\t0077" in status.read_text()


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_proxy_in_the_group_reads_uploads_and_nobody_else(
    settings, tmp_path: Path, umask: int
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    before = os.umask(umask)
    try:
        name = default_storage.save("post/x.png", ContentFile(b"x"))
    finally:
        os.umask(before)
    assert mode(tmp_path / "media" / name) == 0o640
    assert mode(tmp_path / "media" / "post") == 0o750


def test_what_stays_open_is_named(settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.DATABASE_FILE = tmp_path, None
    tmp_path.chmod(0o755)
    (told,) = data_is_private(None)
    assert str(tmp_path) in told.msg
    tmp_path.chmod(0o750)
    assert data_is_private(None) == []
