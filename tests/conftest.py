"""Rules every test lives by."""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache

import pagecache

pytest_plugins = [
    "tests.cast",
    "tests.flushing",
    "tests.lamp",
    "tests.peers",
    "tests.showcase",
    "tests.silence",
    "tests.site",
    "tests.listeners.notifications.mailing",
]

# With this set nothing that needs a service may be skipped: the service must be there.
STRICT = os.environ.get("HELIOGRAPH_CI") == "1"
NEEDS_A_SERVICE = ("browser", "postgres", "redis")


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()
    pagecache.clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep browser tests apart: the driver leaves an event loop behind that breaks ORM calls."""
    if browser_session(config):
        return
    apart = [item for item in items if item.get_closest_marker("browser")]
    if apart:
        config.hook.pytest_deselected(items=apart)
        items[:] = [item for item in items if not item.get_closest_marker("browser")]


def browser_session(config: pytest.Config) -> bool:
    return "browser" in config.option.markexpr


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if not browser_session(config):
        terminalreporter.write_line("Browser tests are a session of their own: pytest -m browser")


def pytest_runtest_setup(item: pytest.Item) -> None:
    engine = settings.DATABASES["default"]["ENGINE"]
    if item.get_closest_marker("postgres") and not engine.endswith("postgresql"):
        pytest.skip("needs PostgreSQL in DATABASE_URL")
    backend = settings.CACHES["default"]["BACKEND"]
    if item.get_closest_marker("redis") and not backend.endswith("RedisCache"):
        pytest.skip("needs Redis in CACHE_URL")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    report = yield
    needed = [name for name in NEEDS_A_SERVICE if item.get_closest_marker(name)]
    if STRICT and report.skipped and needed:
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: needs {', '.join(needed)}"
    return report
