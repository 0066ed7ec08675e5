"""A supervisor and its children as real processes, looked at from outside."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[3]
TIMEOUT_SECONDS = 30  # seconds; a loaded machine starts six interpreters slowly


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + TIMEOUT_SECONDS
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


def descendants(pid: int) -> dict[int, str]:
    """Every living process below `pid`, with its command line."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat=,args="],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(None, 3) for line in listing.stdout.splitlines()]
    found: dict[int, str] = {}
    above = {pid}
    while above:
        below = {int(row[0]): row[3] for row in rows if int(row[1]) in above and row[2][0] != "Z"}
        found |= below
        above = set(below)
    return found


def supervisor(environment: dict[str, str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.run.supervisor", *options],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def refusal(environment: dict[str, str]) -> str:
    """The one line a supervisor ends with that does not start."""
    process = supervisor(environment)
    said, _ = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 2, said
    assert said.count("\n") == 1, said
    return said


def end(process: subprocess.Popen[str]) -> str:
    """Stop it if it runs; returns all it said."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=TIMEOUT_SECONDS)[0]
