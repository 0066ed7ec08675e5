"""Which fields a save wrote: the question every receiver of model signals must ask."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User


def touched(update_fields: Iterable[str] | None, *names: str) -> bool:
    """Whether a save may have written one of these fields; None means it wrote all."""
    return update_fields is None or not set(names).isdisjoint(update_fields)


def changed(user: "User", update_fields: Iterable[str] | None, *names: str) -> list[str]:
    """Which of these fields a save gave another value than the database held before."""
    written = [name for name in names if name in user.stored and touched(update_fields, name)]
    return [name for name in written if user.stored[name] != getattr(user, name)]
