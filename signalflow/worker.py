"""The loop that executes deliveries until it is told to stop."""

import logging
import threading
import time
from collections import Counter

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from signalflow import conf
from signalflow.deliveries import Outcome, revive_orphans, run
from signalflow.heartbeats import WORKER, beat
from signalflow.models import Delivery

logger = logging.getLogger("signalflow")

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
        self._last_look = -BEAT

    def stop(self) -> None:
        """End after the delivery that runs now."""
        self._stopping.set()

    def run(self) -> Counter[Outcome]:
        """Work; returns how many attempts ended in which way."""
        while not self._is_over():
            try:
                self._look_round()
                worked = self._work_through_batch()
            except DatabaseError:
                if self.until_empty:
                    raise
                # It is restarting, perhaps: a worker outlives that.
                logger.exception("the database did not answer; trying again")
                worked = 0
            if not worked:
                if self.until_empty:
                    break
                close_old_connections()
                self._stopping.wait(conf.options().poll)
        return self.outcomes

    def _is_over(self) -> bool:
        spent = self.limit is not None and self.outcomes.total() >= self.limit
        return spent or self._stopping.is_set()

    def _look_round(self) -> None:
        """Once a minute, say that it lives, and put back in line what it can do by now."""
        if time.monotonic() - self._last_look >= BEAT:
            beat(WORKER)
            revive_orphans()
            self._last_look = time.monotonic()

    def _work_through_batch(self) -> int:
        due = Delivery.objects.due(timezone.now()).order_by("available_at", "pk")
        batch = list(due[:BATCH])
        for delivery in batch:
            if self._is_over():
                break
            self.outcomes[run(delivery)] += 1
        return len(batch)
