"""Passages of different documents that give another figure for the same thing.

Compares sentences: nearly the same words, another number. Says which document is the newest; knows
nothing of ranking, thresholds or screens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.extracts import Extract
from index.document import Document, Hit, Passage
from index.figures import figures
from index.french import MONTHS, analyse, sentences
from index.ranking import WeightedTerms

_NAME = re.compile(r"(?<=[\w,'’] )[A-ZÀ-Ý][\w-]+|(?<=['’])[A-ZÀ-Ý][\w-]+")  # not a sentence's first word
_MONTHS = frozenset(analyse(" ".join((*MONTHS, "début", "fin"))))


@dataclass(frozen=True)
class Rival:
    """A sentence of another document that gives another figure."""

    extract: Extract
    date: str | None  # ISO date of its document


def rivals(
    main: Extract, hits: Sequence[Hit], question: WeightedTerms, documents: Mapping[str, Document], bounds: Bounds = BOUNDS
) -> list[Rival]:
    """What other documents say instead of the figure that `main` gives, newest first; one sentence a document.

    Only when the question asks for a figure: two figures of two different things are no disagreement.
    """
    if question.want is None:
        return []
    by_document: dict[str, Rival] = {}
    claims = [text for text in main.texts if question.figure_in(text) > 0]
    for hit in hits:
        passage = hit.passage
        if passage.document == main.passage.document or passage.document in by_document:
            continue
        for start, end in sentences(passage.text):
            sentence = passage.text[start:end]
            if question.figure_in(sentence) > 0 and any(_differ(sentence, claim, bounds) for claim in claims):
                by_document[passage.document] = Rival(Extract(passage, ((start, end),)), date_of(passage, documents))
                break
    return sorted(by_document.values(), key=lambda rival: rival.date or "", reverse=True)


def date_of(passage: Passage, documents: Mapping[str, Document]) -> str | None:
    """The date of the document a passage comes from, ISO, when it says one."""
    document = documents.get(passage.document)
    return document.date if document else None


def _differ(sentence: str, claim: str, bounds: Bounds) -> bool:
    one, other = _words(sentence), _words(claim)
    same = len(one & other) / max(1, len(one | other))
    alike = same >= bounds.same_claim and set(_NAME.findall(sentence)) == set(_NAME.findall(claim))
    return alike and bool(_values(sentence)) and bool(_values(claim)) and not _values(sentence) & _values(claim)


def _words(text: str) -> set[str]:
    return {term for term in analyse(text) if not term[0].isdigit()} - _MONTHS


def _values(text: str) -> set[tuple[Decimal, str]]:
    return {(figure.value, figure.unit) for figure in figures(text) if not figure.is_year}
