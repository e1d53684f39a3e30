"""Accounts of the staff: who may sign in, with which role, and the sessions that are open.

Passwords are kept as Argon2id hashes, session tokens as SHA-256; neither can be read back. Repeated failures wait longer and
longer, counted for a login together with where they come from, whether the login exists or not: a stranger slows down nobody
else. A browser that signed in before is counted for itself. Knows its tables; nothing of pages, cookies or commands.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import DateTime, ForeignKey, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.errors import AssistantError
from assistant.records.database import Database, Table, now, utc
from assistant.throttling import HOUR, MINUTE, Counted, Throttle, Window, duration, network

MemberRole = Literal["relecteur", "editeur"]
ROLES: tuple[MemberRole, ...] = ("relecteur", "editeur")

PASSWORD_LENGTH = (12, 256)  # characters; a longer one would only cost time to hash
DEVICE_DAYS = 180  # how long a browser that signed in is known
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
_SEEN_EVERY = timedelta(minutes=1)  # how often the last use of a session is written
_HASHING = threading.BoundedSemaphore(2)  # each hash takes 64 MiB: a burst of attempts must not take the memory

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Tries:
    """How many failures, in which windows, before the next try waits: the more there are, the longer."""

    # One login from one address, or from one browser that is known: a minute, then ten, then an hour.
    own: tuple[Window, ...] = (Window(5, MINUTE), Window(10, 10 * MINUTE), Window(20, HOUR))
    # One address, whatever the logins: several people share that of a town hall.
    address: tuple[Window, ...] = (Window(25, 15 * MINUTE), Window(100, 12 * HOUR))
    # One login from everywhere, known browsers apart: guesses dealt out to many addresses.
    login: tuple[Window, ...] = (Window(100, 15 * MINUTE),)


TRIES = Tries()


class AccountError(AssistantError):
    """What is asked of an account cannot be done; says why."""


class SignInRefused(AssistantError):
    """Not signed in. Never says whether the login exists."""


class TooManyFailures(SignInRefused):
    """Too many failures of this login or from this address; the password was not looked at."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"Trop d'essais manqués. Réessayez dans {duration(wait)}.")
        self.wait = wait  # seconds


@dataclass(frozen=True)
class Account:
    """One member of the staff."""

    login: str
    role: MemberRole
    disabled: bool
    has_password: bool  # False: signs in through the OpenID provider only
    created: datetime
    signed_in: datetime | None  # last time


@dataclass(frozen=True)
class Visit:
    """An open session, as the pages need it."""

    login: str
    role: MemberRole
    csrf: str  # what each form of the session carries: `csrf_of`
    logout_hint: str  # ID token of the OpenID provider; empty for a password


class Accounts:
    """The accounts of one database. Safe to share between threads.

    Methods that name an account raise AccountError when there is none of that login, and all of them DatabaseUnavailable.
    """

    def __init__(
        self,
        database: Database,
        idle: timedelta = timedelta(minutes=60),
        absolute: timedelta = timedelta(hours=12),
        hasher: PasswordHasher | None = None,
        clock: Clock = now,
        throttle: Throttle | None = None,
        tries: Tries = TRIES,
    ) -> None:
        """The accounts, whose sessions end after `idle` without a click, and in any case `absolute` after signing in."""
        self._database, self._idle, self._absolute = database, idle, absolute
        self._hasher, self._clock = hasher or PasswordHasher(), clock
        self._throttle, self._tries = throttle or Throttle(), tries

    @property
    def keeps(self) -> bool:
        """False without a database: there can be no account."""
        return self._database.keeps

    # -- accounts

    def all(self) -> list[Account]:
        """Every account, by login."""
        with self._database.session() as session:
            return [_account(row) for row in session.scalars(select(_AccountRow).order_by(_AccountRow.login))]

    def any(self) -> bool:
        """True when somebody can sign in."""
        with self._database.session() as session:
            return session.scalar(select(_AccountRow.id).where(_AccountRow.disabled.is_(False)).limit(1)) is not None

    def add(self, login: str, role: str, password: str | None) -> Account:
        """A new account; without a password it signs in through the OpenID provider only.

        Raises:
            AccountError: the login is taken or malformed, the role unknown, the password too weak.
        """
        self.check_free(login, role)
        login = checked_login(login)
        row = _AccountRow(login=login, role=role, password=self._hashed(login, password), disabled=False, created=self._clock())
        with self._database.session() as session:
            session.add(row)
            try:
                session.flush()
            except IntegrityError as error:  # added by somebody else in between
                raise AccountError(f"Le compte « {login} » existe déjà.") from error
            return _account(row)

    def get(self, login: str) -> Account:
        """One account; AccountError when there is none."""
        with self._changed(login) as (_, row):
            return _account(row)

    def check_free(self, login: str, role: str) -> None:
        """Refuse what `add` would, the password apart: so that it is not asked for in vain.

        Raises:
            AccountError: the login is taken or malformed, the role unknown.
        """
        login, _ = checked_login(login), checked_role(role)
        with self._database.session() as session:
            if _row(session, login) is not None:
                raise AccountError(f"Le compte « {login} » existe déjà.")

    def set_role(self, login: str, role: str) -> None:
        """Give a role: from the next click on; sessions stay open."""
        with self._changed(login) as (_, row):
            row.role = checked_role(role)

    def set_password(self, login: str, password: str) -> None:
        """Give a password: every session of the account is closed, its browsers are no longer known.

        Raises:
            AccountError: no such account, or the password is too weak.
        """
        hashed = self._hashed(normalised(login), password)
        with self._changed(login) as (session, row):
            row.password = hashed
            _close(session, row)
            _forget_devices(session, row)

    def disable(self, login: str) -> None:
        """Nobody signs in with this account any more; its sessions are closed at once."""
        with self._changed(login) as (session, row):
            row.disabled = True
            _close(session, row)

    def enable(self, login: str) -> None:
        """Undo `disable`."""
        with self._changed(login) as (_, row):
            row.disabled = False

    def delete(self, login: str) -> None:
        """Delete an account and its sessions; what the person wrote elsewhere keeps the login."""
        with self._changed(login) as (session, row):
            _close(session, row)
            _forget_devices(session, row)
            session.delete(row)

    @contextmanager
    def _changed(self, login: str) -> Iterator[tuple[Session, _AccountRow]]:
        with self._database.session() as session:
            row = _row(session, normalised(login))
            if row is None:
                raise AccountError(f"Il n'y a pas de compte « {login} ». La liste : python -m assistant comptes list")
            yield session, row

    # -- signing in and out

    def sign_in(self, login: str, password: str, address: str, device: str = "") -> str:
        """Open a session; returns its token, which is kept nowhere else.

        Args:
            device: what `device` gave to this browser, if it signed in before.

        Raises:
            TooManyFailures: this login has to wait here, or this address; the password was not looked at.
            SignInRefused: wrong login or password, or an account that is disabled.
        """
        login, decoy = normalised(login), self._decoy
        own, *others = self._counted(login, address, device)
        # An attempt counts as a failure of its own until it succeeds: those sent together cannot all pass the count.
        if wait := self._throttle.look(*others) or self._throttle.wait(own):
            raise TooManyFailures(wait)
        try:
            token = self._checked(login, password, decoy)
        except SignInRefused:
            self._throttle.wait(*others)
            raise
        self._throttle.forget(own)
        return token

    def _checked(self, login: str, password: str, decoy: str) -> str:
        """The token of a session for the right password; SignInRefused for any other."""
        with self._database.session() as session:
            row = _row(session, login)
            identifier = row.id if row and not row.disabled else None
            kept = row.password if row and identifier else None
        right = self._matches(kept or decoy, password) and kept is not None
        if not right:
            raise SignInRefused("Identifiant ou mot de passe incorrect.")
        with self._database.session() as session:
            row = session.get(_AccountRow, identifier)
            if row is None or row.disabled or row.password != kept:  # changed while the password was being checked
                raise SignInRefused("Identifiant ou mot de passe incorrect.")
            if kept and self._hasher.check_needs_rehash(kept):
                row.password = self._hash(password)
            return self._open(session, row)

    def device(self, token: str) -> str:
        """What a browser that has just signed in may show next time, so that no stranger's failures slow it down.

        Args:
            token: of the session that was opened.
        """
        known = secrets.token_urlsafe(32)
        with self._database.session() as session:
            session.execute(delete(_DeviceRow).where(_DeviceRow.created < self._clock() - timedelta(days=DEVICE_DAYS)))
            if opened := session.get(_SessionRow, digest(token)):
                session.add(_DeviceRow(token=digest(known), account_id=opened.account_id, created=self._clock()))
        return known

    def admit(self, login: str, logout_hint: str = "") -> str:
        """Open a session for someone the OpenID provider vouches for; returns its token.

        Raises:
            SignInRefused: no account has this login, or it is disabled.
        """
        with self._database.session() as session:
            row = _row(session, normalised(login))
            if row is None or row.disabled:
                raise SignInRefused(f"Aucun compte actif ne porte l'adresse « {login} » : à demander à qui gère l'assistant.")
            return self._open(session, row, logout_hint)

    def visit(self, token: str) -> Visit | None:
        """The session of a token; None when it is unknown, closed or expired."""
        if not token:
            return None
        moment = self._clock()
        with self._database.session() as session:
            opened = session.get(_SessionRow, digest(token))
            row = session.get(_AccountRow, opened.account_id) if opened else None
            if opened is None or row is None:
                return None
            seen, created = utc(opened.seen), utc(opened.created)
            if row.disabled or moment - seen > self._idle or moment - created > self._absolute:
                session.delete(opened)
                return None
            if moment - seen > _SEEN_EVERY:
                opened.seen = moment
            return Visit(row.login, cast(MemberRole, row.role), csrf_of(token), opened.logout_hint)

    def sign_out(self, token: str) -> None:
        """Close one session."""
        with self._database.session() as session:
            session.execute(delete(_SessionRow).where(_SessionRow.token == digest(token)))

    def _open(self, session: Session, row: _AccountRow, logout_hint: str = "") -> str:
        moment, token = self._clock(), secrets.token_urlsafe(32)
        session.execute(delete(_SessionRow).where(_SessionRow.created < moment - self._absolute))
        session.add(_SessionRow(token=digest(token), account_id=row.id, created=moment, seen=moment, logout_hint=logout_hint))
        row.signed_in = moment
        return token

    def _counted(self, login: str, address: str, device: str) -> list[Counted]:
        """What a failure is counted for; the first at once, and forgotten by a success."""
        name, place = digest(login), network(address)
        if self._knows(device, login):
            return [Counted(("sign-in", name, digest(device)), self._tries.own)]
        return [
            Counted(("sign-in", name, place), self._tries.own),
            Counted(("sign-in", place), self._tries.address),
            Counted(("sign-in", name), self._tries.login),
        ]

    def _knows(self, device: str, login: str) -> bool:
        """Whether this login signed in from this browser, not too long ago."""
        if not device:
            return False
        with self._database.session() as session:
            row = session.get(_DeviceRow, digest(device))
            account = session.get(_AccountRow, row.account_id) if row else None
            if row is None or account is None:
                return False
            return account.login == login and self._clock() - utc(row.created) <= timedelta(days=DEVICE_DAYS)

    # -- passwords

    def _hashed(self, login: str, password: str | None) -> str | None:
        if password is None:
            return None
        check_password(login, password)
        return self._hash(password)

    def _hash(self, password: str) -> str:
        with _HASHING:
            return self._hasher.hash(_canonical(password))

    def _matches(self, kept: str, password: str) -> bool:
        try:
            with _HASHING:
                return self._hasher.verify(kept, _canonical(password[: PASSWORD_LENGTH[1] + 1]))
        except (VerificationError, InvalidHashError):
            return False

    @cached_property
    def _decoy(self) -> str:
        # An unknown login costs the same time as a wrong password.
        return self._hash(secrets.token_urlsafe(16))


def normalised(login: str) -> str:
    """A login as it is kept: « Marie.Durand@Mairie.fr » and « marie.durand@mairie.fr » are one."""
    return unicodedata.normalize("NFKC", login).strip().lower()


def checked_login(login: str) -> str:
    """A login as it is kept; AccountError when it may not be."""
    found = normalised(login)
    if not _LOGIN.fullmatch(found):
        raise AccountError(
            f"L'identifiant « {login} » ne convient pas : de 2 à 100 lettres sans accent, chiffres, points, tirets, « _ », « + » "
            "ou « @ » (une adresse électronique convient)."
        )
    return found


def checked_role(role: str) -> MemberRole:
    """A role that exists; AccountError for another."""
    if role not in ROLES:
        raise AccountError(f"Le rôle « {role} » n'existe pas : {' ou '.join(ROLES)}.")
    return role


def check_password(login: str, password: str) -> None:
    """Refuse a password that is easy to guess: too short above all, made of a few signs only, or the login itself.

    Raises:
        AccountError: says which.
    """
    low, high = PASSWORD_LENGTH
    if not low <= len(password) <= high:
        raise AccountError(f"Le mot de passe compte {len(password)} caractères : il en faut de {low} à {high}.")
    if len(set(password)) < 5 or normalised(password) == login:
        raise AccountError("Ce mot de passe se devine trop facilement. Quatre mots sans rapport entre eux conviennent bien.")


def csrf_of(token: str) -> str:
    """The token that proves a form comes from our page: drawn from the cookie's, which it does not reveal."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def _canonical(password: str) -> str:
    # The same « é » from every keyboard; half characters, which no encoding carries, become « ? ».
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode("utf-8")


def digest(text: str) -> str:
    """SHA-256, in hexadecimal: what is kept of a secret (the token of a session, a key), which cannot be read back from it."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


class _AccountRow(Table):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password: Mapped[str | None]
    disabled: Mapped[bool]
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signed_in: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class _SessionRow(Table):
    __tablename__ = "staff_sessions"

    token: Mapped[str] = mapped_column(primary_key=True)  # SHA-256
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    logout_hint: Mapped[str]


class _DeviceRow(Table):
    __tablename__ = "known_devices"

    token: Mapped[str] = mapped_column(primary_key=True)  # SHA-256
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def _row(session: Session, login: str) -> _AccountRow | None:
    return session.scalar(select(_AccountRow).where(_AccountRow.login == login))


def _close(session: Session, row: _AccountRow) -> None:
    session.execute(delete(_SessionRow).where(_SessionRow.account_id == row.id))


def _forget_devices(session: Session, row: _AccountRow) -> None:
    session.execute(delete(_DeviceRow).where(_DeviceRow.account_id == row.id))


def _account(row: _AccountRow) -> Account:
    return Account(
        row.login,
        cast(MemberRole, row.role),
        row.disabled,
        row.password is not None,
        utc(row.created),
        utc(row.signed_in) if row.signed_in else None,
    )
