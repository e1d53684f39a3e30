"""Questions an asker puts to the team after a refusal, and the team's answers, found by their link.

Each has an unguessable reference, the only thing the asker needs: no address, no account. Personal
data is masked before a question is stored. Kept as long as the journal's exchanges. Knows its table;
nothing of screens, nor of what a source is worth: sources are kept as the team cited them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, DateTime, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.answering.answer import Answer, Status
from assistant.records.database import Database, Overtaken, Table, changed, now, utc

ANSWER_LIMIT = 10_000  # characters
_QUESTION_LIMIT = 100_000  # the most that settings let a question have


class TeamQuestionState(StrEnum):
    """How far a question has come."""

    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"  # without an answer


@dataclass(frozen=True)
class TeamQuestion:
    """A question put to the team."""

    id: int
    token: str  # its reference, in the link
    created: datetime  # UTC
    question: str  # masked
    understood: str  # masked, as the assistant understood it
    status: str  # of the answer that did not do
    state: TeamQuestionState
    text: str  # the team's answer, or why it was closed
    sources: tuple[str, ...]  # ids of passages, addresses
    settled: datetime | None  # UTC
    by: str  # login of who settled it; never shown to the asker
    revision: int  # 0, then one more each time the team writes
    until: datetime  # UTC; erased from then on


def is_for_the_team(answer: Answer) -> bool:
    """True for an answer that was looked for and not, or not wholly, found: no greeting, no insult, no forbidden matter."""
    return answer.status is not Status.ANSWERED and answer.explanation is not None


class TeamQuestions:
    """The questions of one database. Safe to share between threads."""

    def __init__(self, database: Database, retention_days: int = 365) -> None:
        self._database, self._retention = database, timedelta(days=retention_days)
        self.retention_days = retention_days

    @property
    def keeps(self) -> bool:
        """False when nothing can be kept, so nothing can be put to the team."""
        return self._database.keeps

    def put(self, question: str, understood: str, status: str) -> str:
        """Keep a question, masked; returns its reference.

        Args:
            understood: the question as the assistant understood it.
            status: of the answer that did not do.

        Raises:
            DatabaseUnavailable: it could not be kept.
        """
        token, mask = secrets.token_urlsafe(18), self._database.masker.mask
        row = _QuestionRow(
            token=token,
            created=now(),
            question=mask(question[:_QUESTION_LIMIT]),
            understood=mask(understood[:_QUESTION_LIMIT]),
            status=status,
            state=TeamQuestionState.WAITING,
            text="",
            sources=[],
            by="",
            revision=0,
        )
        with self._database.session() as session:
            session.add(row)
        return token

    def find(self, token: str) -> TeamQuestion | None:
        """The question of a reference, unless it is past its retention."""
        if not self.keeps:
            return None
        with self._database.session() as session:
            row = session.scalars(select(_QuestionRow).where(_QuestionRow.token == token)).one_or_none()
            return self._question(row) if row and utc(row.created) + self._retention > now() else None

    def get(self, question_id: int) -> TeamQuestion | None:
        """One question, for the team."""
        with self._database.session() as session:
            row = session.get(_QuestionRow, question_id)
            return self._question(row) if row else None

    def in_state(self, state: TeamQuestionState, limit: int = 100) -> list[TeamQuestion]:
        """Waiting ones oldest first, the others latest first."""
        order = _QuestionRow.created if state is TeamQuestionState.WAITING else _QuestionRow.settled.desc()
        chosen = select(_QuestionRow).where(_QuestionRow.state == state).order_by(order, _QuestionRow.id).limit(limit)
        with self._database.session() as session:
            return [self._question(row) for row in session.scalars(chosen)]

    def counts(self) -> dict[TeamQuestionState, int]:
        """How many questions in each state."""
        with self._database.session() as session:
            found = session.execute(select(_QuestionRow.state, func.count()).group_by(_QuestionRow.state))
            counted = {TeamQuestionState(state): int(count) for state, count in found}
        return {state: counted.get(state, 0) for state in TeamQuestionState}

    def settle(
        self, question_id: int, state: TeamQuestionState, text: str, sources: Sequence[str], by: str, revision: int
    ) -> None:
        """Answer or close; an answer may be corrected later.

        Args:
            sources: ids of passages and addresses.
            by: login.
            revision: of the question as it was read.

        Raises:
            Overtaken: the question is no longer at the revision that was read, or no longer there.
        """
        with self._database.session() as session:
            row = session.get(_QuestionRow, question_id, with_for_update=True)
            if row is None or row.revision != revision:
                raise Overtaken("Cette question a changé entre-temps. Votre texte est conservé : relisez, puis renvoyez-le.")
            row.state, row.text, row.sources, row.by = state, text[:ANSWER_LIMIT], list(sources), by
            row.settled, row.revision = now(), revision + 1

    def erase(self, question_id: int) -> bool:
        """Delete one question with its answer; True when it was there."""
        if not self.keeps:
            return False
        with self._database.session() as session:
            return bool(changed(session, delete(_QuestionRow).where(_QuestionRow.id == question_id)))

    def purge(self) -> int:
        """Delete what is older than the retention; returns how many questions went."""
        if not self.keeps:
            return 0
        with self._database.session() as session:
            return changed(session, delete(_QuestionRow).where(_QuestionRow.created < now() - self._retention))

    def _question(self, row: _QuestionRow) -> TeamQuestion:
        return TeamQuestion(
            row.id,
            row.token,
            utc(row.created),
            row.question,
            row.understood,
            row.status,
            TeamQuestionState(row.state),
            row.text,
            tuple(row.sources),
            utc(row.settled) if row.settled else None,
            row.by,
            row.revision,
            utc(row.created) + self._retention,
        )


class _QuestionRow(Table):
    __tablename__ = "team_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    question: Mapped[str]
    understood: Mapped[str]
    status: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    text: Mapped[str]
    sources: Mapped[list[str]] = mapped_column(JSON)
    settled: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    by: Mapped[str]
    revision: Mapped[int]
