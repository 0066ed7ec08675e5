"""What this process knows of the mail server: whether it lets everybody wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

PATIENCE_SECONDS = 3.0  # a server that fails more slowly than that hangs
REST_SECONDS = 30.0  # nobody waits for it again so soon


class ServerHangs(OSError):  # noqa: N818 - says what is the case
    """The mail server kept somebody waiting a moment ago, and is left alone for some seconds."""


class Server:
    """One worker runs everything durable: it must not stand in line at a server that hangs.

    A connection that is refused costs nothing, so only slow failures count.
    """

    def __init__(self) -> None:
        self.rests_until = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Around each talk with the server; raises ServerHangs instead of waiting once more."""
        begun = monotonic()
        if begun < self.rests_until:
            raise ServerHangs("it did not answer a moment ago")
        try:
            yield
        except OSError:
            if monotonic() - begun > PATIENCE_SECONDS:
                self.rests_until = monotonic() + REST_SECONDS
            raise


server = Server()
