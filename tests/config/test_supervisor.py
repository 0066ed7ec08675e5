"""`make run` ends in a real process with real children; so do these tests."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from config import supervisor
from config.env import ConfigurationError

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30  # seconds; a loaded machine starts six interpreters slowly


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.1)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serves(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz/", timeout=2) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def child_of(pid: int, mark: str) -> int | None:
    """The child process whose command line contains `mark`."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    for line in listing.stdout.splitlines():
        child, parent, command = line.split(None, 2)
        if int(parent) == pid and mark in command:
            return int(child)
    return None


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"DATA_DIR": str(tmp_path), "PORT": str(free_port()), "WEB_WORKERS": "1"}


@pytest.fixture
def site(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "config.supervisor"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    if process.poll() is None:
        process.terminate()
    process.communicate(timeout=PATIENCE)


@pytest.mark.slow
def test_the_site_runs_survives_a_crash_and_stops(
    site: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    port = int(environment["PORT"])
    assert eventually(lambda: serves(port))
    for part in ("granian", "signals work", "config.scheduler"):
        assert eventually(lambda part=part: child_of(site.pid, part) is not None), part

    web = child_of(site.pid, "granian")
    assert web is not None
    os.kill(web, signal.SIGKILL)
    assert eventually(lambda: child_of(site.pid, "granian") not in (None, web))
    assert eventually(lambda: serves(port))

    began = time.monotonic()
    site.send_signal(signal.SIGINT)
    output, _ = site.communicate(timeout=PATIENCE)
    assert site.returncode == 0
    assert time.monotonic() - began < 10
    assert f"starts at http://127.0.0.1:{port}" in output
    assert "web ended with code -9; starting again in 1 s" in output
    assert "Traceback" not in output
    assert not serves(port)


def test_a_taken_port_is_told_in_one_sentence(environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()
        done = subprocess.run(
            [sys.executable, "-m", "config.supervisor"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"PORT {environment['PORT']} cannot be used on 127.0.0.1")
    assert done.stderr.count("\n") == 1


def test_a_free_port_is_accepted() -> None:
    port = free_port()
    supervisor.require_free_port("127.0.0.1", port)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(ConfigurationError, match=f"PORT={port + 1}"):
            supervisor.require_free_port("127.0.0.1", port)


@pytest.mark.parametrize(("own", "told"), [(None, "1"), ("4", "4")])
def test_children_share_one_heap_unless_the_operator_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str | None, told: str
) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    if own:
        monkeypatch.setenv("MALLOC_ARENA_MAX", own)
    said = tmp_path / "said"
    ask = f"import os; open({str(said)!r}, 'w').write(os.environ['MALLOC_ARENA_MAX'])"
    child = supervisor.Child("asker", [sys.executable, "-c", ask])
    child.tend(0.0)
    assert child.process is not None
    assert child.process.wait() == 0
    assert said.read_text() == told


def test_restarts_wait_longer_each_time_and_recover_after_a_healthy_minute() -> None:
    child = supervisor.Child("mayfly", [sys.executable, "-c", ""])
    now, pauses = 0.0, []
    for _ in range(7):
        now = child.due
        child.tend(now)
        assert child.process is not None
        child.process.wait()
        child.tend(now)
        pauses.append(child.due - now)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]

    now = child.due
    child.tend(now)
    assert child.process is not None
    child.process.wait()
    child.tend(now + supervisor.HEALTHY)
    assert child.due == now + supervisor.HEALTHY + 1
