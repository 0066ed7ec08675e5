"""What is wrong with disk or database, in one sentence for the operator."""

import errno
from typing import Final

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, ProgrammingError

# What a command may meet without a fault in its code; everything else is a traceback.
OUTAGES: Final = (OperationalError, InterfaceError, ProgrammingError, OSError, ValidationError)

FULL = {errno.ENOSPC, errno.EDQUOT}

# What a database says when something is wrong with it, and what to do.  The first that fits.
REMEDIES = (
    ("disk is full", "make room on its disk"),
    ("No space left", "make room on its disk"),
    ("readonly", "let this user write to it and to its directory"),
    ("read-only", "let this user write to it"),
    ("unable to open", "let this user write to its directory, and see that its disk is there"),
    ("disk I/O error", "look at its disk, which may be full or gone"),
    ("locked", "another process was writing for long; try again"),
    ("no such table", "run manage.py migrate"),
    ("no such column", "run manage.py migrate"),
    ("does not exist", "run manage.py migrate, or look at DATABASE_URL"),
)
OTHERWISE = "see that it runs, and look at DATABASE_URL"


def explain(error: BaseException) -> str:
    """One sentence: what is wrong, and what to do about it."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, OSError):
        place = f" ({error.filename})" if error.filename else ""
        remedy = "; make room on the disk" if error.errno in FULL else ""
        return f"{error.strerror or error}{place}{remedy}."
    told = " ".join(str(error).split()) or type(error).__name__
    remedy = next((remedy for sign, remedy in REMEDIES if sign in told), OTHERWISE)
    return f"The database cannot be used: {told.rstrip('.')}; {remedy}."
