"""Who may come in through a door, how often, and how many questions a day; a refusal is one French sentence.

Knows keys and counts; nothing of HTTP but the status that a refusal has, nor of what is asked. The minute is counted in memory,
the day in the database: a restart gives nobody their day again.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from assistant.doors import door_texts as texts
from assistant.errors import AssistantError
from assistant.records.accounts import network
from assistant.records.api_keys import ApiKey, ApiKeys
from assistant.records.database import DatabaseUnavailable

log = logging.getLogger(__name__)


class DoorRefused(AssistantError):
    """What is told instead of an answer: a sentence, the HTTP status, when to come back."""

    def __init__(self, message: str, status: int, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.retry_after = status, retry_after  # seconds


@dataclass(frozen=True)
class Caller:
    """A program that was let in."""

    key: ApiKey | None = None  # None: without a key, where doors are open


class Admission:
    """Checks keys and counts. Safe to share between threads."""

    def __init__(self, keys: ApiKeys, per_minute: int, keys_only: bool = True) -> None:
        self._keys, self._keys_only = keys, keys_only
        self.per_minute = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def admit(self, secret: str, address: str) -> Caller:
        """Let in whoever has a key, or anybody where doors are open.

        A key has its minute to itself; whoever has none, or a wrong one, shares that of their address.

        Raises:
            DoorRefused: 401 without a key in use, 429 too often, 503 when keys cannot be read.
        """
        try:
            key = self._keys.find(secret) if secret else None
        except DatabaseUnavailable as error:
            log.exception("The keys cannot be read.")
            raise DoorRefused(texts.NO_DATABASE, 503, 60) from error
        counted = ("key", str(key.id)) if key else ("address", network(address))
        if not self._limiter.hit(self.per_minute, *counted):
            wait = max(1, math.ceil(self._limiter.get_window_stats(self.per_minute, *counted).reset_time - time.time()))
            raise DoorRefused(texts.TOO_OFTEN.format(limit=self.per_minute.amount, wait=duration(wait)), 429, wait)
        if key is None and self._keys_only:
            raise DoorRefused(texts.WRONG_KEY if secret else texts.NO_KEY, 401)
        return Caller(key)

    def spend(self, caller: Caller) -> None:
        """Count one question of a key's day.

        Raises:
            DoorRefused: 429 once the quota is spent, 503 when it cannot be counted.
        """
        if caller.key is None:
            return
        try:
            counted = self._keys.spend(caller.key.id)
        except DatabaseUnavailable as error:
            log.exception("A question cannot be counted.")
            raise DoorRefused(texts.NO_DATABASE, 503, 60) from error
        if not counted:
            wait = seconds_to_midnight(datetime.now())
            raise DoorRefused(texts.QUOTA_SPENT.format(limit=caller.key.per_day, wait=duration(wait)), 429, wait)


def seconds_to_midnight(moment: datetime) -> int:
    """Seconds until the next day of the server begins, at least one."""
    midnight = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, math.ceil((midnight - moment).total_seconds()))


def duration(seconds: int) -> str:
    """« 12 secondes », « 5 h 07 »."""
    if seconds < 120:
        return texts.SECONDS[seconds < 2].format(count=seconds)
    minutes = math.ceil(seconds / 60)
    return texts.HOURS.format(hours=minutes // 60, minutes=minutes % 60)
