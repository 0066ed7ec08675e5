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
from django.db.models.base import ModelBase


class NotSerializable(TypeError):  # noqa: N818 - says what the value is
    """A value that no delivery can carry."""


class RowDeleted(LookupError):  # noqa: N818 - says what the row is
    """A row that a delivery refers to no longer exists."""


def capture(value: Any) -> Any:
    """A copy that later changes do not reach: a deleted row keeps its key, a set its members."""
    return copy.copy(value) if isinstance(value, Model | set | list | dict) else value


def _read_row(reference: list[Any]) -> Model:
    model, pk = apps.get_model(reference[0]), load(reference[1])
    # The base manager: a delivery refers to rows, whatever a default manager hides.
    row: Model | None = model._base_manager.filter(pk=pk).first()
    if row is None:
        raise RowDeleted(f"{reference[0]} {pk} no longer exists")
    return row


def _write_row(row: Model) -> list[Any]:
    if row.pk is None:
        raise NotSerializable(f"{row!r} has no primary key")
    return [row._meta.label_lower, dump(row.pk)]


# What JSON cannot say: the mark of each kind, its types, how it is written and read.
_MARKED: dict[str, tuple[Any, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "$row": (Model, _write_row, _read_row),
    "$model": (ModelBase, lambda model: model._meta.label_lower, apps.get_model),
    "$set": (
        (set, frozenset),
        lambda items: sorted(map(dump, items), key=repr),
        lambda stored: set(map(load, stored)),
    ),
    "$datetime": (datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    "$date": (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "$seconds": (
        datetime.timedelta,
        datetime.timedelta.total_seconds,
        lambda seconds: datetime.timedelta(seconds=float(seconds)),
    ),
    "$uuid": (uuid.UUID, str, uuid.UUID),
    "$decimal": (decimal.Decimal, str, decimal.Decimal),
}
PLAIN = (str, int, float, bool, type(None))
STORABLE = (
    *(*PLAIN, list, tuple, dict, set, frozenset, Model),
    *(datetime.date, datetime.timedelta, uuid.UUID, decimal.Decimal),
)


def dump(value: Any) -> Any:
    """`value` as JSON; raises NotSerializable for what has no lasting reference."""
    if isinstance(value, PLAIN):
        return value
    for mark, (types, write, _) in _MARKED.items():
        if isinstance(value, types):
            return {mark: write(value)}
    if isinstance(value, list | tuple):
        return [dump(item) for item in value]
    # "$" marks our own references; a key that begins so would come back as something else.
    if isinstance(value, dict) and all(isinstance(n, str) and n[:1] != "$" for n in value):
        return {name: dump(item) for name, item in value.items()}
    raise NotSerializable(f"a delivery cannot carry {value!r}; send its key or a plain value")


def load(stored: Any) -> Any:
    """The value `dump` stored, rows read afresh; raises RowDeleted when a row is no more."""
    if isinstance(stored, list):
        return [load(item) for item in stored]
    if not isinstance(stored, dict):
        return stored
    if len(stored) == 1 and (mark := next(iter(stored))) in _MARKED:
        return _MARKED[mark][2](stored[mark])
    return {name: load(item) for name, item in stored.items()}
