"""One format for all lines, and nothing private in them."""

import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import structlog
from django.conf import settings
from django.test import RequestFactory

from config import logs

Written = Callable[[str], StringIO]


@pytest.fixture
def log_as() -> Iterator[Written]:
    """Set the logs up in a format and return what they write to."""

    def configure(log_format: str) -> StringIO:
        written = StringIO()
        configuration = logs.configure(log_format, debug=False)
        configuration["handlers"]["console"]["stream"] = written
        logging.config.dictConfig(configuration)
        return written

    yield configure
    logging.config.dictConfig(settings.LOGGING)


def test_both_kinds_of_logger_write_the_same_lines(log_as: Written) -> None:
    written = log_as("json")
    logging.getLogger("signalflow").info("ran %s", "recount_tags", extra={"post": 12})
    structlog.get_logger("heliograph").info("ran recount_tags", post=12)
    first, second = map(json.loads, written.getvalue().splitlines())
    assert first.pop("logger") == "signalflow"
    assert second.pop("logger") == "heliograph"
    assert first.pop("timestamp")
    assert second.pop("timestamp")
    assert first == second == {"event": "ran recount_tags", "level": "info", "post": 12}


@pytest.mark.parametrize("log_format", ["json", "lines"])
def test_requests_stay_out_of_the_log(log_as: Written, rf: RequestFactory, log_format: str) -> None:
    written = log_as(log_format)
    request = rf.get("/", headers={"cookie": "sessionid=private"})
    logging.getLogger("django.request").warning("Not Found", extra={"request": request})
    assert "Not Found" in written.getvalue()
    assert "private" not in written.getvalue()
    assert "WSGIRequest" not in written.getvalue()


@pytest.mark.parametrize("log_format", ["json", "lines"])
def test_tracebacks_show_no_local_variables(log_as: Written, log_format: str) -> None:
    written = log_as(log_format)
    try:
        fail_with(password="hunter" + "2")  # in two parts: tracebacks do show source lines
    except ZeroDivisionError:
        logging.getLogger("django.server").warning("failed", exc_info=True)
    assert "ZeroDivisionError" in written.getvalue()
    assert "hunter2" not in written.getvalue()


def fail_with(password: str) -> float:
    return len(password) / 0
