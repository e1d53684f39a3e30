"""Keys of the programs that may ask: a name each, a quota a day, the last use; never the secret itself.

The secret is shown once, when the key is made, and its SHA-256 is kept: drawn at random and long, it needs no slow hash
against whoever would guess it. A revoked key stays on the list with the day it ended. Knows its table; nothing of requests.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import DateTime, case, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.errors import AssistantError
from assistant.records.accounts import Clock, digest
from assistant.records.database import Database, Table, changed, now, utc

PER_DAY = 1000  # questions a day of a key made without a quota
PER_DAY_BOUNDS = (1, 1_000_000)
_PREFIX = "pvd_"  # so that a key found in a file is recognised for what it is
_NAME = re.compile(r"\w[\w .@+-]{0,98}\w")


class ApiKeyError(AssistantError):
    """What is asked of a key cannot be done; says why."""


@dataclass(frozen=True)
class ApiKey:
    """A key, its secret apart."""

    id: int
    name: str
    per_day: int  # questions
    created: datetime  # UTC
    used: datetime | None  # UTC, last question
    used_today: int  # questions
    revoked: datetime | None  # UTC


class ApiKeys:
    """The keys of one database. Safe to share between threads."""

    def __init__(self, database: Database, clock: Clock = now) -> None:
        self._database, self._clock = database, clock

    def add(self, name: str, per_day: int = PER_DAY) -> str:
        """Make a key; returns its secret, which is kept nowhere.

        Raises:
            ApiKeyError: the name is malformed or borne by another key in use, or the quota out of bounds.
        """
        low, high = PER_DAY_BOUNDS
        if not _NAME.fullmatch(name):
            raise ApiKeyError(f"Le nom « {name} » ne convient pas : de 2 à 100 lettres, chiffres, espaces, points ou tirets.")
        if not low <= per_day <= high:
            raise ApiKeyError(f"Un quota va de {low} à {high} questions par jour ; {per_day} est demandé.")
        secret = _PREFIX + secrets.token_urlsafe(32)
        with self._database.session() as session:
            if _in_use(session, name):
                raise ApiKeyError(f"Une clé « {name} » existe déjà. Pour la remplacer : python -m assistant cles revoke")
            session.add(
                _ApiKeyRow(name=name, digest=digest(secret), per_day=per_day, created=self._clock(), day="", used_today=0)
            )
        return secret

    def all(self) -> list[ApiKey]:
        """Every key, by name, then by age."""
        with self._database.session() as session:
            rows = session.scalars(select(_ApiKeyRow).order_by(_ApiKeyRow.name, _ApiKeyRow.id))
            return [self._key(row) for row in rows]

    def revoke(self, name: str) -> None:
        """Close the key of this name at once; ApiKeyError when none is in use."""
        with self._database.session() as session:
            row = _in_use(session, name)
            if row is None:
                raise ApiKeyError(f"Il n'y a pas de clé « {name} » en service. La liste : python -m assistant cles list")
            row.revoked = self._clock()

    def find(self, secret: str) -> ApiKey | None:
        """The key in use that has this secret; None when there is none."""
        opens = select(_ApiKeyRow).where(_ApiKeyRow.digest == digest(secret), _ApiKeyRow.revoked.is_(None))
        with self._database.session() as session:
            row = session.scalar(opens)
            return self._key(row) if row else None

    def spend(self, key_id: int) -> bool:
        """Count one question; False, and nothing is counted, once the quota of the server's day is spent."""
        row, today = _ApiKeyRow, self._today()
        counted = (
            update(row)
            .where(row.id == key_id, or_(row.day != today, row.used_today < row.per_day))
            .values(used_today=case((row.day == today, row.used_today + 1), else_=1), day=today, used=self._clock())
        )
        with self._database.session() as session:  # one statement: questions sent together cannot all pass the count
            return bool(changed(session, counted))

    def _today(self) -> str:
        return _day_of(self._clock()).isoformat()

    def _key(self, row: _ApiKeyRow) -> ApiKey:
        spent = row.used_today if row.day == self._today() else 0
        ended, used = (utc(moment) if moment else None for moment in (row.revoked, row.used))
        return ApiKey(row.id, row.name, row.per_day, utc(row.created), used, spent, ended)


def _day_of(moment: datetime) -> date:
    return moment.astimezone().date()  # of the server's time zone, in which quotas begin again


class _ApiKeyRow(Table):
    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    digest: Mapped[str] = mapped_column(unique=True)  # SHA-256
    per_day: Mapped[int]
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    used: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    day: Mapped[str]  # the one that `used_today` counts, ISO date
    used_today: Mapped[int]


def _in_use(session: Session, name: str) -> _ApiKeyRow | None:
    return session.scalar(select(_ApiKeyRow).where(_ApiKeyRow.name == name, _ApiKeyRow.revoked.is_(None)))
