"""What waits for the commit."""

import itertools
import logging
from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from signalflow.payload import capture
from signalflow.spans import NOWHERE, here
from signalflow.spec import Receiver

logger = logging.getLogger("signalflow")

_emissions = itertools.count()

Served = dict[tuple[str, str], int]  # by uid and key: when it last ran, in emissions


class Waiting:
    """One receiver of one emission, waiting for the commit.

    Coalescing happens here, at execution: which emissions survive is known only once every
    savepoint has been kept or rolled back.  A run serves every emission made before it.
    """

    def __init__(self, spec: Receiver, named: dict[str, Any], served: Served) -> None:
        self.spec, self.served = spec, served
        self.key = spec.uid, spec.key_of(named)
        self.named = {name: capture(value) for name, value in named.items()}
        self.number = next(_emissions)
        self.place = here()
        self._tell("waiting")

    def __call__(self) -> None:
        try:
            self.run(self.spec.function, self.served)
        except Exception:
            logger.exception("after-commit receiver %s failed", self.spec.uid)

    def run(self, function: Callable[..., Any] | None, served: Served) -> None:
        """Call `function`, unless one of those `served` stood for this emission too."""
        if self.key[1] and served.get(self.key, -1) > self.number:
            return self._tell("coalesced")
        if function is None:
            return self._tell("later")
        served[self.key] = next(_emissions)
        with self.place.resumed() if self.place else NOWHERE:
            function(**self.named)

    def _tell(self, outcome: str) -> None:
        if self.place is not None:
            self.place.span.outcome = outcome


def wait(spec: Receiver, named: dict[str, Any], using: str = DEFAULT_DB_ALIAS) -> None:
    """Run a receiver after the commit of what is open now; at once if nothing is."""
    others = (entry[1] for entry in reversed(connections[using].run_on_commit))
    served = next((other.served for other in others if isinstance(other, Waiting)), {})
    transaction.on_commit(Waiting(spec, named, served), using=using)
