"""Exchanges and feedback, kept for the staff who check and improve the base.

Personal data is masked before anything is stored. Knows its tables and nothing of screens. A journal
that fails never costs the asker an answer: `record` and `feedback` log the failure and say so by
their result. Without a database, the journal keeps nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from assistant.answer import Answer
from assistant.database import Database, DatabaseUnavailable, Table, now, utc
from assistant.screening import mask
from index.french import words

log = logging.getLogger(__name__)

VALUES = ("up", "down")
UNANSWERED = ("not_found", "partial")  # statuses of exchanges that the base could not, or could not wholly, answer
_COMMENT_LIMIT = 2000  # characters
_MASKED = "[…]"


@dataclass(frozen=True)
class Feedback:
    """An opinion on an exchange."""

    created: datetime
    value: str  # one of VALUES
    reasons: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class Exchange:
    """A question and its answer as they were kept."""

    id: int
    created: datetime  # UTC
    conversation: str
    question: str
    standalone_question: str
    status: str
    text: str
    citations: list[dict[str, Any]]
    sentences: list[dict[str, Any]]
    probability: float
    withheld: int
    index_version: str
    milliseconds: int
    feedback: tuple[Feedback, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How an exchange ended, without its words."""

    created: datetime  # UTC
    status: str
    milliseconds: int
    opinion: str  # "up", "down" or empty


class Journal:
    """The exchanges of one database. Safe to share between threads."""

    def __init__(self, database: Database, retention_days: int = 365) -> None:
        self._database = database
        self._retention = timedelta(days=retention_days)

    @property
    def keeps(self) -> bool:
        """False for a journal that keeps nothing."""
        return self._database.keeps

    def record(self, answer: Answer, conversation_id: str, milliseconds: int) -> int | None:
        """Keep an exchange; returns its id, or None when nothing was kept."""
        if not self.keeps:
            return None
        row = _row(answer, conversation_id, milliseconds)
        try:
            with self._database.session() as session:
                session.add(row)
                session.flush()
                return row.id
        except DatabaseUnavailable:
            log.exception("The exchange was answered but could not be kept.")
            return None

    def feedback(self, exchange_id: int, value: str, reasons: Sequence[str] = (), comment: str = "") -> bool:
        """Keep an opinion; the latest one of an exchange replaces the one before. True when kept."""
        if not self.keeps or value not in VALUES:
            return False
        try:
            with self._database.session() as session:
                if session.get(_ExchangeRow, exchange_id) is None:
                    return False
                session.execute(delete(_FeedbackRow).where(_FeedbackRow.exchange_id == exchange_id))
                session.add(_FeedbackRow(exchange_id=exchange_id, created=now(), value=value, reasons=list(reasons),
                                         comment=mask(comment.strip()[:_COMMENT_LIMIT])))
                return True
        except DatabaseUnavailable:
            log.exception("The feedback could not be kept.")
            return False

    def purge(self) -> int:
        """Delete what is older than the retention; returns how many exchanges went."""
        if not self.keeps:
            return 0
        old = select(_ExchangeRow.id).where(_ExchangeRow.created < now() - self._retention)
        with self._database.session() as session:
            # Feedback first: not every database is set to cascade.
            session.execute(delete(_FeedbackRow).where(_FeedbackRow.exchange_id.in_(old)))
            result = session.execute(delete(_ExchangeRow).where(_ExchangeRow.id.in_(old)))
            return int(getattr(result, "rowcount", 0))

    def get(self, exchange_id: int) -> Exchange | None:
        """One exchange with its feedback."""
        if not self.keeps:
            return None
        with self._database.session() as session:
            row = session.get(_ExchangeRow, exchange_id)
            return _exchange(row) if row else None

    def recent(self, limit: int = 50) -> list[Exchange]:
        """The latest exchanges, newest first."""
        if not self.keeps:
            return []
        newest = select(_ExchangeRow).order_by(_ExchangeRow.id.desc()).limit(limit).options(selectinload(_ExchangeRow.feedback))
        with self._database.session() as session:
            return [_exchange(row) for row in session.scalars(newest)]

    def unanswered(self, since: datetime, limit: int) -> list[Exchange]:
        """The latest exchanges that found nothing, or part of an answer, or were judged bad; newest first."""
        judged_bad = select(_FeedbackRow.exchange_id).where(_FeedbackRow.value == "down")
        asked = (
            select(_ExchangeRow)
            .where(_ExchangeRow.created >= since)
            .where(_ExchangeRow.status.in_(UNANSWERED) | _ExchangeRow.id.in_(judged_bad))
            .order_by(_ExchangeRow.id.desc())
            .limit(limit)
            .options(selectinload(_ExchangeRow.feedback))
        )
        with self._database.session() as session:
            return [_exchange(row) for row in session.scalars(asked)]

    def outcomes(self, since: datetime) -> list[Outcome]:
        """How every exchange ended, oldest first; no text is read."""
        columns = select(_ExchangeRow.created, _ExchangeRow.status, _ExchangeRow.milliseconds, _FeedbackRow.value)
        kept = columns.outerjoin(_FeedbackRow).where(_ExchangeRow.created >= since).order_by(_ExchangeRow.id)
        with self._database.session() as session:
            return [Outcome(utc(created), status, spent, value or "") for created, status, spent, value in session.execute(kept)]


class _ExchangeRow(Table):
    __tablename__ = "exchanges"

    id: Mapped[int] = mapped_column(primary_key=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    conversation: Mapped[str]
    question: Mapped[str]
    standalone_question: Mapped[str]
    status: Mapped[str]
    text: Mapped[str]
    citations: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    sentences: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    probability: Mapped[float]
    withheld: Mapped[int]
    index_version: Mapped[str]
    milliseconds: Mapped[int]
    feedback: Mapped[list[_FeedbackRow]] = relationship(order_by="_FeedbackRow.id")


class _FeedbackRow(Table):
    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_exchange", "exchange_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchanges.id"))
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    value: Mapped[str]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    comment: Mapped[str]


def _row(answer: Answer, conversation_id: str, milliseconds: int) -> _ExchangeRow:
    contract = answer.as_dict()
    return _ExchangeRow(
        created=now(), conversation=conversation_id, question=mask(answer.question),
        standalone_question=mask(answer.standalone_question), status=contract["status"], text=_storable_text(answer),
        citations=contract["citations"], sentences=contract["sentences"], probability=float(answer.probability),
        withheld=answer.withheld, index_version=answer.index_version, milliseconds=milliseconds,
    )


def _storable_text(answer: Answer) -> str:
    """The text as shown, less the masked words of the question that a refusal may repeat."""
    masked = mask(answer.question)
    if answer.sentences or masked == answer.question:
        return answer.text
    hidden = set(words(answer.question)) - set(words(masked))
    pattern = "|".join(sorted(map(re.escape, hidden), key=len, reverse=True))
    return re.sub(rf"\b(?:{pattern})\b", _MASKED, answer.text, flags=re.IGNORECASE) if pattern else answer.text


def _exchange(row: _ExchangeRow) -> Exchange:
    opinions = tuple(Feedback(utc(f.created), f.value, tuple(f.reasons), f.comment) for f in row.feedback)
    return Exchange(row.id, utc(row.created), row.conversation, row.question, row.standalone_question, row.status, row.text,
                    row.citations, row.sentences, row.probability, row.withheld, row.index_version, row.milliseconds, opinions)

