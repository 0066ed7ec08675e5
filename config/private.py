"""What the site writes is nobody else's on this machine: the database knows every address.

Only "everybody" is shut out.  What its group may read is the operator's to say, by umask and by
the mode of DATA_DIR: so a proxy in the group of the site serves media and static files (deploy/).
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

EVERYBODY = stat.S_IRWXO

# What the site itself makes in its data directory; a directory that holds more is somebody's.
OURS = ("cache", "heliograph.sqlite3", "media", "running.lock", "secret_key", "static")

FILES, DIRECTORIES = 0o640, 0o750  # of uploads, whatever the umask


def keep(directory: Path, database: Path | None = None) -> None:
    """From here on let nobody but owner and group read what is written, and what was.

    `database` is a file that lies elsewhere, perhaps.  What belongs to somebody else stays as it
    is; `manage.py check` names it (`config/checks.py`).
    """
    os.umask(os.umask(EVERYBODY) | EVERYBODY)
    for path in open_to_everybody(directory, database):
        with suppress(OSError):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~EVERYBODY)


def open_to_everybody(directory: Path, database: Path | None) -> list[Path]:
    """What of the site's data others on this machine may enter or read."""
    entries = list(directory.iterdir()) if os.access(directory, os.R_OK) else []
    found = [path for path in entries if path.name.startswith(OURS)]
    # A sticky one, such as /tmp, is made for everybody.
    if len(found) == len(entries) and not _mode(directory) & stat.S_ISVTX:
        found.append(directory)
    if database is not None:
        found += [Path(f"{database}{suffix}") for suffix in ("", "-wal", "-shm", "-journal")]
    return [path for path in dict.fromkeys(found) if _mode(path) & EVERYBODY]


def _mode(path: Path) -> int:
    """The mode of a file, nothing for one that is gone or cannot be seen."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
