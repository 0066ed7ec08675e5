"""Slow requests and unhandled errors, for the operator.  Nothing here may ever raise:
a receiver of `request_finished` that does would break Django's handler.
"""

import logging
import time
from contextvars import ContextVar
from typing import Any

from django.core.signals import got_request_exception, request_finished, request_started
from django.dispatch import receiver

logger = logging.getLogger("heliograph")

SLOW_SECONDS = 2.0

_started: ContextVar[tuple[float, str] | None] = ContextVar("request_started", default=None)
errors = 0  # unhandled exceptions in this process since its start


def _path(environ: dict[str, Any] | None, scope: dict[str, Any] | None) -> str:
    """WSGI sends `environ`, ASGI sends `scope`; tests may send neither."""
    return str((environ or {}).get("PATH_INFO") or (scope or {}).get("path") or "?")


@receiver(request_started, dispatch_uid="audit.begin_timing")
def begin_timing(
    environ: dict[str, Any] | None = None, scope: dict[str, Any] | None = None, **kwargs: Any
) -> None:
    _started.set((time.monotonic(), _path(environ, scope)))


@receiver(request_finished, dispatch_uid="audit.log_slow_request")
def log_slow_request(**kwargs: Any) -> None:
    begun = _started.get()
    _started.set(None)
    if begun is not None and (seconds := time.monotonic() - begun[0]) > SLOW_SECONDS:
        logger.warning("slow request: %.1f s for %s", seconds, begun[1][:200])


@receiver(got_request_exception, dispatch_uid="audit.count_error")
def count_error(**kwargs: Any) -> None:
    global errors  # noqa: PLW0603 - a counter of the process is what this is
    errors += 1
