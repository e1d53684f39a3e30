"""A sum that the asker can act on: the rate a fiche gives, applied to the expense the asker tells.

`aide = min(taux × dépense, plafond)`, each variant shown while its condition is open, over several years when the aid is a
yearly one. Every rate and ceiling comes from a fiche whose paragraph says it, every expense from the asker. Knows the
passages found; nothing of how they were found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.answering.question import Expectation
from assistant.eligibility import Grant, Sum, calculable, compute, passage_of, plausible
from index.document import Document, Hit, Passage
from index.french import analyse, fold

AMONG = 3  # first documents whose rates may be the one asked about
_WITH = re.compile(r"\b(avec|sans)\b (?:la |le |l')?(?:participation de |aide de |financement de )?(?:la |le |l')?(\w+)")
_YEARS = re.compile(r"\b(?:sur|pendant|pour|durant|en)\s+(?:les\s+)?([2-9]|10)\s+(?:ans|annees|exercices)\b")


@dataclass(frozen=True)
class Sums:
    """Computed aids, each with the passage that carries its figures, and over how many years they run."""

    lines: tuple[Sum, ...]
    proofs: tuple[Passage, ...]


def sums(
    question: str,
    context: str,
    expected: Expectation,
    hits: Sequence[Hit],
    documents: Mapping[str, Document],
    passages: Sequence[Passage],
) -> Sums | None:
    """The aids of the fiche that is asked about, for the expense told; None when nothing can be computed.

    Args:
        question: with numbers in digits.
        context: what the conversation lends: which scheme is meant, whether an aid is what is asked.
    """
    if not expected.expenses or not (expected.amount or expected.asks_aid):
        return None
    expense = expected.expenses[-1].value  # « 70 000, pas 60 000 » is rare; « entre 50 et 60 000 » takes the larger
    words = set(analyse(f"{context} {question}"))
    near = list(dict.fromkeys(hit.passage.document for hit in hits))[:AMONG]
    ranked = [(_shared(documents[path], words), -place, path) for place, path in enumerate(near) if calculable(documents[path])]
    if not ranked:
        return None
    # The first document, unless the expense is named as another's: « 70 % de mes travaux » under a fiche on posts.
    path = max(ranked)[2] if max(ranked)[0] else next((path for _, place, path in ranked if place == 0), "")
    if not path:
        return None
    rows = [grant for grant in _meant(calculable(documents[path]), f"{context} {question}", words) if plausible(grant, expense)]
    proofs = [passage_of(grant, path, passages) for grant in rows]
    kept = [(grant, proof) for grant, proof in zip(rows, proofs, strict=True) if proof]
    if not kept or len(kept) < len(rows):
        return None
    years = int(found[1]) if (found := _YEARS.search(fold(question))) else 1
    lines = tuple(compute(grant, expense, years if grant.period == "an" else 1) for grant, _ in kept)
    return Sums(lines, tuple(proof for _, proof in kept))


def _shared(document: Document, words: set[str]) -> int:
    """How many words of its expenses the question uses: tells « coût chargé du poste » from « poste »."""
    return max((len(set(analyse(grant.expense)) & words) for grant in calculable(document)), default=0)


def _meant(rows: Sequence[Grant], question: str, words: set[str]) -> list[Grant]:
    """The grants whose expense or name the question says, all when it says none; « avec » or « sans » a partner chooses."""
    by_words = [len(set(analyse(f"{grant.name} {grant.expense}")) & words) for grant in rows]
    best = max(by_words, default=0)
    meant = [grant for grant, shared in zip(rows, by_words, strict=True) if shared == best] if best else list(rows)
    # Variants of one aid, for one expense, stay together: which applies is what the asker must see.
    expenses = {grant.expense for grant in meant}
    meant = [grant for grant in rows if grant.expense in expenses] if len(expenses) == 1 else meant
    said = {partner: word for word, partner in _WITH.findall(fold(question))}  # « sans l'Anah » before, « et avec l'Anah ? » now
    for partner, word in said.items():
        chosen = [g for g in meant if fold(g.name).startswith(word) and partner in fold(g.name)]
        meant = chosen or meant
    return meant
