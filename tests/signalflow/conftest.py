"""Receivers that exist for one test only."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from signalflow import receiver, registry

_numbers = itertools.count()


@pytest.fixture
def hear() -> Iterator[Callable[..., str]]:
    """Register a function for the length of a test: `uid = hear(signal, function, when=…)`."""
    uids: list[str] = []

    def register(signal: Any, function: Callable[..., Any], **options: Any) -> str:
        uid = options.pop("uid", f"test.{next(_numbers)}")
        receiver(signal, uid=uid, **options)(function)
        uids.append(uid)
        return uid

    yield register
    for uid in uids:
        registry.forget(uid)
