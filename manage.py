#!/usr/bin/env python
"""Heliograph's command line: `python manage.py help`."""

import os
import sys

from config.env import ConfigurationError


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # After the line above, and later than `config`, which chooses the SQLite.
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from config import outages  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except outages.OUTAGES as error:
        if "--traceback" in sys.argv:
            raise
        sys.stderr.write(f"{outages.explain(error)} (--traceback shows where)\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
