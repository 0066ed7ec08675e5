"""No process of the site outlives the one that started it, whatever ends that one."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)

# Loaded here: between fork and exec a child must not load anything.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with(parent: int) -> None:
    """Let the kernel kill this process as soon as its parent is gone, `kill -9` included.

    Killed, not stopped: whoever starts the site again must find the port free, and a delivery
    that is cut off is claimed again.  The wish survives exec but not fork, so each generation
    asks for itself.  Elsewhere than on Linux there is no such promise, and nothing is done.

    `parent` is the process the caller believes to be a child of.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)
