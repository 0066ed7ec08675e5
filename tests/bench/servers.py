"""Servers of the benchmark's own: on free ports, on one core, stopped when it ends."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.run import supervisor

SERVER_CORE, LOAD_CORE = "0", "1"
TIMEOUT_SECONDS = 30  # seconds a server may take to answer


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, and the processes that answer."""

    port: int
    pid: int

    def processes(self) -> list[int]:
        found = [self.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        return found

    def cpu_seconds(self) -> float:
        """What all its processes have used of the processor."""
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def worker_memory(self) -> int:
        """Bytes of the largest of its processes: shared pages count for each by its share."""
        return max(_pss(pid) for pid in self.processes())


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def missing() -> str:
    """Why nothing can be measured under load here, "" if it can."""
    lacking = [name for name in ("wrk", "taskset") if shutil.which(name) is None]
    if lacking:
        return f"{' and '.join(lacking)} not installed (Debian: apt-get install wrk util-linux)"
    return "" if (os.cpu_count() or 1) > 1 else "one core: the load would run on the server's"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(target: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """One web worker as the site's own supervisor starts it, with this WSGI target."""
    port = _free_port()
    web, *_ = supervisor.children("127.0.0.1", port, 1)
    command = ["taskset", "-c", SERVER_CORE, *web.command[:-1], target]
    known = {
        **supervisor.ENVIRONMENT,
        **os.environ,
        "SITE_URL": f"http://127.0.0.1:{port}",
        **environment,
    }
    process = subprocess.Popen(command, env=known)
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(TIMEOUT_SECONDS)


def baseline(name: str) -> contextlib.AbstractContextManager[Server]:
    """One of `tests.bench.baselines`, on the same server as ours."""
    return serving("tests.bench.baselines:application", {"BENCH_BASELINE": name})


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=TIMEOUT_SECONDS).read()
            return
        time.sleep(0.2)
    raise RuntimeError("a server of the benchmark did not start")
