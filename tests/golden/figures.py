"""Graded answers → the figures of the quality gate, and of the benchmarks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from assistant.answer import Status
from assistant.service import Assistant
from tests.golden.grading import Graded


def figures(assistant: Assistant, graded: Sequence[Graded]) -> dict[str, float]:
    """Shares of graded turns, 0..1, except `median_words`.

    `answerable` and `refusal` split the turns by what is expected; `follow_up` is every turn after
    the first; `false_refusal` is the share of answerable turns that got no answer.
    """
    answerable = [row for row in graded if not row.refuse]
    answered = [row for row in answerable if row.answer.status in (Status.ANSWERED, Status.PARTIAL)]
    return {
        "overall": passed(graded),
        "answerable": passed(answerable),
        "refusal": passed(row for row in graded if row.refuse),
        "follow_up": passed(row for row in graded if row.turn > 0),
        "false_refusal": sum(row.false_refusal for row in answerable) / len(answerable),
        "median_words": median(len(row.answer.text.split()) for row in answered),
        "quotes_verbatim": quotes_verbatim(assistant, graded),
    }


def passed(graded: Iterable[Graded]) -> float:
    """Share of turns that pass."""
    rows = list(graded)
    return sum(row.passed for row in rows) / len(rows)


def quotes_verbatim(assistant: Assistant, graded: Iterable[Graded]) -> float:
    """Share of quotes found at their offsets in their document."""
    documents = assistant.retriever.documents
    citations = [citation for row in graded for citation in row.answer.citations]
    return sum(documents[c.passage.document].text[c.start : c.end] == c.quote for c in citations) / len(citations)
