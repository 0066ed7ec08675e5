"""The engine's options, read once from `settings.SIGNALFLOW`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Options:
    """How deliveries are executed.

    `lease` is how many seconds a worker may be silent before its delivery is given to another
    one, `poll` how many seconds an idle worker sleeps.  `keep_days` and `keep_traces` bound what
    is kept of ended deliveries and of traces, `processes` says how many serve the site.
    `check_types` makes `DomainSignal.send` check argument types, `trace` keeps trees of what
    ran.  `dispatch` is called after the commit with the id of each new delivery (it hands the id
    to a broker; the workers' own sweep remains the backstop).
    """

    lease: float = 60.0
    poll: float = 1.0
    keep_days: int = 14
    keep_traces: int = 5000
    processes: int = 1
    check_types: bool = False
    trace: bool = True
    dispatch: Callable[[int], Any] | None = None


@lru_cache(maxsize=1)
def options() -> Options:
    """The current options; reread when a test overrides the setting."""
    given = {name.lower(): value for name, value in getattr(settings, "SIGNALFLOW", {}).items()}
    if isinstance(given.get("dispatch"), str):
        given["dispatch"] = import_string(given["dispatch"])
    given.setdefault("check_types", settings.DEBUG)
    return Options(**given)
