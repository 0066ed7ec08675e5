"""A service that does not answer is left alone for a while."""

import time

REST_SECONDS = 5.0


class CircuitBreaker:
    """Closed while a service answers; open for REST_SECONDS after it did not.

    Then one caller tries it again, while all others still go without: a service that hangs costs
    one caller its timeout now and then, and nobody twice.
    """

    def __init__(self) -> None:
        self._retry_at = 0.0  # on the monotonic clock; 0 while it is closed

    def is_open(self) -> bool:
        """Whether to go without the service."""
        if not self._retry_at:
            return False
        now = time.monotonic()
        if now < self._retry_at:
            return True
        self._retry_at = now + REST_SECONDS  # this caller tries
        return False

    def open(self) -> None:
        """The service did not answer."""
        self._retry_at = time.monotonic() + REST_SECONDS

    def close(self) -> None:
        """The service answered."""
        self._retry_at = 0.0
