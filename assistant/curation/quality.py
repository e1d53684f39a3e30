"""Quality over time: golden figures per version of the index, and how exchanges ended, week by week.

Keeps what was measured when a version was evaluated. Knows golden questions and the journal's
outcomes; nothing of screens or of pictures.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import JSON, DateTime, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.answering.answer import Status
from assistant.answering.service import Assistant
from assistant.curation import golden
from assistant.curation.golden import Graded
from assistant.curation.weeks import week_of
from assistant.errors import AssistantError
from assistant.records.database import Database, Table, now, utc
from assistant.records.journal import ExchangeOutcome

log = logging.getLogger(__name__)

BINS = 10  # of equal width, from 0 to 1
KEPT = 40  # measurements shown


@dataclass(frozen=True)
class Bin:
    """Golden questions whose announced probability falls in one tenth of 0..1."""

    low: float  # where the tenth begins: 0, .1 … .9
    count: int  # questions
    predicted: float  # mean probability
    observed: float  # share of questions that the base did answer


@dataclass(frozen=True)
class Measurement:
    """What the golden questions gave on one version."""

    created: datetime  # UTC
    version: str
    figures: Mapping[str, float]  # as golden.figures gives them
    turns: int  # graded questions; 0 when not said
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Week:
    """How the exchanges of one week ended."""

    monday: date
    statuses: Counter[str]  # status → exchanges
    up: int  # 👍
    down: int  # 👎
    median: float | None  # milliseconds an answer took; None without exchange
    p95: float | None  # the same: 95 answers in 100 took no longer

    @property
    def count(self) -> int:
        """How many exchanges there were."""
        return self.statuses.total()


def record_quality(
    database: Database, version: str, figures: Mapping[str, float], turns: int = 0, bins: Sequence[Bin] = ()
) -> None:
    """Keep the figures of a version.

    Args:
        figures: as `golden.figures` gives them.
        turns: how many questions were graded; 0 when not said.
        bins: as `reliability` gives them: how far the probabilities of that version can be trusted.

    Raises:
        DatabaseUnavailable: they could not be kept.
    """
    rows = [[b.low, b.count, b.predicted, b.observed] for b in bins]
    row = _MeasurementRow(created=now(), version=version, figures=dict(figures), turns=turns, bins=rows)
    with database.session() as session:
        session.add(row)


def measurements(database: Database, limit: int = KEPT) -> list[Measurement]:
    """The latest measurements, oldest first; none when nothing is kept."""
    return _read(database, None, limit)[::-1]


def latest(database: Database, version: str) -> Measurement | None:
    """The last measurement of a version."""
    return next(iter(_read(database, version, 1)), None)


def reliability(graded: Iterable[Graded]) -> tuple[Bin, ...]:
    """Announced probability against what held, on the graded questions that were searched; empty tenths are left out.

    The probability says how likely it is that the base has the answer. It held when an answer was expected and the one
    given was right, or none was given: refused by mistake, the question had too low a probability, not a wrong answer.
    """
    searched = [row for row in graded if row.answer.explanation is not None]
    rows: dict[int, list[Graded]] = {}
    for row in searched:
        rows.setdefault(min(int(row.answer.probability * BINS), BINS - 1), []).append(row)
    return tuple(
        Bin(
            number / BINS,
            len(found),
            float(np.mean([row.answer.probability for row in found])),
            float(np.mean([not row.refuse and (row.passed or row.false_refusal) for row in found])),
        )
        for number, found in sorted(rows.items())
    )


def weekly(outcomes: Iterable[ExchangeOutcome], weeks: Sequence[date]) -> list[Week]:
    """Outcomes counted for each of some weeks, in their order; a week without exchange is there too.

    Args:
        weeks: their Mondays, as `weeks.last_weeks` gives them.
    """
    rows: dict[date, list[ExchangeOutcome]] = {week: [] for week in weeks}
    for outcome in outcomes:
        rows.setdefault(week_of(outcome.created), []).append(outcome)
    return [_week(monday, rows[monday]) for monday in weeks]


class Measuring:
    """Measures the version in service, one at a time, in a thread of its own.

    For whoever shows it: the `version` that is or was measured last, how many questions of `total` are `done`,
    and the `problem` that ended it, in French, empty when there was none.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.version, self.done, self.total, self.problem = "", 0, 0, ""

    @property
    def running(self) -> bool:
        """Whether a measure is under way."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, assistant: Assistant, records: Sequence[Mapping[str, Any]]) -> bool:
        """Begin; False when a measurement is running already."""
        with self._lock:
            if self.running:
                return False
            self.version, self.done, self.problem = assistant.retriever.version, 0, ""
            self.total = sum(len(record["expect"]) for record in records)
            self._thread = threading.Thread(target=self._measure, args=(assistant, records), name="quality", daemon=True)
            self._thread.start()
            return True

    def wait(self, seconds: float) -> bool:
        """Until the measurement ends; False when it has not."""
        if self._thread:
            self._thread.join(seconds)
        return not self.running

    def _measure(self, assistant: Assistant, records: Sequence[Mapping[str, Any]]) -> None:
        try:
            graded = []
            for row in golden.grade(assistant, records):
                graded.append(row)
                self.done = len(graded)
            figures = golden.figures(assistant, graded)
            record_quality(self._database, self.version, figures, len(graded), reliability(graded))
        except AssistantError as error:
            log.exception("The version could not be measured.")
            self.problem = str(error)
        except Exception:  # everything: nobody is above this thread, and the page would wait for figures that never come
            log.exception("The version could not be measured.")
            self.problem = "La mesure n'a pas abouti ; le journal du serveur dit pourquoi."


def _week(monday: date, rows: Sequence[ExchangeOutcome]) -> Week:
    spent = [row.milliseconds for row in rows]
    middle, high = np.percentile(spent, [50, 95]).tolist() if spent else (None, None)
    opinions = Counter(row.opinion for row in rows)
    return Week(monday, Counter(str(Status(row.status)) for row in rows), opinions["up"], opinions["down"], middle, high)


def _read(database: Database, version: str | None, limit: int) -> list[Measurement]:
    if not database.keeps:
        return []
    chosen = select(_MeasurementRow).order_by(_MeasurementRow.id.desc()).limit(limit)
    if version is not None:
        chosen = chosen.where(_MeasurementRow.version == version)
    with database.session() as session:
        return [
            Measurement(
                utc(row.created),
                row.version,
                dict(row.figures),
                row.turns,
                tuple(Bin(low, int(count), said, held) for low, count, said, held in row.bins),
            )
            for row in session.scalars(chosen)
        ]


class _MeasurementRow(Table):
    __tablename__ = "measurements"
    __table_args__ = (Index("ix_measurements_version", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[str]
    figures: Mapped[dict[str, float]] = mapped_column(JSON)
    turns: Mapped[int]
    bins: Mapped[list[list[float]]] = mapped_column(JSON)
