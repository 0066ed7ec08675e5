"""What a signal carried, kept until its receiver runs.

After a commit the receiver sees values as they were at emission (`capture`).  A durable
receiver sees JSON: references to rows, and plain values (`dump`, `load`).
"""

import copy
import datetime
import decimal
import uuid
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db.models import Model

JSON = dict[str, Any]


class Unstorable(TypeError):  # noqa: N818 - says what the value is
    """A value that no delivery can carry."""


class Gone(LookupError):  # noqa: N818 - says what the row is
    """A row that a delivery refers to no longer exists."""


def capture(value: Any) -> Any:
    """A copy that later changes do not reach: a deleted row keeps its key, a set its members."""
    if isinstance(value, Model | set | list | dict):
        return copy.copy(value)
    return value


_TEXTS: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "$datetime": (datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    "$date": (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "$seconds": (
        datetime.timedelta,
        lambda delta: repr(delta.total_seconds()),
        lambda text: datetime.timedelta(seconds=float(text)),
    ),
    "$uuid": (uuid.UUID, str, uuid.UUID),
    "$decimal": (decimal.Decimal, str, decimal.Decimal),
}
PLAIN = (str, int, float, bool, type(None))
COLLECTIONS = (list, tuple, set, frozenset, dict)
STORABLE: tuple[type, ...] = (
    *PLAIN,
    *COLLECTIONS,
    Model,
    *(kind for kind, _, _ in _TEXTS.values()),
)


def dump(value: Any) -> Any:
    """`value` as JSON; raises Unstorable for what has no lasting reference."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, Model):
        if value.pk is None:
            raise Unstorable(f"{value!r} has no primary key")
        return {"$row": [value._meta.label_lower, dump(value.pk)]}
    if isinstance(value, type) and issubclass(value, Model):
        return {"$model": value._meta.label_lower}
    for tag, (kind, write, _) in _TEXTS.items():
        if isinstance(value, kind):
            return {tag: write(value)}
    return _dump_collection(value)


def _dump_collection(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [dump(item) for item in value]
    if isinstance(value, set | frozenset):
        return {"$set": sorted((dump(item) for item in value), key=repr)}
    # "$" marks our own references; a key that begins so would come back as something else.
    if isinstance(value, dict) and all(isinstance(n, str) and n[:1] != "$" for n in value):
        return {name: dump(item) for name, item in value.items()}
    raise Unstorable(f"a delivery cannot carry {value!r}; send its key or a plain value")


def load(stored: Any) -> Any:
    """The value `dump` stored, rows read afresh; raises Gone when a row is no more."""
    if isinstance(stored, list):
        return [load(item) for item in stored]
    if not isinstance(stored, dict):
        return stored
    if len(stored) == 1:
        ((tag, content),) = stored.items()
        if tag in _TEXTS:
            return _TEXTS[tag][2](content)
        if tag == "$row":
            return _load_row(*content)
        if tag == "$model":
            return apps.get_model(content)
        if tag == "$set":
            return {load(item) for item in content}
    return {name: load(item) for name, item in stored.items()}


def _load_row(label: str, stored_pk: Any) -> Model:
    model, pk = apps.get_model(label), load(stored_pk)
    # The base manager: a delivery refers to rows, whatever a default manager hides.
    row: Model | None = model._base_manager.filter(pk=pk).first()
    if row is None:
        raise Gone(f"{label} {pk} no longer exists")
    return row
