"""Load from `wrk` on the other core: keep-alive, sixteen connections, one thread."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from statistics import median

from tests.bench.measuring import rounds
from tests.bench.servers import LOAD_CORE, Server

CONNECTIONS = 16

_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_COUNT = re.compile(r"(\d+) requests in")
_REFUSED = re.compile(r"Non-2xx or 3xx responses: (\d+)")

# Each request another address: %d counts up from `first`.
_COUNTING = """
local number = {first}
request = function()
  number = number + 1
  return wrk.format("GET", string.format("{path}", number % {until_}))
end
"""


@dataclass(slots=True)
class Load:
    """One address of one server, asked again and again."""

    server: Server
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"  # `wrk` can do no other
    cpu: list[float] = field(default_factory=list)  # seconds for each request, by rounds

    def sample(self, seconds: int) -> float:
        """The mean seconds between two answers.  Raises RuntimeError if one was an error."""
        before = self.server.cpu_seconds()
        rate, count = run(
            self.server, self.path, seconds, self.headers, f'wrk.method="{self.method}"'
        )
        self.cpu.append((self.server.cpu_seconds() - before) / count)
        return 1 / rate


class OneByOne(Load):
    """The same through one connection from here: `wrk` waits for the body of an answer to HEAD."""

    def sample(self, seconds: int) -> float:
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {int(LOAD_CORE)})
        connection = HTTPConnection("127.0.0.1", self.server.port)
        before, begun, count = self.server.cpu_seconds(), time.monotonic(), 0
        while time.monotonic() < begun + seconds:
            connection.request(self.method, self.path, headers=dict(self.headers))
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 400:
                raise RuntimeError(f"{self.path}: {answer.status}")
            count += 1
        self.cpu.append((self.server.cpu_seconds() - before) / count)
        taken = (time.monotonic() - begun) / count
        connection.close()
        os.sched_setaffinity(0, cores)
        return taken


class Loads(dict[str, Load]):
    """Named loads, measured in turns; afterwards seconds between answers, by name."""

    took: dict[str, float]

    def measure(self, seconds: int, count: int) -> None:
        samples = {name: partial(load.sample, seconds) for name, load in self.items()}
        self.took = rounds(samples, count)

    def ratio(self, name: str, base: str) -> float:
        """How many times as many answers a second as the base gives."""
        return self.took[base] / self.took[name]

    def told(self, name: str) -> str:
        cpu = median(self[name].cpu) * 1e6
        return f"{1 / self.took[name]:,.0f}/s, {cpu:,.0f} µs"


def run(
    server: Server, path: str, seconds: int, headers: Mapping[str, str], script: str = ""
) -> tuple[float, int]:
    """Requests a second, and how many there were."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        command += ["-s", file.name, f"http://127.0.0.1:{server.port}{path}"]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate, count = _RATE.search(told), _COUNT.search(told)
    if rate is None or count is None or _REFUSED.search(told):
        raise RuntimeError(f"{path}: {told}")
    # No answer in time is told as one: the row is missed, not left out.
    return float(rate[1]) or 1 / seconds, int(count[1]) or 1


def visit_each(server: Server, pattern: str, until: int) -> None:
    """Ask for `until` different addresses, "%d" in the pattern counting up."""
    seen = 0
    while seen < until:
        script = _COUNTING.format(first=seen, path=pattern, until_=until)
        seen += run(server, "/", 5, {"Accept-Encoding": "br"}, script)[1]
