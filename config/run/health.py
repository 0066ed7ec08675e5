"""Two questions for probes: is the process alive, and is the site ready for visitors?"""

import logging
import secrets
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger("heliograph.health")

PROBE_KEY = "healthz"
PROBE_TIMEOUT = 10  # seconds; long enough to be read back at once


class NotReadyError(Exception):
    """A part answers, but not as it should; the message says how."""


@never_cache
@require_safe
def alive(_request: HttpRequest) -> JsonResponse:
    """Answer without touching any service: a restart would not bring the database back."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part works and 503, naming the broken ones, when one does not.

    Mail is told beside them: a site whose mail waits is still ready for its visitors.
    """
    parts = {name: _state(name, probe) for name, probe in PROBES.items()}
    healthy = all(state == "ok" for state in parts.values())
    body = {"status": "ok" if healthy else "unavailable", **parts, **_mail()}
    return JsonResponse(body, status=200 if healthy else 503)


def _state(name: str, probe: Callable[[], None]) -> str:
    try:
        probe()
    except NotReadyError as reason:
        return str(reason)
    except Exception:
        # The details may name hosts and users, so they go to the log and not to the visitor.
        logger.warning("%s is unavailable", name, exc_info=True)
        return "unavailable"
    return "ok"


def _mail() -> dict[str, Any]:
    if not apps.is_installed("listeners.notifications"):
        return {}
    from listeners.notifications import health  # noqa: PLC0415 - an app that may be taken out

    try:
        return {"mail": health.summary()}
    except DatabaseError:  # which is told above
        return {"mail": "unknown"}


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    written = secrets.token_hex(8)
    key = f"{PROBE_KEY}:{written}"  # two probes at once must not read each other's value
    cache.set(key, written, PROBE_TIMEOUT)
    if cache.get(key) != written:
        raise NotReadyError("loses what is written")
    cache.delete(key)


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        raise NotReadyError(f"{len(pending)} unapplied")


PROBES: dict[str, Callable[[], None]] = {
    "database": _database,
    "cache": _cache,
    "migrations": _migrations,
}
