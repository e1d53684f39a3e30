"""Exchanges and feedback, kept for the staff who check and improve the base.

Personal data is masked before anything is stored. Knows its tables and nothing of screens. A journal
that fails never costs the asker an answer: `record` and `feedback` log the failure and say so by
their result. Without a database, the journal keeps nothing.

Staff search it: pages are cut by identifier (keyset), and every filter but free text is answered by
one narrow index, so that the last page of 100,000 exchanges costs what the first does. The documents
that each exchange cites have a table of their own: an answer that quotes a withdrawn one is not searched.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, DateTime, ForeignKey, Index, Select, and_, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from assistant.answering.answer import Answer, WritingReport
from assistant.privacy.masking import Masker
from assistant.records.database import Database, DatabaseUnavailable, Table, changed, now, utc
from index.french import fold, join_thousands

log = logging.getLogger(__name__)

VALUES = ("up", "down")
UNANSWERED = ("not_found", "partial")  # statuses of exchanges that the base could not, or could not wholly, answer
_COMMENT_LIMIT = 2000  # characters
_MASKED = "[…]"
PAGE = 50  # exchanges a page
COUNTED = 1000  # beyond, a search is said to find « more than »
_BATCH = 1000  # rows read or completed at a time


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
    conversation: str  # its public id
    question: str  # as typed, masked
    standalone_question: str  # as understood, masked
    status: str
    text: str  # Markdown with markers « [1] »
    citations: list[dict[str, Any]]  # as `Answer.as_dict` gives them
    sentences: list[dict[str, Any]]  # the same
    probability: float  # that the base answers, 0..1
    withheld: int  # as `Answer.withheld`
    index_version: str
    milliseconds: int  # the answer took
    feedback: tuple[Feedback, ...] = ()
    checked: bool = False  # a member of the staff gave verdicts on it
    origin: str = ""  # the door it came through; empty: the chat page
    writing: WritingReport | None = None  # of one that a language model was asked to write


@dataclass(frozen=True)
class Filters:
    """What staff look for among the exchanges. Empty fields select everything."""

    status: str = ""
    opinion: str = ""  # one of VALUES
    documents: tuple[str, ...] | None = None  # the first source is one of them
    lowest: float = 0.0  # probability that the base answers, 0..1
    highest: float = 1.0
    since: date | None = None  # days of the server, both included
    until: date | None = None
    unchecked: bool = False
    text: str = ""  # every word of it stands in the question or the answer
    published: frozenset[str] | None = None  # documents: an answer that cites another is not searched, its question is


@dataclass(frozen=True)
class ExchangePage:
    """Exchanges found, newest first, and from where to read on."""

    exchanges: tuple[Exchange, ...] = ()
    newer: int | None = None  # `after` of the page of newer exchanges, None on the first
    older: int | None = None  # `before` of the page of older exchanges, None on the last


@dataclass(frozen=True)
class ExchangeOutcome:
    """How an exchange ended, without its words."""

    created: datetime  # UTC
    status: str
    milliseconds: int
    opinion: str  # "up", "down" or empty


class Journal:
    """The exchanges of one database. Safe to share between threads.

    Methods other than `record` and `feedback` raise DatabaseUnavailable when the database fails.
    """

    def __init__(self, database: Database, retention_days: int = 365) -> None:
        self._database = database
        self._retention = timedelta(days=retention_days)
        self.retention_days = retention_days
        self._completed = False

    @property
    def keeps(self) -> bool:
        """False for a journal that keeps nothing."""
        return self._database.keeps

    def record(self, answer: Answer, conversation_id: str, milliseconds: int, origin: str = "") -> int | None:
        """Keep an exchange, masked; returns its id, or None when nothing was kept.

        Args:
            conversation_id: its public id.
            milliseconds: the answer took.
            origin: the door it came through; empty for the chat page.
        """
        if not self.keeps:
            return None
        row = _row(answer, conversation_id, milliseconds, origin, self._database.masker)
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
                row = session.get(_ExchangeRow, exchange_id)
                if row is None:
                    return False
                row.opinion = value
                session.execute(delete(_FeedbackRow).where(_FeedbackRow.exchange_id == exchange_id))
                session.add(
                    _FeedbackRow(
                        exchange_id=exchange_id,
                        created=now(),
                        value=value,
                        reasons=list(reasons),
                        comment=self._database.masker.mask(comment.strip()[:_COMMENT_LIMIT]),
                    )
                )
                return True
        except DatabaseUnavailable:
            log.exception("The feedback could not be kept.")
            return False

    def purge(self) -> int:
        """Delete what is older than the retention; returns how many exchanges went."""
        if not self.keeps:
            return 0
        with self._database.session() as session:
            return _erase(session, _ExchangeRow.created < now() - self._retention)

    def erase(self, exchange_id: int) -> bool:
        """Delete one exchange with its opinions; True when it was there."""
        if not self.keeps:
            return False
        with self._database.session() as session:
            return bool(_erase(session, _ExchangeRow.id == exchange_id))

    def get(self, exchange_id: int) -> Exchange | None:
        """One exchange with its feedback."""
        if not self.keeps:
            return None
        with self._database.session() as session:
            row = session.get(_ExchangeRow, exchange_id)
            return _exchange(row) if row else None

    def link(self, exchange_id: int) -> str | None:
        """The token of the link to an exchange, drawn the first time, then the same; None when the exchange is not kept."""
        if not self.keeps:
            return None
        with self._database.session() as session:
            drawn = update(_ExchangeRow).where(_ExchangeRow.id == exchange_id, _ExchangeRow.link.is_(None))
            session.execute(drawn.values(link=secrets.token_urlsafe(18)))
            return session.scalar(select(_ExchangeRow.link).where(_ExchangeRow.id == exchange_id))

    def linked(self, token: str) -> Exchange | None:
        """The exchange of a token that `link` gave, unless it is past its retention."""
        if not self.keeps:
            return None
        with self._database.session() as session:
            row = session.scalar(select(_ExchangeRow).where(_ExchangeRow.link == token))
            return _exchange(row) if row and utc(row.created) + self._retention > now() else None

    def known(self, exchange_ids: Iterable[int]) -> set[int]:
        """Those of these exchanges that are still kept."""
        if not self.keeps:
            return set()
        with self._database.session() as session:
            return set(session.scalars(select(_ExchangeRow.id).where(_ExchangeRow.id.in_(list(exchange_ids)))))

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

    def outcomes(self, since: datetime) -> list[ExchangeOutcome]:
        """How every exchange ended, oldest first; no text is read."""
        columns = select(_ExchangeRow.created, _ExchangeRow.status, _ExchangeRow.milliseconds, _FeedbackRow.value)
        kept = columns.outerjoin(_FeedbackRow).where(_ExchangeRow.created >= since).order_by(_ExchangeRow.id)
        with self._database.session() as session:
            return [
                ExchangeOutcome(utc(created), status, spent, value or "")
                for created, status, spent, value in session.execute(kept)
            ]

    # -- what staff look for

    def search(
        self, filters: Filters = Filters(), before: int | None = None, after: int | None = None, size: int = PAGE
    ) -> ExchangePage:
        """A page of the exchanges that pass the filters: the newest, those before an id, or those after one."""
        if not self.keeps:
            return ExchangePage()
        row = _ExchangeRow
        with self._database.session() as session:
            self._complete(session)
            wanted = _conditions(session, filters)
            if before is not None:
                wanted.append(row.id < before)
            if after is not None:
                wanted.append(row.id > after)
            order = row.id.asc() if after is not None else row.id.desc()
            ids = list(session.scalars(select(row.id).where(*wanted).order_by(order).limit(size + 1)))
            more = len(ids) > size
            rows = select(row).where(row.id.in_(ids[:size])).order_by(row.id.desc()).options(selectinload(row.feedback))
            found = tuple(map(_exchange, session.scalars(rows)))
        if not found:
            return ExchangePage()
        newer = more if after is not None else before is not None
        older = more if after is None else True
        return ExchangePage(found, found[0].id if newer else None, found[-1].id if older else None)

    def count(self, filters: Filters = Filters()) -> int:
        """How many exchanges pass the filters; COUNTED + 1 for more than COUNTED."""
        if not self.keeps:
            return 0
        with self._database.session() as session:
            self._complete(session)
            some = select(_ExchangeRow.id).where(*_conditions(session, filters)).limit(COUNTED + 1).subquery()
            return session.scalar(select(func.count()).select_from(some)) or 0

    def every(self, filters: Filters = Filters(), limit: int = 100_000) -> Iterator[Exchange]:
        """The exchanges that pass the filters, newest first, read in batches."""
        before: int | None = None
        while limit > 0:
            page = self.search(filters, before=before, size=min(_BATCH, limit))
            yield from page.exchanges
            limit -= len(page.exchanges)
            before = page.older
            if before is None:
                return

    def _complete(self, session: Session) -> None:
        """Fill what is searched in exchanges kept before it existed."""
        if self._completed:
            return
        row, last = _ExchangeRow, 0
        while rows := list(session.scalars(select(row).where(row.asked.is_(None), row.id > last).order_by(row.id).limit(_BATCH))):
            for old in rows:
                old.searched, old.document = _searched(old.question, old.standalone_question, old.text), _first(old.citations)
                old.asked = len(_searched(old.question, old.standalone_question))
                old.opinion = old.feedback[-1].value if old.feedback else ""
                old.checked = old.checked or 0
                session.add_all(_CitedRow(exchange_id=old.id, document=document) for document in _cited(old.citations))
            last = rows[-1].id
            session.flush()
        self._completed = True


def _erase(session: Session, which: ColumnElement[bool]) -> int:
    """Delete some exchanges and all that hangs on them; returns how many went."""
    ids = select(_ExchangeRow.id).where(which)
    # The exchanges last: not every database is set to cascade.
    session.execute(delete(_FeedbackRow).where(_FeedbackRow.exchange_id.in_(ids)))
    session.execute(delete(_CitedRow).where(_CitedRow.exchange_id.in_(ids)))
    return changed(session, delete(_ExchangeRow).where(which))


def exchanges_kept() -> Select[tuple[int]]:
    """The identifiers of the exchanges that are kept, for a query."""
    return select(_ExchangeRow.id)


def mark_checked(session: Session, exchange_id: int) -> None:
    """Say that an exchange has verdicts, in the transaction that keeps them."""
    session.execute(update(_ExchangeRow).where(_ExchangeRow.id == exchange_id).values(checked=1))


def _conditions(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
    """What the filters ask of an exchange, as conditions of a query."""
    row = _ExchangeRow
    wanted: list[ColumnElement[bool]] = []
    if filters.status:
        wanted.append(row.status == filters.status)
    if filters.opinion:
        wanted.append(row.opinion == filters.opinion)
    if filters.documents is not None:
        wanted.append(row.document.in_(filters.documents))
    if filters.unchecked:
        wanted.append(row.checked == 0)
    if filters.lowest > 0 or filters.highest < 1:
        wanted.append(row.probability.between(filters.lowest, filters.highest))
    typed = join_thousands(fold(filters.text)).split()
    wanted += [row.searched.contains(word, autoescape=True) for word in typed]
    if typed and filters.published is not None and (gone := _withdrawn(session, filters.published)):
        citing = select(_CitedRow.exchange_id).where(_CitedRow.document.in_(gone))
        question = func.substr(row.searched, 1, row.asked)
        wanted.append(row.id.not_in(citing) | and_(*[question.contains(word, autoescape=True) for word in typed]))
    return wanted + _period(session, filters)


def _withdrawn(session: Session, published: frozenset[str]) -> list[str]:
    """The documents that some exchange cites and the base no longer has."""
    return sorted(set(session.scalars(select(_CitedRow.document).distinct())) - published)


def _period(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
    """A period as bounds of identifiers: those grow with time, and pages are cut by them."""
    bounds: list[ColumnElement[bool]] = []
    if filters.since:
        bounds.append(_ExchangeRow.id >= _first_id(session, filters.since))
    if filters.until:
        bounds.append(_ExchangeRow.id < _first_id(session, filters.until + timedelta(days=1)))
    return bounds


def _first_id(session: Session, day: date) -> int:
    """The first exchange of a day or after it; beyond every identifier when there is none."""
    created = _ExchangeRow.created
    midnight = datetime.combine(day, time.min).astimezone(UTC)  # of the server's time zone, in which dates are shown
    found = session.scalar(select(_ExchangeRow.id).where(created >= midnight).order_by(created).limit(1))
    return found if found is not None else 2**31 - 1


class _ExchangeRow(Table):
    __tablename__ = "exchanges"
    # Holds all that filters read: they never touch the wide rows, whatever their mix.
    __table_args__ = (Index("ix_exchange_filters", "id", "status", "opinion", "document", "probability", "checked"),)

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
    document: Mapped[str | None]  # of the first citation, empty without one
    opinion: Mapped[str | None]  # the latest feedback's value
    checked: Mapped[int | None]
    searched: Mapped[str | None]  # question and answer, folded
    asked: Mapped[int | None]  # how many characters of it are the question's; None in exchanges kept before it existed
    origin: Mapped[str | None]  # the door it came through; empty or, before there were doors, None: the chat page
    writing: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # None: no model was asked
    link: Mapped[str | None] = mapped_column(index=True)  # what opens it to whoever has the link; None: nobody asked for one
    feedback: Mapped[list[_FeedbackRow]] = relationship(order_by="_FeedbackRow.id")
    cited: Mapped[list[_CitedRow]] = relationship()


class _CitedRow(Table):
    """A document that an exchange cites."""

    __tablename__ = "cited_documents"
    __table_args__ = (Index("ix_cited_document", "document", "exchange_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchanges.id", ondelete="CASCADE"), index=True)
    document: Mapped[str]


class _FeedbackRow(Table):
    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_exchange", "exchange_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchanges.id"))
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    value: Mapped[str]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    comment: Mapped[str]


def _row(answer: Answer, conversation_id: str, milliseconds: int, origin: str, masker: Masker) -> _ExchangeRow:
    contract = answer.as_dict()
    question, standalone = masker.mask(answer.question), masker.mask(answer.standalone_question)
    text = _storable_text(answer, masker)
    return _ExchangeRow(
        created=now(),
        conversation=conversation_id,
        question=question,
        standalone_question=standalone,
        status=contract["status"],
        text=text,
        citations=contract["citations"],
        sentences=contract["sentences"],
        probability=float(answer.probability),
        withheld=answer.withheld,
        index_version=answer.index_version,
        milliseconds=milliseconds,
        document=_first(contract["citations"]),
        opinion="",
        checked=0,
        searched=_searched(question, standalone, text),
        asked=len(_searched(question, standalone)),
        origin=origin,
        writing=answer.writing.as_dict() if answer.writing else None,
        cited=[_CitedRow(document=document) for document in _cited(contract["citations"])],
    )


def _first(citations: Sequence[dict[str, Any]]) -> str:
    """The document of the first citation; empty without one."""
    return str(citations[0].get("document", "")) if citations else ""


def _cited(citations: Sequence[dict[str, Any]]) -> list[str]:
    """The documents of the citations, each once."""
    return list(dict.fromkeys(str(citation.get("document", "")) for citation in citations))


def _searched(*texts: str) -> str:
    """Texts as they are searched: folded, an amount in one word, each text once."""
    return "\n".join(join_thousands(fold(text).replace("*", "")) for text in dict.fromkeys(texts))  # bold is no word


def _storable_text(answer: Answer, masker: Masker) -> str:
    """The text as shown, less the personal data of the question, which a refusal, a letter or a note may repeat."""
    asked = answer.question, answer.standalone_question
    hidden = {question[piece.start : piece.end] for question in asked for piece in masker.find(question)}
    pattern = "|".join(sorted(map(re.escape, hidden), key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", _MASKED, answer.text, flags=re.IGNORECASE) if pattern else answer.text


def _exchange(row: _ExchangeRow) -> Exchange:
    opinions = tuple(Feedback(utc(f.created), f.value, tuple(f.reasons), f.comment) for f in row.feedback)
    return Exchange(
        row.id,
        utc(row.created),
        row.conversation,
        row.question,
        row.standalone_question,
        row.status,
        row.text,
        row.citations,
        row.sentences,
        row.probability,
        row.withheld,
        row.index_version,
        row.milliseconds,
        opinions,
        bool(row.checked),
        row.origin or "",
        WritingReport(**row.writing) if row.writing else None,
    )
