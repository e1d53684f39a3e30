"""A circuit breaker: what failed several times running is left alone for a while, then tried once; it closes by itself.

Counts what it is told; knows nothing of what fails. Safe to share between threads, and never held while something is tried.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class CircuitBreaker:
    """Asks `allows` before a try, is told `succeeded` or `failed` after it.

    Args:
        failures: running, that open it.
        seconds: that it stays open; then one try is let through, whose outcome closes it or opens it again.
    """

    def __init__(self, failures: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = failures, seconds, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened: float | None = None  # since when it is open

    def allows(self) -> bool:
        """Whether to try now. Of those who ask while it is half open, only the first is told yes."""
        with self._lock:
            if self._opened is None:
                return True
            if self._clock() < self._opened + self._seconds:
                return False
            self._opened = self._clock()  # who tries now speaks for all; if it is never heard of, another does after a while
            return True

    def succeeded(self) -> None:
        """The try did what it had to."""
        with self._lock:
            self._failures, self._opened = 0, None

    def failed(self) -> None:
        """The try did not."""
        with self._lock:
            self._failures += 1
            if self._opened is not None or self._failures >= self._most:
                self._opened = self._clock()
