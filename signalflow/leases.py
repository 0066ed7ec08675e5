"""How a running receiver keeps its delivery, and how it learns that it lost it."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from signalflow import conf
from signalflow.spans import Recorder


class LeaseLost(Exception):  # noqa: N818 - a fact, not an error of the receiver
    """Another worker has taken the delivery over; what was done here is rolled back."""


@dataclass(slots=True)
class Claim:
    """One worker's hold on one delivery and on those it coalesced."""

    token: str
    rows: int
    recorder: Recorder
    renewed: float = field(default_factory=time.monotonic)

    def held(self) -> Any:
        """The rows that are still ours."""
        rows = apps.get_model("signalflow", "Delivery").objects
        return rows.filter(claim=self.token, state="running")


running: ContextVar[Claim | None] = ContextVar("claim", default=None)


def renew_lease() -> None:
    """Tell the engine that a long durable receiver is alive; cheap to call often.

    For receivers with `atomic=False`, between two steps of their work.  Raises LeaseLost when
    the delivery belongs to another worker by now.  Outside a delivery it does nothing.
    """
    claim, lease = running.get(), conf.options().lease
    if claim is None or time.monotonic() - claim.renewed < lease / 4:
        return
    if claim.held().update(available_at=timezone.now() + timedelta(seconds=lease)) < claim.rows:
        raise LeaseLost
    claim.renewed = time.monotonic()
