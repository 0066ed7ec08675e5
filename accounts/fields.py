"""Which fields a save wrote: the question every receiver of model signals must ask."""

from collections.abc import Iterable


def touched(update_fields: Iterable[str] | None, *names: str) -> bool:
    """Whether a save may have written one of these fields; None means it wrote all."""
    return update_fields is None or not set(names).isdisjoint(update_fields)
