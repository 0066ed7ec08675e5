"""Full, read-only and vanished disks, and databases that do not answer: a sentence each."""

import errno
import os
import resource
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, ProgrammingError

from config import outages, secret
from config.env import ConfigurationError
from config.run import scheduler
from tests.config.run.running import ROOT

PERIODIC = [
    ("publish_scheduled_posts",),
    ("signals", "work", "--until-empty"),
    ("signals", "prune"),
    ("reconcile",),
    ("clearsessions",),
]


def small_disk() -> None:
    """No file grows beyond so much: a full disk that needs no mount and holds for root as well."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))


def ended(*command: str, full: bool = False, **environment: str) -> tuple[int, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=kept | {"LOG_FORMAT": "lines"} | environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        preexec_fn=small_disk if full else None,
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done.returncode, done.stderr


@pytest.mark.slow
def test_a_full_disk_at_the_first_start_is_a_sentence(tmp_path: Path) -> None:
    code, said = ended(
        "-m", "config.run.supervisor", "--prepare", full=True, DATA_DIR=str(tmp_path)
    )
    assert code == 1
    assert said.startswith("The database cannot be used: ")
    assert said.count("\n") == 1


@pytest.mark.slow
def test_what_cron_runs_ends_in_a_sentence_when_the_disk_is_gone(tmp_path: Path) -> None:
    gone = f"sqlite:///{tmp_path / 'gone' / 'blog.sqlite3'}"
    for command in PERIODIC:
        code, said = ended("manage.py", *command, DATA_DIR=str(tmp_path), DATABASE_URL=gone)
        assert code == 1, command
        assert "unable to open database file; let this user write" in said
        assert said.count("\n") == 1


@pytest.mark.slow
@pytest.mark.skipif(find_spec("psycopg") is None, reason="needs psycopg")
def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgres://blog:hunter2@127.0.0.1:1/blog"
    code, said = ended("manage.py", *PERIODIC[0], DATA_DIR=str(tmp_path), DATABASE_URL=url)
    assert code == 1
    assert "see that it runs, and look at DATABASE_URL" in said
    assert "hunter2" not in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError("database or disk is full"), "is full; make room on its disk."),
        (OperationalError("attempt to write a readonly database"), "let this user write to it"),
        (OperationalError("no such table: blog_post"), "run manage.py migrate."),
        (ProgrammingError('relation "x" does not exist\nLINE 1'), "run manage.py migrate"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "(/x/y); make room on the disk"),
        (OSError(errno.EROFS, "Read-only file system", "/x/y"), "Read-only file system (/x/y)."),
        (ValidationError(["One.", "Two."]), "One. Two."),
    ],
)
def test_each_outage_says_what_to_do(error: Exception, words: str) -> None:
    said = outages.explain(error)
    assert words in said
    assert "\n" not in said


def test_a_key_that_cannot_be_kept_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(ConfigurationError, match="cannot hold the secret key"):
        secret.read_or_create(tmp_path / "file" / "secret_key")


def test_the_scheduler_tells_an_outage_in_a_line(monkeypatch, logged_errors) -> None:
    def full(*_: str) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(scheduler, "call_command", full)
    scheduler.run(scheduler.JOBS[0])
    (record,) = logged_errors
    assert record.exc_info is None
    assert "make room on its disk" in record.getMessage()
    logged_errors.clear()
