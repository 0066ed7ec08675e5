"""The loop that executes deliveries until it is told to stop."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from signalflow import conf
from signalflow.deliveries import Outcome, revive_orphans, run
from signalflow.heartbeats import WORKER, beat
from signalflow.models import Delivery

logger = logging.getLogger("signalflow")

Result = TypeVar("Result")

BATCH = 50  # candidates looked up at a time; each is claimed singly
BEAT = 60.0  # seconds between two heartbeats


class Worker:
    """Runs due deliveries, oldest first.

    With `until_empty` it ends when nothing is due, otherwise it sleeps and looks again.
    `limit` ends it after so many attempts.  `stop()` lets the current delivery finish.
    """

    def __init__(self, *, until_empty: bool = False, limit: int | None = None) -> None:
        self.until_empty = until_empty
        self.limit = limit
        self.outcomes: Counter[Outcome] = Counter()
        self._stopping = threading.Event()
        self._last_beat = -BEAT

    def stop(self) -> None:
        """End after the delivery that runs now."""
        self._stopping.set()

    def run(self) -> Counter[Outcome]:
        """Work; returns how many attempts ended in which way."""
        self._safely(revive_orphans)
        while not self._is_over():
            if not self._safely(self._work_through_batch):
                if self.until_empty:
                    break
                close_old_connections()
                self._stopping.wait(conf.options().poll)
        return self.outcomes

    def _is_over(self) -> bool:
        spent = self.limit is not None and self.outcomes.total() >= self.limit
        return spent or self._stopping.is_set()

    def _safely(self, step: Callable[[], Result]) -> Result | None:
        """Outlive a database that is restarting; a run until empty reports it instead."""
        try:
            return step()
        except DatabaseError:
            if self.until_empty:
                raise
            logger.exception("the database did not answer; trying again")
            return None

    def _work_through_batch(self) -> list[Delivery]:
        if time.monotonic() - self._last_beat >= BEAT:
            beat(WORKER)
            self._last_beat = time.monotonic()
        due = Delivery.objects.due(timezone.now()).order_by("available_at", "pk")
        batch = list(due[:BATCH])
        for delivery in batch:
            if self._is_over():
                break
            self.outcomes[run(delivery)] += 1
        return batch
