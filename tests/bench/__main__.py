"""Measure everything on a site of its own, show the table, and say whether all was reached."""

import logging
import os
import random
import sys
import tempfile
import time

# The real settings, on a database and a directory that end with the run.
_directory = tempfile.TemporaryDirectory(prefix="heliograph-bench-")
for _name in ("CACHE_URL", "CELERY_BROKER_URL", "DATABASE_URL", "DEBUG", "EMAIL_URL", "SITE_URL"):
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = _directory.name
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"


def main() -> int:
    """Returns the exit code: 1 if any row missed its target."""
    import django

    django.setup()
    logging.disable(logging.INFO)  # a terminal is slower than what is measured
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)

    from tests.bench import doors, engine, reading, receivers
    from tests.bench.measuring import Row, table

    random.seed(1855)
    rows: list[Row] = []
    for measure in (
        receivers.calls,
        receivers.asynchronous,
        reading.pages,
        receivers.init_signals,
        doors.trace_price,
        doors.audiences,
        doors.clock_price,
        engine.deliveries,
    ):
        begun = time.monotonic()
        rows += measure()
        seconds = time.monotonic() - begun
        print(f"… {measure.__module__}.{measure.__name__} {seconds:.0f} s", file=sys.stderr)
    print(table(rows))
    missed = sum(not row.reached for row in rows)
    print(f"{len(rows)} rows, {missed} missed.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
