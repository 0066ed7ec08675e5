"""A number that all processes of one machine have before their eyes."""

import mmap
import os
from pathlib import Path

SIZE = 8  # bytes, aligned: a reader meets the number before a change or after it, never between


class SharedNumber:
    """A number in a file that is mapped into memory: reading it needs no call of the system.

    Whoever opens or writes it holds a lock that all writers share.  Raises OSError.
    """

    def __init__(self, path: Path) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if os.fstat(file).st_size < SIZE:  # written, not truncated to: the disk may be full
                os.pwrite(file, bytes(SIZE), 0)
            self._view = memoryview(mmap.mmap(file, SIZE)).cast("q")
        finally:
            os.close(file)

    def read(self) -> int:
        return self._view[0]

    def write(self, number: int) -> None:
        self._view[0] = number
