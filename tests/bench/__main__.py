"""Measure on a site of its own, show the table, and say whether all was reached.

`python -m tests.bench` measures all, `python -m tests.bench reading doors` some of it (the
modules of this folder), `--quick` with smaller data and shorter loads: for a look, not for numbers.
"""

import argparse
import logging
import os
import random
import signal
import sys
import tempfile
from functools import partial

# The real settings, on a database and a directory that end with the run.
_directory = tempfile.TemporaryDirectory(prefix="heliograph-bench-")
for _name in (
    "ALLOWED_HOSTS",
    "CACHE_URL",
    "CDN_URL",
    "CELERY_BROKER_URL",
    "COMMENTS_CLOSE_DAYS",
    "DATABASE_URL",
    "DEBUG",
    "EMAIL_URL",
    "PAGE_STORE_MB",
    "SITE_URL",
):
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = _directory.name
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"


MODULES = (
    "receivers",
    "tracing",
    "doors",
    "engine",
    "reading",
    "memory",
    "freshness",
    "scale",
    "lighthouse",
)


def chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("modules", nargs="*", help=", ".join(MODULES))
    parser.add_argument("--quick", action="store_true", help="smaller data, shorter loads")
    return parser.parse_args()


def main() -> int:
    """Returns the exit code: 1 if any row missed its target, or could not be measured."""
    options = chosen()
    # An end by a signal is an exception, so that no server is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    import django

    django.setup()
    logging.disable(logging.INFO)  # a terminal is slower than what is measured
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)

    from tests.bench import (
        doors,
        engine,
        freshness,
        lighthouse,
        memory,
        reading,
        receivers,
        scale,
        tracing,
    )
    from tests.bench.measuring import gathered, table
    from tests.bench.sizes import QUICK, Sizes

    random.seed(1855)
    sizes = QUICK if options.quick else Sizes()
    parts = (
        ("receivers", receivers.calls),
        ("receivers", receivers.asynchronous),
        ("tracing", tracing.pages),
        ("receivers", receivers.init_signals),
        ("doors", doors.trace_price),
        ("doors", doors.audiences),
        ("doors", doors.clock_price),
        ("engine", engine.deliveries),
        ("reading", partial(reading.under_load, sizes)),
        ("memory", partial(memory.after_visits, sizes)),
        ("freshness", partial(freshness.while_publishing, sizes)),
        ("scale", partial(scale.hits, sizes)),
        ("lighthouse", partial(lighthouse.audits, sizes)),
    )
    chosen_parts = [part for part in parts if not options.modules or part[0] in options.modules]
    rows, broken = gathered(chosen_parts)
    if rows:
        print(table(rows))
    missed = sum(not row.reached for row in rows)
    print(f"{len(rows)} rows, {missed} missed.")
    if broken:
        print(f"Broken off: {', '.join(broken)}.")
    return 1 if missed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
