"""The secret key of a site whose operator did not choose one."""

import os
import secrets
from pathlib import Path

from config.env import ConfigurationError

BYTES = 48  # 64 characters, above the 50 that `check --deploy` asks for


def read_or_create(path: Path) -> str:
    """Return the key kept at `path`, making it once.

    Several processes may start at the same moment. Each writes a file of its own and links it
    to `path`; linking is atomic and only the first one succeeds, so nobody reads half a key
    and all read the same one.  Raises ConfigurationError where that cannot be done.
    """
    try:
        if not path.exists():
            _create(path)
        return path.read_text().strip()
    except OSError as error:
        problem = f"cannot hold the secret key {path} ({error.strerror})"
        remedy = "make room there, let this user read and write it, or set SECRET_KEY"
        raise ConfigurationError("DATA_DIR", problem, remedy) from None


def _create(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(BYTES) + "\n")
        os.link(draft, path)
    except FileExistsError:
        return  # another process was first; its key counts
    finally:
        draft.unlink()
