"""How often is too often: one count for questions, sign-ins, programs and whatever else strangers may send.

Counts in moving windows (`limits`), in memory or in a store that several processes share; says how long to wait, and in French.
Knows nothing of HTTP, nor of what is counted. A store that fails is replaced by memory until it is back: nobody is kept out.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import ConfigurationError as StoreRefused
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from assistant.errors import ConfigurationError

log = logging.getLogger(__name__)

MEMORY = "memory://"
STORE_REFUSED = (
    "Le réglage ASSISTANT_LIMITS_STORE n'est pas l'adresse d'un magasin de comptes utilisable ({reason}) : « memory:// », ou "
    "« redis://… » après « pip install redis »."
)
MINUTE, HOUR = 60, 3600  # seconds


@dataclass(frozen=True)
class Window:
    """At most `count` within any `seconds`."""

    count: int
    seconds: int

    @property
    def item(self) -> RateLimitItem:
        """The same, as `limits` takes it."""
        return RateLimitItemPerSecond(self.count, self.seconds)


@dataclass(frozen=True)
class Counted:
    """Who is counted, for what (`("sign-in", "203.0.113.7")`), in which windows."""

    who: tuple[str, ...]
    windows: tuple[Window, ...]


class Throttle:
    """The counts of one store. Safe to share between threads.

    Raises:
        ConfigurationError: no store is known by this URL, or its library is not installed.
    """

    def __init__(self, store: str = MEMORY) -> None:
        options = {} if store == MEMORY else {"wrap_exceptions": True}
        try:
            self._shared = MovingWindowRateLimiter(storage_from_string(store, **options))
        except (StoreRefused, ValueError, NotImplementedError) as error:
            raise ConfigurationError(STORE_REFUSED.format(reason=error)) from error
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._counting = threading.Lock()  # what is looked at is what is counted
        self._failed = False

    def wait(self, *all_counted: Counted) -> int:
        """Count one more for each, and return 0; or count nothing and return the seconds until it would be."""
        return self._on_store(lambda limiter: _wait(limiter, all_counted))

    def look(self, *all_counted: Counted) -> int:
        """What `wait` would return; counts nothing."""
        return self._on_store(lambda limiter: _wait(limiter, all_counted, counting=False))

    def forget(self, *all_counted: Counted) -> None:
        """Count from zero again."""

        def clear(limiter: MovingWindowRateLimiter) -> int:
            for counted in all_counted:
                for window in counted.windows:
                    limiter.clear(window.item, *counted.who)
            return 0

        self._on_store(clear)

    def _on_store(self, work: Callable[[MovingWindowRateLimiter], int]) -> int:
        with self._counting:
            try:
                result = work(self._shared)
            except StorageError:
                if not self._failed:
                    log.exception("The store of the counts fails: this process counts alone meanwhile.")
                self._failed = True
                return work(self._own)
            self._failed = False
            return result


def _wait(limiter: MovingWindowRateLimiter, all_counted: tuple[Counted, ...], counting: bool = True) -> int:
    rows = [(window, counted.who) for counted in all_counted for window in counted.windows]
    full = [(window, who) for window, who in rows if not limiter.test(window.item, *who)]
    if full:
        until = max(limiter.get_window_stats(window.item, *who).reset_time for window, who in full)
        return max(1, math.ceil(until - time.time()))
    for window, who in rows if counting else ():
        limiter.hit(window.item, *who)
    return 0


def network(address: str) -> str:
    """What counts as one client: an address in IPv4; in IPv6 its /64, the least that one customer is given."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if found.version == 6 and found.ipv4_mapped:  # the same client, met by a socket of both kinds
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def duration(seconds: int) -> str:
    """« 12 secondes », « 3 minutes », « 5 h 07 »."""
    if seconds < 120:
        return f"{seconds} seconde{'s' if seconds > 1 else ''}"
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return f"{minutes} minutes"
    return f"{minutes // 60} h {minutes % 60:02d}"
