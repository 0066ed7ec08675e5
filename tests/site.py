"""A site of its own in real processes: a database, a data directory, commands, a mail sink."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.conf import settings
from django.db import connection

from config.run import supervisor

ROOT = Path(__file__).resolve().parent.parent


class Site:
    """One installation; every act on it is a process, as on a real machine."""

    def __init__(self, directory: Path, database_url: str) -> None:
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name
            not in {"DJANGO_SETTINGS_MODULE", "CACHE_URL", "CDN_URL", "EMAIL_URL", "SITE_URL"}
        } | {
            "DATA_DIR": str(directory),
            "DATABASE_URL": database_url,
            "LOG_FORMAT": "lines",
            "SIGNALFLOW_LEASE": "2",
        }
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Begin `python command…` and return at once."""
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a server's own children end with it
        )
        self.processes.append(process)
        return process

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end."""
        process = self.start("manage.py", *arguments, **environment)
        out, err = process.communicate(timeout=100)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def python(self, code: str, **environment: str) -> Any:
        """Run code with Django set up; returns what it puts into `result`."""
        program = (
            "import json, django; django.setup(); result = None\n"
            f"{code}\nprint('RESULT', json.dumps(result, default=str))"
        )
        process = self.start(
            "-c",
            program,
            DJANGO_SETTINGS_MODULE=environment.pop("SETTINGS", "config.settings"),
            **environment,
        )
        out, err = process.communicate(timeout=100)
        assert process.returncode == 0, err
        return json.loads(out.rpartition("RESULT ")[2])

    def serve(self, workers: int = 2, **environment: str) -> str:
        """Begin web workers as `make run` does, wait for them; returns the site's address."""
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        web, *_ = supervisor.children("127.0.0.1", port, workers)
        self.start(*web.command[1:], SITE_URL=address, **environment)
        wait_until(lambda: _answers(f"{address}/healthz/"))
        return address

    def talk(self, program: str, **environment: str) -> subprocess.Popen[str]:
        """Begin a program that sets Django up and then answers line by line."""
        return self.start("-c", program, DJANGO_SETTINGS_MODULE="config.settings", **environment)

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own
            return bool(answer.read())
    except OSError:
        return False


def wait_until(condition: Callable[[], Any], seconds: float = 60) -> None:
    """Return once the condition holds; fail after a time that only a fault can take."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.02)


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _on_postgresql(statement: str) -> None:
    import psycopg

    given = connection.settings_dict
    options = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"]}
    options |= {"password": given["PASSWORD"], "dbname": "postgres"}
    with psycopg.connect(
        **{name: value for name, value in options.items() if value}, autocommit=True
    ) as server:
        server.execute(statement)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A migrated database to copy: a file, or a template on the server."""
    directory = tmp_path_factory.mktemp("site")
    collected = Site(directory, "").manage("collectstatic", "--no-input", "-v0", DATABASE_URL="")
    assert collected.returncode == 0, collected.stderr
    if connection.vendor == "sqlite":
        file = directory / "template.sqlite3"
        site = Site(directory, f"sqlite:///{file}")
        assert site.manage("migrate", "-v0").returncode == 0
        yield directory, file
        return
    name = f"heliograph_template_{uuid.uuid4().hex[:8]}"
    _on_postgresql(f"CREATE DATABASE {name}")
    assert Site(directory, _postgresql_url(name)).manage("migrate", "-v0").returncode == 0
    yield directory, name
    _on_postgresql(f"DROP DATABASE {name} WITH (FORCE)")


def _postgresql_url(name: str) -> str:
    given = settings.DATABASES["default"]
    password = f":{given['PASSWORD']}" if given["PASSWORD"] else ""
    port = f":{given['PORT']}" if given["PORT"] else ""
    return f"postgres://{given['USER']}{password}@{given['HOST']}{port}/{name}"


@pytest.fixture
def site(migrated: Any, tmp_path: Path) -> Iterator[Site]:
    """An empty installation on the database the tests run on."""
    directory, template = migrated
    (tmp_path / "static").symlink_to(directory / "static")
    if isinstance(template, Path):
        file = tmp_path / "heliograph.sqlite3"
        shutil.copy(template, file)
        installed = Site(tmp_path, f"sqlite:///{file}")
        yield installed
        installed.close()
        return
    name = f"heliograph_site_{uuid.uuid4().hex[:8]}"
    _on_postgresql(f"CREATE DATABASE {name} TEMPLATE {template}")
    installed = Site(tmp_path, _postgresql_url(name))
    yield installed
    installed.close()
    _on_postgresql(f"DROP DATABASE {name} WITH (FORCE)")


class Sink:
    """A real SMTP peer that keeps what it accepted."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.url = ""
        self.mails: list[tuple[str, Message]] = []
        self.refuse: Callable[[str], str | None] = lambda address: None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if answer := self.refuse(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope
    ) -> str:
        for address in envelope.rcpt_tos:
            self.mails.append((address, message_from_bytes(envelope.original_content)))
        await asyncio.sleep(self.pause)
        return "250 OK"

    @property
    def recipients(self) -> list[str]:
        return [address for address, _ in self.mails]


@pytest.fixture
def sink() -> Iterator[Sink]:
    """The sink, listening; its address is in `sink.url`."""
    kept = Sink()
    port = free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    kept.url = f"smtp://127.0.0.1:{port}"
    yield kept
    controller.stop()
