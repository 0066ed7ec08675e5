"""`make run` ends in a real process with real children; so do these tests."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.run import supervisor
from tests.config.run.running import TIMEOUT_SECONDS, child_of, eventually, serves


@pytest.mark.slow
def test_the_site_runs_survives_a_crash_and_stops(
    supervised: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    port = int(environment["PORT"])
    assert eventually(lambda: serves(port))
    for part in ("granian", "signals work", "config.run.scheduler"):
        assert eventually(lambda part=part: child_of(supervised.pid, part) is not None), part

    web = child_of(supervised.pid, "granian")
    assert web is not None
    os.kill(web, signal.SIGKILL)
    assert eventually(lambda: child_of(supervised.pid, "granian") not in (None, web))
    assert eventually(lambda: serves(port))

    began = time.monotonic()
    supervised.send_signal(signal.SIGINT)
    output, _ = supervised.communicate(timeout=TIMEOUT_SECONDS)
    assert supervised.returncode == 0
    assert time.monotonic() - began < 10
    assert f"starts at http://127.0.0.1:{port}" in output
    assert "web ended with code -9; starting again in 1 s" in output
    assert "Traceback" not in output
    assert not serves(port)


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
