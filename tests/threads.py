"""Several threads that begin at the same moment, each with a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


def together(*functions: Callable[[], Any]) -> list[Any]:
    """Run all at once; returns their results in order, raises what one of them raised."""
    barrier = Barrier(len(functions))

    def start(function: Callable[[], Any]) -> Any:
        connection.ensure_connection()
        barrier.wait(timeout=30)
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(start, functions))
