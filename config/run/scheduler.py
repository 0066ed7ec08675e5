"""The clock of a site without cron: `python -m config.run.scheduler`.

Runs the periodic commands at each full minute until SIGTERM. A missed or doubled minute does no
harm: every command here finds out by itself what is due.
"""

import logging
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass

import django
from django.core.management import call_command
from django.db import connections

from config import outages

logger = logging.getLogger("heliograph.scheduler")

MINUTE = 60.0
# Timers may wake a moment early; a post due at the full minute must not wait for the next one.
MARGIN = 0.1

DAY = 24 * 60  # minutes


@dataclass(frozen=True)
class Job:
    command: tuple[str, ...]
    every: int  # minutes

    def is_due(self, minute: int) -> bool:
        return minute % self.every == 0


JOBS = (
    Job(("publish_scheduled_posts",), every=1),
    Job(("signals", "prune"), every=60),
    Job(("media_gc",), every=DAY),
    Job(("reconcile",), every=DAY),
    Job(("clearsessions",), every=DAY),
)


def run(job: Job) -> None:
    """Run one command; whatever it does, the clock goes on."""
    try:
        call_command(*job.command)
    except SystemExit as leaving:
        if leaving.code:
            logger.warning("%s ended with exit code %s", job.command[0], leaving.code)
    except outages.OUTAGES as error:  # there will be another minute
        logger.error("%s failed: %s", job.command[0], outages.explain(error))
    except Exception:  # the boundary between one job and the next
        logger.exception("%s failed", job.command[0])
    finally:
        # The next use is a minute away, and a server may drop the connection until then.
        connections.close_all()


def until_next_minute(now: float) -> float:
    """Seconds from `now`, a Unix time, to just after the next full minute."""
    return MINUTE - now % MINUTE + MARGIN


def tick(minute: int, stop: threading.Event) -> None:
    """Run what is due; a job of the day may take long and must not hold up the clock."""
    for job in JOBS:
        if not job.is_due(minute) or stop.is_set():
            continue
        if job.every >= DAY:
            threading.Thread(target=run, args=(job,), name=job.command[0], daemon=True).start()
        else:
            run(job)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    django.setup()
    while not stop.is_set():  # at once after the start: posts may have come due meanwhile
        tick(int(time.time() // MINUTE), stop)
        stop.wait(until_next_minute(time.time()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
