"""A context variable that has a value for the length of a block."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Value = TypeVar("Value")


@contextmanager
def bound(variable: ContextVar[Value], value: Value) -> Iterator[Value]:
    """Let `variable` be `value` in this block, for this thread or task alone."""
    token = variable.set(value)
    try:
        yield value
    finally:
        variable.reset(token)
