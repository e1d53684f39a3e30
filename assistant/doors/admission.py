"""Who may come in through a door, how often, and how many questions a day; a refusal is one French sentence.

Knows keys and counts; nothing of HTTP but the status that a refusal has, nor of what is asked. The minute is counted with
everything that is limited, the day in the database: a restart gives nobody their day again.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.doors import door_texts as texts
from assistant.errors import AssistantError
from assistant.records.api_keys import ApiKey, ApiKeys
from assistant.records.database import DatabaseUnavailable
from assistant.throttling import MINUTE, Counted, Throttle, Window, duration, network

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
    address: str = ""  # where the request comes from

    @property
    def counted_as(self) -> tuple[str, str]:
        """Who this is where requests are counted and take turns: a key has its own, without one an address."""
        return ("key", str(self.key.id)) if self.key else ("address", network(self.address))


class Admission:
    """Checks keys and counts. Safe to share between threads."""

    def __init__(
        self, keys: ApiKeys, per_minute: int, keys_only: bool = True, throttle: Throttle | None = None, overall: int = 600
    ) -> None:
        self._keys, self._keys_only, self._throttle = keys, keys_only, throttle or Throttle()
        self.per_minute, self._overall = per_minute, Counted(("doors",), (Window(overall, MINUTE),))

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
        caller = Caller(key, address)
        if wait := self._throttle.wait(Counted(("door", *caller.counted_as), (Window(self.per_minute, MINUTE),))):
            raise DoorRefused(texts.TOO_OFTEN.format(limit=self.per_minute, wait=duration(wait)), 429, wait)
        if key is None and self._keys_only:
            raise DoorRefused(texts.WRONG_KEY if secret else texts.NO_KEY, 401)
        return caller

    def spend(self, caller: Caller) -> None:
        """Count one question: of all programs, then of a key's day.

        Raises:
            DoorRefused: 429 when there are too many, or the quota is spent; 503 when it cannot be counted.
        """
        if wait := self._throttle.wait(self._overall):
            raise DoorRefused(texts.TOO_MANY.format(wait=duration(wait)), 429, wait)
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
