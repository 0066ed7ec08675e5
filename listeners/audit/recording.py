"""Writing one entry of the audit trail, in whatever transaction its cause runs."""

import unicodedata
from typing import Any

from django.db.models import Model

from listeners.audit.models import AuditEntry
from signalflow import current_action, current_actor, note

_UNSET: Any = object()


def one_line(text: str, length: int) -> str:
    """Text without control characters or line ends: nobody forges a second entry with it."""
    kept = (" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join("".join(kept).split())[:length]


def record(
    verb: str,
    target: Model | None = None,
    *,
    actor: Any = _UNSET,
    address: str = "",
    label: str = "",
    **details: Any,
) -> AuditEntry:
    """Write an entry.

    `actor` defaults to the signed-in person of the current action, `label` to the target's own
    text.  `details` must be JSON: what changed, never whole texts.
    """
    note("recorded")
    who = current_actor() if actor is _UNSET else actor
    action = current_action()
    return AuditEntry.objects.create(
        actor_id=who.pk if who else None,
        actor_name=one_line(who.get_username(), 150) if who else "",
        verb=verb,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_label=one_line(label or (str(target) if target is not None else ""), 200),
        details=details,
        address=address or None,
        trace=action.trace if action else "",
    )
