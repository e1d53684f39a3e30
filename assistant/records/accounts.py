"""Accounts of the staff: who may sign in, with which role, and the sessions that are open.

Passwords are kept as Argon2id hashes, session tokens as SHA-256; neither can be read back. Repeated
failures are slowed down by login and by address, whether the login exists or not; neither is kept but hashed
with a salt that is erased once they no longer count. Knows its tables;
nothing of pages, cookies or commands.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import DateTime, ForeignKey, Index, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.errors import AssistantError
from assistant.records.database import Database, Table, now, utc

MemberRole = Literal["relecteur", "editeur"]
ROLES: tuple[MemberRole, ...] = ("relecteur", "editeur")

PASSWORD_LENGTH = (12, 256)  # characters; a longer one would only cost time to hash
FAILURES_BY_LOGIN = 5  # within WINDOW, then the login waits
FAILURES_BY_ADDRESS = 25  # within WINDOW: several people share the address of a town hall
WINDOW = timedelta(minutes=15)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
_SEEN_EVERY = timedelta(minutes=1)  # how often the last use of a session is written
_HASHING = threading.BoundedSemaphore(2)  # each hash takes 64 MiB: a burst of attempts must not take the memory

Clock = Callable[[], datetime]


class AccountError(AssistantError):
    """What is asked of an account cannot be done; says why."""


class SignInRefused(AssistantError):
    """Not signed in. Never says whether the login exists."""


class TooManyFailures(SignInRefused):
    """Too many failures of this login or from this address."""


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
    ) -> None:
        """The accounts, whose sessions end after `idle` without a click, and in any case `absolute` after signing in."""
        self._database, self._idle, self._absolute = database, idle, absolute
        self._hasher, self._clock = hasher or PasswordHasher(), clock

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
        """Give a password: every session of the account is closed, its failures are forgotten.

        Raises:
            AccountError: no such account, or the password is too weak.
        """
        hashed = self._hashed(normalised(login), password)
        with self._changed(login) as (session, row):
            row.password = hashed
            _close(session, row)
            self._forget_failures(session, row.login)

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
            session.delete(row)

    @contextmanager
    def _changed(self, login: str) -> Iterator[tuple[Session, _AccountRow]]:
        with self._database.session() as session:
            row = _row(session, normalised(login))
            if row is None:
                raise AccountError(f"Il n'y a pas de compte « {login} ». La liste : python -m assistant comptes list")
            yield session, row

    # -- signing in and out

    def sign_in(self, login: str, password: str, address: str) -> str:
        """Open a session; returns its token, which is kept nowhere else.

        Raises:
            TooManyFailures: this login or this address has to wait; the password was not looked at.
            SignInRefused: wrong login or password, or an account that is disabled.
        """
        login, decoy = normalised(login), self._decoy
        self._count_attempt(login, address)
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
            self._forget_failures(session, login)
            return self._open(session, row)

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

    def _count_attempt(self, login: str, address: str) -> None:
        """Every attempt counts as a failure until it succeeds: attempts sent together cannot all pass the count."""
        with self._database.session() as session:
            salts = self._salts(session)
            by_login, by_address = ([_keyed(salt, value) for salt in salts] for value in (login, network(address)))
            attempt = _AttemptRow(moment=self._clock(), login=by_login[0], address=by_address[0])
            session.add(attempt)
            session.flush()
            count = select(func.count()).select_from(_AttemptRow)
            many = (session.scalar(count.where(_AttemptRow.login.in_(by_login))) or 0) > FAILURES_BY_LOGIN
            crowd = (session.scalar(count.where(_AttemptRow.address.in_(by_address))) or 0) > FAILURES_BY_ADDRESS
            if many or crowd:
                session.delete(attempt)  # refused unread: it does not make the wait longer
        if many or crowd:
            minutes = int(WINDOW.total_seconds() // 60)
            raise TooManyFailures(f"Trop d'essais manqués. Attendez {minutes} minutes avant de réessayer.")

    def purge(self) -> None:
        """Forget the failures that no longer count, and the salts that their logins and addresses were hashed with."""
        if self.keeps:
            with self._database.session() as session:
                self._salts(session)

    def _salts(self, session: Session) -> list[str]:
        """The salt of this WINDOW, then that of the one before, which failures that count may still have.

        Older ones are erased, with the failures: from then on nobody can tell which login or address they were of.
        """
        moment = self._clock()
        period = int(moment.timestamp() // WINDOW.total_seconds())
        session.execute(delete(_AttemptRow).where(_AttemptRow.moment < moment - WINDOW))
        session.execute(delete(_SaltRow).where(_SaltRow.period < period - 1))
        if session.get(_SaltRow, period) is None:
            with suppress(IntegrityError), session.begin_nested():  # another process may draw it at the same moment
                session.add(_SaltRow(period=period, salt=secrets.token_hex(32)))
        return list(session.scalars(select(_SaltRow.salt).order_by(_SaltRow.period.desc())))

    def _forget_failures(self, session: Session, login: str) -> None:
        keys = [_keyed(salt, login) for salt in self._salts(session)]
        session.execute(delete(_AttemptRow).where(_AttemptRow.login.in_(keys)))

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


def network(address: str) -> str:
    """What counts as one address: itself in IPv4; in IPv6 its /64, the least that one customer is given."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _canonical(password: str) -> str:
    # The same « é » from every keyboard; half characters, which no encoding carries, become « ? ».
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode("utf-8")


def _keyed(salt: str, text: str) -> str:
    """What tells two equal texts from others, and nothing once the salt is erased."""
    return hmac.new(salt.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


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


class _SaltRow(Table):
    """What the logins and addresses of the failures of one WINDOW are hashed with."""

    __tablename__ = "sign_in_salts"

    period: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # counted in WINDOWs since 1970
    salt: Mapped[str]


class _AttemptRow(Table):
    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_attempts_login", "login"), Index("ix_attempts_address", "address"))

    id: Mapped[int] = mapped_column(primary_key=True)
    moment: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    login: Mapped[str]  # keyed by the salt: people type their password in the wrong box
    address: Mapped[str]  # the same


def _row(session: Session, login: str) -> _AccountRow | None:
    return session.scalar(select(_AccountRow).where(_AccountRow.login == login))


def _close(session: Session, row: _AccountRow) -> None:
    session.execute(delete(_SessionRow).where(_SessionRow.account_id == row.id))


def _account(row: _AccountRow) -> Account:
    return Account(
        row.login,
        cast(MemberRole, row.role),
        row.disabled,
        row.password is not None,
        utc(row.created),
        utc(row.signed_in) if row.signed_in else None,
    )
