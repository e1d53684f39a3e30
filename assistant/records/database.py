"""The one database of the assistant: exchanges, accounts, reviews, whatever the staff keep.

Knows SQLAlchemy and the settings' URL (SQLite by default, any other by its driver); nothing of what
the tables mean: each module that keeps something declares its own, on `Table`. What people typed goes
through the masker of the database before it is kept.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Delete, Engine, Update, create_engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.schema import CreateColumn

from assistant.errors import AssistantError, ConfigurationError
from assistant.privacy.masking import Masker

_OWNER_ONLY = 0o600  # rights of the file
_GONE = ("sign_in_attempts",)  # tables that nothing reads any more; they held addresses of people
_BUSY_MS = 5000  # how long a writer waits for another one (SQLite), milliseconds


class DatabaseUnavailable(AssistantError):
    """The database cannot be read or written."""


class Overtaken(AssistantError):
    """Somebody else wrote the same row since it was read: nothing was kept, what was typed is to be shown again."""


class Table(DeclarativeBase):
    """Base of every table."""


class Database:
    """One database URL (SQLAlchemy's). Safe to share between threads. An empty URL keeps nothing.

    Args:
        masker: through which goes what people typed, before it is kept.

    Raises:
        ConfigurationError: the URL is malformed, or its driver is not installed.
    """

    def __init__(self, url: str, masker: Masker = Masker()) -> None:
        self.masker = masker
        self._engine = _engine(url) if url.strip() else None
        self._opening = threading.Lock()
        self._ready = False

    @property
    def keeps(self) -> bool:
        """False for a database that keeps nothing."""
        return self._engine is not None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction, committed at the end; the first one makes the tables.

        Raises:
            DatabaseUnavailable: the database fails, here or in what the caller does with the session; or there is none.
        """
        if self._engine is None:
            raise DatabaseUnavailable("Le réglage ASSISTANT_JOURNAL est vide : rien n'est conservé, rien ne peut être relu.")
        try:
            self._create_tables(self._engine)
            with Session(self._engine) as session, session.begin():
                yield session
        except (SQLAlchemyError, OSError) as error:
            unavailable = f"Le journal est inaccessible ({type(error).__name__}). Vérifiez le réglage ASSISTANT_JOURNAL."
            raise DatabaseUnavailable(unavailable) from error

    def settle(self) -> None:
        """Bring what was erased into SQLite's main file, and empty the file beside it, which would still hold it.

        As far as nobody is reading: what is left then goes with the next call.
        """
        if self._engine is not None and self._engine.dialect.name == "sqlite":
            with suppress(SQLAlchemyError), self._engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def _create_tables(self, engine: Engine) -> None:
        # At first use, not at start: a database that is down for a minute must not keep the chat down.
        with self._opening:
            if not self._ready:
                if file := _sqlite_file(engine):
                    _keep_private(file)
                Table.metadata.create_all(engine)
                _complete(engine)
                self._ready = True


def _complete(engine: Engine) -> None:
    """Add the columns and indexes declared since the database was made, drop the tables that left. Added columns hold NULL."""
    found = inspect(engine)
    with engine.begin() as connection:
        for name in _GONE:
            connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
        for table in Table.metadata.sorted_tables:
            known = {column["name"] for column in found.get_columns(table.name)}
            for column in table.columns:
                if column.name not in known:
                    declared = CreateColumn(column).compile(dialect=engine.dialect)
                    connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {declared}"))
            for index in table.indexes:
                index.create(connection, checkfirst=True)


def changed(session: Session, statement: Delete | Update) -> int:
    """Run a statement that changes rows; returns how many it changed or deleted."""
    return int(getattr(session.execute(statement), "rowcount", 0))


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def utc(moment: datetime) -> datetime:
    """A stored moment. SQLite forgets the time zone of what it stores: it was UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(url, hide_parameters=True, json_serializer=partial(json.dumps, ensure_ascii=False))
    except (SQLAlchemyError, ImportError) as error:  # ImportError: the database's driver is not installed
        raise ConfigurationError(f"Le réglage ASSISTANT_JOURNAL n'est pas une adresse de base utilisable : {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # WAL: the staff pages read while answers are being written. What is erased is overwritten, not only let go.
    for pragma in ("journal_mode=WAL", "secure_delete=ON", f"busy_timeout={_BUSY_MS}", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_file(engine: Engine) -> Path | None:
    file = engine.url.database
    return Path(file) if engine.dialect.name == "sqlite" and file and file != ":memory:" else None


def _keep_private(file: Path) -> None:
    """Make the file before SQLite does, readable by its owner only: SQLite gives what it writes beside it the same rights."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=_OWNER_ONLY)
    for one in (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))):
        if one.exists() and one.stat().st_mode & 0o777 != _OWNER_ONLY:
            one.chmod(_OWNER_ONLY)
