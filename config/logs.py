"""One format for every log line, whether it comes from structlog or the standard library."""

import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

FORMATS = ("auto", "json", "lines")


def configure(log_format: str, *, debug: bool) -> dict[str, Any]:
    """Set structlog up and return the matching LOGGING.

    "auto" writes readable lines where a person looks on and JSON where a collector does.
    """
    readable = debug or sys.stderr.isatty() if log_format == "auto" else log_format == "lines"
    shared = _shared_processors()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return _logging(shared, _lines() if readable else _json())


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        _without_request,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _without_request(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Drop the request and socket objects Django adds: their text may hold cookies."""
    event.pop("request", None)
    return event


def _lines() -> list[Processor]:
    # The prettier tracebacks print local variables, passwords among them.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def _json() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]


def _logging(shared: list[Processor], renderer: list[Processor]) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *renderer,
                ],
            },
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "structured"},
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "heliograph": {"level": "INFO"},
            "signalflow": {"level": "INFO"},
            "pagecache": {"level": "INFO"},
            # Django's own handlers would print the same lines a second time.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }
