"""Numbers that all processes of one machine have before their eyes."""

import mmap
import os
import secrets
from pathlib import Path

SIZE = 8  # bytes, aligned: a reader meets a number before a change or after it, never between


class SharedNumbers:
    """Numbers in a file that is mapped into memory: reading one needs no call of the system, and
    writing one no room on the disk.  Without a file they are those of this process.

    Raises OSError where the file cannot be made.
    """

    def __init__(self, path: Path | None, count: int = 1) -> None:
        size = SIZE * count
        if path is None:
            self.view = memoryview(bytearray(size)).cast("q")
            return
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if os.fstat(file).st_size < size:  # written, not truncated to: the disk may be full
                os.pwrite(file, bytes(size), 0)
            self.view = memoryview(mmap.mmap(file, size)).cast("q")
        finally:
            os.close(file)


class LossMark:
    """Whether an invalidation was lost, so that nobody may trust what he keeps.

    Two numbers: the last loss, and the last loss that was made good.  Each is written by whoever
    has something to say, and no order of their writing hides a loss.
    """

    def __init__(self, path: Path | None) -> None:
        self._view = SharedNumbers(path, 2).view

    def is_set(self) -> bool:
        view = self._view
        return view[0] != view[1]

    def set(self) -> None:
        self._view[0] = secrets.randbits(62)

    def last(self) -> int:
        """The loss to make good; to be read before that is done."""
        return self._view[0]

    def clear(self, loss: int) -> None:
        """This loss was made good; a later one stays."""
        self._view[1] = loss
