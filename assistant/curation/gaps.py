"""What the base lacks: exchanges that found nothing, part of an answer, or a bad one, by topic.

Reads the journal; says what was counted and nothing else. Knows nothing of screens. Texts of the
journal are masked already.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from assistant.answering.answer import Status
from assistant.curation import topics
from assistant.curation.weeks import last_weeks, start_of, week_of
from assistant.records.journal import Exchange, Journal
from index.document import Document
from index.figures import readable
from index.french import analyse, fold, words
from index.search import Query, Retriever

LIMIT = 5000  # exchanges read, the latest ones
GROUPED = 1500  # distinct questions grouped: the clustering compares every pair (18 MB here)
RECENT = 4  # weeks: the trend of a topic compares the last ones with as many before
_ORDINARY = 200  # headings of the base that say how near unlike questions are
_LACKING = 6  # absent words shown
_WORDLESS = "questions sans mots"

KINDS = ("not_found", "partial", "down")  # what a gap is made of; an exchange judged bad counts as « down » only


@dataclass(frozen=True)
class Gap:
    """A topic and its exchanges, newest first."""

    name: str  # its most telling words: « halle, rénovation »
    exchanges: tuple[Exchange, ...]
    questions: tuple[tuple[str, int], ...]  # as understood, the most central first, and how many times each
    weeks: tuple[date, ...]  # their Mondays, oldest first

    @property
    def key(self) -> int:
        """What an address names the topic by: the id of its oldest exchange, so that newer ones do not change it."""
        return self.exchanges[-1].id

    @property
    def title(self) -> str:
        """The name of the topic, with a capital."""
        return self.name[:1].upper() + self.name[1:]

    @property
    def count(self) -> int:
        """How many exchanges are on the topic."""
        return len(self.exchanges)

    @cached_property
    def kinds(self) -> Counter[str]:
        """How many exchanges of each of KINDS."""
        return Counter(map(kind, self.exchanges))

    @cached_property
    def weekly(self) -> dict[str, list[int]]:
        """Kind → how many exchanges each week, the oldest week first."""
        return by_week(self.exchanges, self.weeks)

    @property
    def recent(self) -> int:
        """Exchanges of the last RECENT weeks."""
        return self._between(-RECENT, None)

    @property
    def before(self) -> int:
        """Exchanges of as many weeks before."""
        return self._between(-2 * RECENT, -RECENT)

    def _between(self, first: int, last: int | None) -> int:
        return sum(sum(counts[first:last]) for counts in self.weekly.values())


@dataclass(frozen=True)
class Overview:
    """Every gap of a period, the largest first."""

    gaps: tuple[Gap, ...]
    exchanges: tuple[Exchange, ...]  # newest first
    weeks: tuple[date, ...]
    left_out: int = 0  # distinct questions beyond what is grouped

    @cached_property
    def kinds(self) -> Counter[str]:
        """How many exchanges of each kind: nothing found, a part, judged bad."""
        return Counter(map(kind, self.exchanges))

    @cached_property
    def weekly(self) -> dict[str, list[int]]:
        """Kind → how many exchanges each week, the oldest week first."""
        return by_week(self.exchanges, self.weeks)

    def gap(self, key: int) -> Gap | None:
        """The topic of a key; None when the period has no such topic."""
        return next((gap for gap in self.gaps if gap.key == key), None)


@dataclass(frozen=True)
class Advice:
    """Which document to add: only what is counted."""

    nearest: Document | None  # the document of the best passage for the topic's most central question
    heading: str  # of that passage
    lacking: tuple[tuple[str, int], ...]  # words, then numbers, that no passage has, and in how many questions

    @property
    def theme(self) -> str:
        """The theme of the nearest fiche; empty when none is near."""
        return self.nearest.header.theme if self.nearest else ""


def overview(journal: Journal, retriever: Retriever, weeks: int, until: datetime) -> Overview:
    """The gaps of the last weeks, that of `until` included.

    Raises:
        DatabaseUnavailable: the journal cannot be read.
    """
    mondays = last_weeks(weeks, until)
    return grouped(journal.unanswered(start_of(mondays[0]), LIMIT), retriever, mondays)


def grouped(exchanges: Sequence[Exchange], retriever: Retriever, weeks: Sequence[date]) -> Overview:
    """Exchanges, newest first, as topics. The same question typed twice is one question asked twice.

    Args:
        weeks: the Mondays of the period, oldest first.
    """
    same: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        same.setdefault(_alike(_question_of(exchange)), []).append(exchange)
    distinct = list(same.values())[:GROUPED]  # the latest ones
    questions = [_question_of(group[0]) for group in distinct]
    found = topics.group(
        questions, [len(group) for group in distinct], retriever.encoder, retriever.lexical.idf, ordinary(retriever)
    )
    gaps = []
    for topic in found:
        own = sorted((e for row in topic.members for e in distinct[row]), key=lambda e: -e.id)
        central = questions[topic.members[0]]
        named = ", ".join(topic.words) or (central if any(map(str.isalpha, central)) else _WORDLESS)
        gaps.append(Gap(named, tuple(own), tuple((questions[row], len(distinct[row])) for row in topic.members), tuple(weeks)))
    return Overview(tuple(gaps), tuple(exchanges), tuple(weeks), max(0, len(same) - GROUPED))


def ordinary(retriever: Retriever) -> list[str]:
    """Headings of the base, about all sorts of things."""
    headings = dict.fromkeys(passage.headings[-1] for passage in retriever.passages if passage.headings)
    return list(headings)[:: max(1, len(headings) // _ORDINARY)]


def advise(gap: Gap, retriever: Retriever) -> Advice:
    """The nearest document known, and the words of the topic that the base does not have."""
    hits = retriever.search(Query(gap.questions[0][0]), 1)
    nearest = hits[0].passage if hits else None
    texts = [question for question, _ in gap.questions]
    written = topics.surface(texts)
    absent: Counter[str] = Counter()
    for question, count in gap.questions:
        said = set(analyse(question)) - retriever.lexical.frequencies.keys()
        written |= {term: _grouped_digits(term) for term in said if term.isdecimal()}
        absent.update({term: count for term in said if term in written})
    lacking = sorted(absent, key=lambda term: (term.isdecimal(), -absent[term], term))[:_LACKING]
    return Advice(
        retriever.documents.get(nearest.document) if nearest else None,
        nearest.headings[-1] if nearest and nearest.headings else "",
        tuple((written[term], absent[term]) for term in lacking),
    )


def _grouped_digits(figure: str) -> str:
    """« 48 000 », as people read it; four digits, which may be a year, stay together."""
    return readable(int(figure)) if len(figure) > 4 else figure


def kind(exchange: Exchange) -> str:
    """Which of KINDS an exchange is."""
    if any(opinion.value == "down" for opinion in exchange.feedback):
        return "down"
    return "not_found" if exchange.status == Status.NOT_FOUND else "partial"


def by_week(exchanges: Sequence[Exchange], weeks: Sequence[date]) -> dict[str, list[int]]:
    """Kind → how many of these exchanges each week, in the order of the weeks."""
    counted = Counter((kind(exchange), week_of(exchange.created)) for exchange in exchanges)
    return {name: [counted[name, week] for week in weeks] for name in KINDS}


def to_csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A table that French spreadsheets open as it is (« ; », UTF-8 with its mark), and that runs nothing there."""
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + output.getvalue().encode("utf-8")


def harmless(cell: object) -> object:
    """Text that no spreadsheet takes for a formula: an apostrophe before « = + - @ », tabs and line ends."""
    text = str(cell)
    risky = text.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    return f"'{text}" if isinstance(cell, str) and risky else cell


def _question_of(exchange: Exchange) -> str:
    return exchange.standalone_question or exchange.question


def _alike(question: str) -> str:
    """What two typings of one question share: its words; the signs of one without words (« ??? »)."""
    return " ".join(words(question)) or fold(question)
