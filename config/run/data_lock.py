"""One site on one data directory: who runs it holds a lock that names them."""

import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from config.env import ConfigurationError

NAME = "running.lock"


def take(directory: Path, address: str) -> IO[str]:
    """Lock `directory` for this process; the lock lasts as long as the file stays open.

    The kernel ends it with the process, however that ends, and children do not inherit it: a
    lock left behind by a crash cannot be.  What the file says is for people only.

    Returns the open file.  Raises ConfigurationError, naming the holder, where there is one, and
    where nothing can be written.
    """
    try:
        return _take(directory, address)
    except OSError as error:
        problem = f"{directory} cannot be written to ({error.strerror})"
        raise ConfigurationError("DATA_DIR", problem, "make room there, or mount it") from None


def _take(directory: Path, address: str) -> IO[str]:
    file = os.fdopen(os.open(directory / NAME, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        problem = f"{directory} is in use: {_holder(file)}"
        remedy = "stop that one first, or write another DATA_DIR for a second site"
        raise ConfigurationError("DATA_DIR", problem, remedy) from None
    file.truncate()
    json.dump({"pid": os.getpid(), "address": address, "since": _now()}, file)
    file.flush()
    return file


def _holder(file: IO[str]) -> str:
    try:
        said = json.load(file)
        return f"process {said['pid']} has run it since {said['since']} at {said['address']}"
    except (ValueError, KeyError, TypeError):  # it is writing its name just now
        return "another process is just starting it"


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
