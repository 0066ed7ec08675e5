"""The secret key of a site whose operator did not choose one."""

import os
import secrets
from pathlib import Path

BYTES = 48  # 64 characters, above the 50 that `check --deploy` asks for


def read_or_create(path: Path) -> str:
    """Return the key kept at `path`, making it once.

    Several processes may start at the same moment. Each writes a file of its own and links it
    to `path`; linking is atomic and only the first one succeeds, so nobody reads half a key
    and all read the same one.
    """
    if not path.exists():
        _create(path)
    return path.read_text().strip()


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
