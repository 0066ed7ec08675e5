"""No test may pass while an error goes by in the log.

Robust callbacks and receivers swallow their errors: without this fixture a test would see the
effect missing at best, and nothing at worst.
"""

import logging
from collections.abc import Iterator

import pytest

WATCHED = (
    "django.db.backends.base",
    "django.dispatch",
    "django.request",
    "django.test",
    "heliograph",
    "signalflow",
    "pagecache",
)


class Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def logged_errors(request: pytest.FixtureRequest) -> Iterator[list[logging.LogRecord]]:
    """Fail a test during which an error was logged.

    A test that provokes errors asks for this list, looks at it and clears it, or carries the
    marker `expects_errors`.
    """
    collector = Collector()
    loggers = [logging.getLogger(name) for name in WATCHED]
    for logger in loggers:
        logger.addHandler(collector)
    yield collector.records
    for logger in loggers:
        logger.removeHandler(collector)
    if collector.records and not request.node.get_closest_marker("expects_errors"):
        pytest.fail("Logged errors:\n" + "\n".join(map(describe, collector.records)))


def describe(record: logging.LogRecord) -> str:
    text = f"{record.name}: {record.getMessage()}"
    if record.exc_info and record.exc_info[1]:
        text += f" ({record.exc_info[1]!r})"
    return text
