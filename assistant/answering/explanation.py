"""Why this answer: what was understood, what was searched, and what became of each passage.

Reads what search and decision have already computed; decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from assistant import texts
from assistant.answering.answer import ConsideredPassage, Explanation
from assistant.answering.spelling import Wording
from index.document import Hit
from index.ranking import Terms, WeightedTerms
from index.search import Query

_TOLD = 2  # missing words named for one passage


def explain(
    query: Query, wording: Wording, features: Mapping[str, float], missing: Sequence[str], hits: Sequence[ConsideredPassage]
) -> Explanation:
    """The explanation kept with an answer."""
    return Explanation(features, tuple(wording.changes), query.extra, query.context, tuple(missing), tuple(hits))


def considered(
    hits: Sequence[Hit],
    question: WeightedTerms,
    terms: Sequence[Terms],
    words: Sequence[tuple[str, frozenset[str]]],
    cited: Collection[str],
) -> list[ConsideredPassage]:
    """Each passage with its scores and its outcome: cited, or why it was set aside.

    Args:
        terms: of each hit, in the same order.
        words: the question's content words, each with the terms that may stand for it.
        cited: ids of the passages the answer quotes.
    """
    return [
        ConsideredPassage(
            passage=hit.passage.id,
            section=hit.passage.section,
            score=round(hit.score, 3),
            dense=round(hit.dense, 3),
            lexical=round(hit.lexical, 3),
            outcome=texts.CITED if hit.passage.id in cited else _set_aside(hit, question, own_terms, words),
        )
        for hit, own_terms in zip(hits, terms, strict=True)
    ]


def _set_aside(hit: Hit, question: WeightedTerms, terms: Terms, words: Sequence[tuple[str, frozenset[str]]]) -> str:
    """The plainest reason first."""
    lacking = [word for word, stems in words if not stems & terms.everything]
    if lacking:
        return texts.SET_ASIDE["missing"].format(words=", ".join(lacking[:_TOLD]))
    if question.want is not None and question.figure_in(hit.passage.text) < 0:
        return texts.SET_ASIDE["figure"]
    if hit.features.get("interrogative", 0.0) < 0:
        return texts.SET_ASIDE["other_question"]
    if hit.features.get("subject", 1.0) == 0.0:
        return texts.SET_ASIDE["other_subject"]
    return texts.SET_ASIDE["lower"]
