"""Named places where a test makes the engine die, as a power cut would."""

from collections.abc import Callable

armed: dict[str, Callable[[], None]] = {}


def reach(name: str) -> None:
    """Pass a failpoint: nothing happens unless `signalflow.testing.failpoint` armed it."""
    if armed and name in armed:
        armed[name]()
