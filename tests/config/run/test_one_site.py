"""One site on one data directory, and none of its processes without the others."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import ConfigurationError
from config.run import data_lock, ports
from config.run import supervisor as supervising
from tests.config.run.running import (
    ROOT,
    child_of,
    descendants,
    end,
    eventually,
    free_port,
    refusal,
    serves,
    supervisor,
)

PARTS = ("granian", "signals work", "config.run.scheduler")


def everything(pid: int) -> dict[int, str]:
    """The three children and the web worker below one of them, once all are there."""

    def missing() -> list[str]:
        return [part for part in PARTS if child_of(pid, part) is None]

    assert eventually(lambda: not missing() and len(descendants(pid)) > len(PARTS))
    return descendants(pid)


def alive(pids: dict[int, str]) -> dict[int, str]:
    known = {}
    for pid, command in pids.items():
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            known[pid] = command
    return known


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_nothing_outlives_a_killed_supervisor_and_the_next_one_starts(
    supervised: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    port = int(environment["PORT"])
    assert eventually(lambda: serves(port))
    family = everything(supervised.pid)
    assert sum("granian" in command for command in family.values()) >= 2, "a worker too"

    os.kill(supervised.pid, signal.SIGKILL)
    supervised.wait()
    following = supervisor(environment)  # at once, as somebody does who is in a hurry
    try:
        assert eventually(lambda: not alive(family)), alive(family)
        assert eventually(lambda: serves(port))
        assert following.poll() is None
    finally:
        said = end(following)
        for pid in alive(family):
            os.kill(pid, signal.SIGKILL)
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
def test_a_web_worker_does_not_outlive_its_server(environment: dict[str, str]) -> None:
    """As under systemd, where no supervisor of ours looks after what a dead server left."""
    port = int(environment["PORT"])
    web, *_ = supervising.children("127.0.0.1", port, 1)
    server = subprocess.Popen(web.command, cwd=ROOT, env=environment)
    workers: dict[int, str] = {}
    try:
        assert eventually(lambda: serves(port))
        workers = descendants(server.pid)
        assert workers
        server.kill()
        server.wait()
        assert eventually(lambda: not alive(workers)), alive(workers)
    finally:
        server.kill()
        for pid in alive(workers):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_second_site_on_the_same_data_is_refused_on_any_port(
    supervised: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    port = environment["PORT"]
    assert eventually(lambda: serves(int(port)))
    for asked in (port, str(free_port())):
        said = refusal(environment | {"PORT": asked})
        assert said.startswith(f"DATA_DIR {environment['DATA_DIR']} is in use: ")
        assert f"process {supervised.pid} has run it since " in said
        assert f"at http://127.0.0.1:{port};" in said
        assert "stop that one first" in said
    assert serves(int(port))


@pytest.mark.slow
def test_another_site_on_the_port_is_called_what_it_is(
    supervised: subprocess.Popen[str], environment: dict[str, str], tmp_path: Path
) -> None:
    assert eventually(lambda: serves(int(environment["PORT"])))
    said = refusal(environment | {"DATA_DIR": str(tmp_path / "other")})
    assert said.startswith(f"PORT {environment['PORT']} cannot be used on 127.0.0.1")
    assert "a Heliograph that `make run` did not start on this DATA_DIR" in said
    assert "another DATA_DIR for a second site" in said


def test_another_program_on_the_port_is_told_in_one_sentence(environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()
        said = refusal(environment)
    assert said.startswith(f"PORT {environment['PORT']} cannot be used on 127.0.0.1")
    assert "stop the other program" in said


def test_a_free_port_is_accepted() -> None:
    port = free_port()
    ports.require_free("127.0.0.1", port)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(ConfigurationError, match=f"PORT={port + 1}"):
            ports.require_free("127.0.0.1", port)


def test_the_lock_ends_with_its_file_and_names_whoever_is_next(tmp_path: Path) -> None:
    first = data_lock.take(tmp_path, "http://a.example/with/a/long/address")
    with pytest.raises(ConfigurationError, match=rf"process {os.getpid()} .* http://a\.example"):
        data_lock.take(tmp_path, "http://b.example")
    first.close()
    with data_lock.take(tmp_path, "http://b.example"):
        with pytest.raises(ConfigurationError, match=r"at http://b\.example;"):
            data_lock.take(tmp_path, "http://c.example")
