"""A sum that the asker can act on: the rate a fiche gives, applied to the expense the asker tells.

`aide = min(taux × dépense, plafond)`, each variant shown while its condition is open, over several years when the aid is a
yearly one; a fixed amount, for so many posts or years. Every figure comes from a fiche whose paragraph says it, or from the
asker: from the message, else from what was asked before (« et avec l'Anah ? », « sur trois ans ? »). Knows what was found;
nothing of how it was found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.classifiers import Act
from assistant.answering.eligibility import ComputedAid, calculable, compute, lumps, multiply, passage_of, plausible
from assistant.answering.find import Finding
from assistant.answering.message import Message
from assistant.answering.question import Expectation, expectation, in_digits
from assistant.answering.readings import Turn, content
from index.document import Document, Hit, Passage
from index.fiche import Grant
from index.french import analyse, fold

_WITH = re.compile(
    r"\b(avec|sans|pas d(?:e|')?)(?:\b|(?<=')) ?(?:la |le |l')?(?:(?:participation|aide|financement) de )?(?:la |le |l')?(\w+)"
)
_YEARS = re.compile(r"\b(?:sur|pendant|pour|durant|en)\s+(?:les\s+)?(une?|deux|[1-9]|10)\s+(?:ans?|annees?|exercices?)\b")
# How many of what is paid by the piece, never a length, a rate or a sum: « si on en prend deux », « pour 3 conseillers ».
_COUNT = re.compile(
    r"(?:^(?:et |ou |puis )*|\b(?:en (?:\w+ ){0,2}|pour |avec |prend\w* |recrut\w* |embauch\w* |accueill\w* |a ))"
    r"(deux|[2-9]|[1-4]\d)\b"
    r"(?! (?:ans|annees|exercices|mois|jours|semaines|heures|sur|fois|000|€|k|euros|%|pour cent|hab\w*|\d+)\b| ?[€%])"
)
_WORDS = {"un": 1, "une": 1, "deux": 2}


@dataclass(frozen=True)
class ComputedAids:
    """Computed aids, each with the passage that carries its figures."""

    lines: tuple[ComputedAid, ...]
    proofs: tuple[Passage, ...]


def aids_asked_for(
    finding: Finding,
    message: Message,
    turns: Sequence[Turn],
    documents: Mapping[str, Document],
    passages: Sequence[Passage],
    bounds: Bounds = BOUNDS,
) -> ComputedAids | None:
    """The aids that a question asks to compute; None when it asks for no sum, or nothing can be computed.

    What the question does not say may stand in what is told with it, or in the turns on its subject.
    """
    if message.acts.get(Act.PERSONAL_MATTER, 0.0) >= bounds.private:
        return None  # what a person earns is no expense of a commune: « nous gagnons 31 000 € à deux »
    question = in_digits(finding.query.text)
    expected = expectation(question, bounds)
    if expected.time or expected.contact or expected.how or expected.comparison:
        return None
    subject, hits = finding.reading.document, finding.hits
    past = [turn for turn in turns if subject and turn.document == subject]
    if any(turn.computed for turn in past):  # the same sum again
        hits = tuple(hit for hit in hits if hit.passage.document == subject) or hits
    lent = [in_digits(text) for text in (*(turn.question for turn in past), finding.query.context, message.context)]
    *before, told = (expectation(text, bounds) for text in lent)
    computes = any(one.amount or one.asks_aid for one in before)  # a sum goes on: « et si on monte à 64 000 ? »
    expenses = expected.expenses or told.expenses
    wants = expected.amount or expected.asks_aid or bool(expenses) and (computes or not expected.yes_no)
    if not expenses and (wants or computes and len(content(question)) <= bounds.elliptical):
        expenses, wants = next((one.expenses for one in (told, *reversed(before)) if one.expenses), ()), True
    completed = replace(expected, expenses=expenses, amount=wants)
    return computed_aids(question, lent, completed, hits, documents, passages, bounds)


def computed_aids(
    question: str,
    lent: Sequence[str],
    expected: Expectation,
    hits: Sequence[Hit],
    documents: Mapping[str, Document],
    passages: Sequence[Passage],
    bounds: Bounds = BOUNDS,
) -> ComputedAids | None:
    """The aids of the fiche that is asked about, for the expense told; None when nothing can be computed.

    Args:
        question: with numbers in digits.
        lent: what was told besides and before, the oldest first: which scheme, which partner, over how many years.
    """
    if not (expected.amount or expected.asks_aid):
        return None
    statement = " ".join([*lent, question])
    near = list(dict.fromkeys(hit.passage.document for hit in hits))[: bounds.sums_among]
    if not expected.expenses:
        return _multiplied(question, lent, [documents[path] for path in near[:1]], passages)
    expense = expected.expenses[-1].value  # of several, the last: the larger of « entre 50 et 60 000 »
    words = set(analyse(statement))
    ranked = [(_shared(documents[path], words), -place, path) for place, path in enumerate(near) if calculable(documents[path])]
    if not ranked:
        return None
    # The first document, unless the expense is named as another's: « 70 % de mes travaux » under a fiche on posts.
    path = max(ranked)[2] if max(ranked)[0] else next((path for _, place, path in ranked if place == 0), "")
    if not path:
        return None
    rows = [grant for grant in _meant(calculable(documents[path]), statement, words) if plausible(grant, expense, bounds)]
    years = _last(_YEARS, [*lent, question])
    return _proved(rows, [compute(grant, expense, years if grant.period == "an" else 1) for grant in rows], path, passages)


def _multiplied(
    question: str, lent: Sequence[str], first: Sequence[Document], passages: Sequence[Passage]
) -> ComputedAids | None:
    """A fixed amount for so many posts or years, when the question says how many; what was said before completes it."""
    if not first or not (_COUNT.search(fold(question)) or _YEARS.search(fold(question))):
        return None
    count, years = _last(_COUNT, [*lent, question]), _last(_YEARS, [*lent, question])
    rows = [grant for grant in lumps(first[0]) if count > 1 or grant.period == "an"]
    return _proved(rows, [multiply(grant, count, years) for grant in rows], first[0].path, passages)


def _proved(rows: Sequence[Grant], lines: Sequence[ComputedAid], path: str, passages: Sequence[Passage]) -> ComputedAids | None:
    """The sums of some grants; none at all when a paragraph does not carry its figures."""
    proofs = [passage_of(grant, path, passages) for grant in rows]
    return ComputedAids(tuple(lines), tuple(proof for proof in proofs if proof)) if rows and all(proofs) else None


def _last(pattern: re.Pattern[str], texts: Sequence[str]) -> int:
    """The number that was said last, 1 when none was."""
    found = next((match[1] for text in reversed(texts) for match in reversed(list(pattern.finditer(fold(text))))), "1")
    return _WORDS.get(found) or int(found)


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
    plain = fold(question).strip(" ?!.")
    said = {
        partner: "avec" if word == "avec" else "sans" for word, partner in _WITH.findall(plain)
    }  # « sans l'Anah » before, « et avec l'Anah ? » now
    if said and (bare := re.search(r"\b(avec|sans)$", plain)):  # « sans l'Anah », then « et avec ? »
        said[list(said)[-1]] = bare[1]
    for partner, word in said.items():
        chosen = [g for g in meant if fold(g.name).startswith(word) and partner in fold(g.name)]
        meant = chosen or meant
    return meant
