"""The whole site in one terminal: web, worker and clock. `make run` ends here.

What dies is started again after a growing pause, and one stop signal ends everything. On a
server, deploy/ shows the same three processes under systemd.

With `--prepare` the data is brought up to date first.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from config import env
from config.run import data_lock, lifeline, ports
from config.run.serving import HEADER_TIMEOUT, WEB_THREADS

TICK = 0.2  # seconds between two looks at the children
GRACE = 8.0  # seconds to finish what is in hand after a stop; then the children are killed
HEALTHY = 60.0  # seconds alive after which a child counts as recovered
LONGEST_PAUSE = 30.0  # seconds

# glibc gives each thread a heap of its own, which keeps what one page needed once.  The interpreter
# lock lets one thread allocate at a time anyway, so one heap is as fast, and smaller.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}

# What `--prepare` does before the site starts.
PREPARATION = (
    ("migrate", "--verbosity", "0"),
    ("collectstatic", "--no-input", "--verbosity", "0"),
    ("create_demo", "--if-empty"),
)

WEB_GRACE = 6  # seconds a web worker may take to finish its requests; less than GRACE


def say(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


@dataclass
class Child:
    """One process of the site and its restarts."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 1.0
    due: float = field(default=0.0)  # when to start (again), on the monotonic clock

    def tend(self, now: float) -> None:
        """Start the child when it is due; note its end and plan the next start."""
        if self.process is None:
            if now >= self.due:
                self._start(now)
        elif self.process.poll() is not None:
            self._plan_restart(now, self.process.returncode)

    def _start(self, now: float) -> None:
        # A group of its own: Ctrl-C in the terminal reaches the supervisor only, which then
        # stops each child once and in order.
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.command,
            env={**ENVIRONMENT, **os.environ},
            process_group=0,
            stdin=subprocess.DEVNULL,
            preexec_fn=partial(lifeline.end_with, os.getpid()),
        )
        self.started = now

    def _plan_restart(self, now: float, code: int) -> None:
        self.kill()  # what the dead process left behind may still hold the port
        if now - self.started >= HEALTHY:
            self.pause = 1.0
        say(f"{self.name} ended with code {code}; starting again in {self.pause:.0f} s")
        self.process = None
        self.due = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def terminate(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(max(0.0, deadline - time.monotonic()))

    def kill(self) -> None:
        """Kill the child and every process it started."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def children(host: str, port: int, web_workers: int) -> list[Child]:
    python = sys.executable
    web = [python, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    web += ["--workers", str(web_workers), "--blocking-threads", str(WEB_THREADS)]
    web += ["--workers-kill-timeout", str(WEB_GRACE), "--respawn-failed-workers", "--no-ws"]
    web += ["--http", "1", "--http1-header-read-timeout", str(HEADER_TIMEOUT)]
    # Its warnings say that there are more threads than a machine without slow visitors needs.
    web += ["--log-level", "error", "config.wsgi:application"]
    return [
        Child("web", web),
        Child("worker", [python, "manage.py", "signals", "work"]),
        Child("scheduler", [python, "-m", "config.run.scheduler"]),
    ]


def supervise(group: list[Child], stop: threading.Event) -> None:
    """Keep the group running until `stop`, then end it within the grace."""
    while not stop.wait(TICK):
        for child in group:
            child.tend(time.monotonic())
    for child in group:
        child.terminate()
    deadline = time.monotonic() + GRACE
    for child in group:
        child.wait(deadline)
        child.kill()


def stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Under nohup a closing terminal is meant to change nothing.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: stop.set())
    return stop


def prepare() -> int:
    """Bring database and static files up to date; returns the exit code of what failed, or 0."""
    for command in PREPARATION:
        done = subprocess.run(  # noqa: S603 - our own commands
            [sys.executable, "manage.py", *command],
            check=False,
            preexec_fn=partial(lifeline.end_with, os.getpid()),
        )
        if done.returncode:
            return done.returncode
    return 0


def run(*, prepared: bool) -> int:
    """Run the site until it is told to stop; returns the exit code.

    Raises ConfigurationError where something in the environment stands against it.
    """
    from config import settings  # noqa: PLC0415 - a wrong value is told by the caller

    host, port = env.text("HOST", "127.0.0.1"), settings.PORT
    group = children(host, port, env.integer("WEB_WORKERS", 2, low=1))
    # The lock first: what a site that runs already may not suffer is another one's migrations.
    with data_lock.take(settings.DATA_DIR, settings.SITE_URL):
        ports.require_free(host, port)
        if not prepared and (code := prepare()):
            return code
        stop = stop_on_signals()
        say(f"{settings.SITE_NAME} starts at {settings.SITE_URL} (Ctrl-C ends it)")
        supervise(group, stop)
    say("Stopped.")
    return 0


def main() -> int:
    os.umask(0o077)  # it runs as the person who typed it: their group has no part in it either
    try:
        return run(prepared="--prepare" not in sys.argv[1:])
    except env.ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:  # while it prepares
        return 130


if __name__ == "__main__":
    sys.exit(main())
