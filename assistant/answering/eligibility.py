"""Criteria of the fiches against a situation → a verdict for each, and for each scheme: oui, à confirmer, non.

A verdict says « non » only when a criterion that stands by itself is false, « oui » only when all are true; without a passage
that carries the criterion nothing is affirmed. Pure; knows nothing of search, files or screens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.answering.aid_amounts import calculable
from assistant.answering.proofs import Proofs, by_heading, carries
from assistant.answering.situation import BEARER, FIELDS, POPULATION, Situation, deduce, implications_in
from index.document import Document, Passage
from index.fiche import Criterion, Grant
from index.figures import values
from index.french import fold, sentences

# Words of a criterion for a part of the scheme only (« axe 2 »), or with another way in (« sauf… »). Such a criterion, when it is
# false, does not make « non »: the verdict stays « à confirmer ».
_PARTIAL = re.compile(r"\b(?:sous conditions?|prioritaires?|a verifier|sauf|au minimum|axe|label)\b")
# « une ORT ou l'arrêté »: another way in too. Not read in a list of bearers, which says « ou » anyway.
_OTHERWISE = re.compile(r"\bou\b")
# « la commune, avec l'intercommunalité »: the bearer needs a partner.
_JOINT = re.compile(r"\b(?:ensemble|binome|avec)\b")
# True or false of a building or an operation, not of the commune.
_BUILDING = re.compile(r"l'(?:immeuble|operation)|le (?:logement|bien|local|quartier)\b")


class EligibilityOutcome(StrEnum):
    """What can be said of a criterion or of a scheme."""

    YES = "oui"
    CONFIRM = "à confirmer"
    NO = "non"


class VerdictBasis(StrEnum):
    """What a verdict rests on."""

    KNOWN = "known"  # the situation decides
    UNKNOWN = "unknown"  # the situation does not say
    UNCHECKED = "unchecked"  # a condition in words only people can judge
    PARTIAL = "partial"  # false, but the fiche leaves another way
    JOINT = "joint"  # the bearer needs a partner
    PLACE = "place"  # true of the commune, to be seen for the building or the operation
    UNPROVED = "unproved"  # no passage carries the criterion


@dataclass(frozen=True)
class CriterionVerdict:
    """One criterion against one situation, with the passage that carries the criterion."""

    criterion: Criterion
    outcome: EligibilityOutcome
    why: VerdictBasis
    passage: Passage | None


@dataclass(frozen=True)
class Aid:
    """An aid of a scheme in the words of its source."""

    name: str
    condition: str
    sentences: tuple[str, ...]  # verbatim, those that hold the figures
    passage: Passage


@dataclass(frozen=True)
class SchemeReview:
    """A dispositif against a situation."""

    document: Document
    outcome: EligibilityOutcome
    verdicts: tuple[CriterionVerdict, ...]
    aids: tuple[Aid, ...]
    grants: tuple[Grant, ...]  # those a sum can be computed for

    @property
    def review_date(self) -> str:
        """The ISO date after which the fiche should be read again; empty when it gives none."""
        return self.document.review_date or ""

    @property
    def missing(self) -> tuple[CriterionVerdict, ...]:
        """What remains to be confirmed before a « oui »."""
        return tuple(verdict for verdict in self.verdicts if verdict.outcome is EligibilityOutcome.CONFIRM)

    @property
    def only_bearer(self) -> bool:
        """True when « non » is due to who would bear the project, and to nothing else."""
        against = [verdict.criterion.kind for verdict in self.verdicts if verdict.outcome is EligibilityOutcome.NO]
        return bool(against) and set(against) == {"porteur"}


@dataclass(frozen=True)
class Question:
    """A fact left, whose answer decides of schemes that are to be confirmed."""

    fact: str  # as the form names it
    text: str  # the criterion's words: what is asked when the fact has no name of its own
    settles: tuple[Document, ...]  # those that an answer takes to « oui » or « non »


def review(documents: Iterable[Document], passages: Iterable[Passage], situation: Situation) -> list[SchemeReview]:
    """Every scheme that has criteria or aids: oui, then à confirmer (nearest to a oui first), then non."""
    proofs = by_heading(passages)
    known = deduce(situation, implications_in(proofs))
    reviews = [_scheme(document, proofs, known) for document in documents]
    order = list(EligibilityOutcome)
    return sorted(
        (scheme for scheme in reviews if scheme.verdicts or scheme.aids),
        key=lambda scheme: (order.index(scheme.outcome), not scheme.verdicts, len(scheme.missing), fold(scheme.document.title)),
    )


def questions(reviews: Sequence[SchemeReview], passages: Iterable[Passage], situation: Situation) -> list[Question]:
    """The facts left, those that settle most schemes first, then those of the nearest scheme."""
    rules = implications_in(by_heading(passages))
    waiting = [scheme for scheme in reviews if scheme.outcome is EligibilityOutcome.CONFIRM and scheme.verdicts]
    words = {
        name: v.criterion for scheme in reversed(waiting) for v in reversed(scheme.missing) for name in facts_to_ask(v, situation)
    }
    nearest = {name: rank for rank, name in reversed(list(enumerate(words)))}
    unsettled = []
    for name, criterion in words.items():
        tried = [deduce(each, rules) for each in _answered(name, waiting, situation)]
        settled = tuple(scheme.document for scheme in waiting if _settled(scheme, tried))
        if settled:
            unsettled.append(Question(name, criterion.text, settled))
    return sorted(unsettled, key=lambda question: (-len(question.settles), -nearest[question.fact]))


def facts_to_ask(verdict: CriterionVerdict, situation: Situation) -> tuple[str, ...]:
    """The facts to ask so that a criterion is decided; none for what no answer of the commune decides."""
    criterion = verdict.criterion
    if verdict.outcome is not EligibilityOutcome.CONFIRM or verdict.passage is None or criterion.kind == "tous":
        return ()
    if verdict.why is not VerdictBasis.UNKNOWN:
        return () if situation.fact(criterion.key) is not None or _lenient(criterion, verdict.why) else (criterion.key,)
    if criterion.kind in FIELDS:
        names = (f"{criterion.kind}-{value}" for value in criterion.values)
        return tuple(name for name in names if situation.fact(name) is None)
    if criterion.kind == "porteur":
        return (BEARER,) if criterion.values else ()
    return () if criterion.low is criterion.high is None else (POPULATION,)


def _lenient(criterion: Criterion, why: VerdictBasis) -> bool:
    """Whether a criterion never makes « non », so that asking about it settles nothing."""
    return why is VerdictBasis.PARTIAL and bool(_PARTIAL.search(fold(criterion.text)))


def _answered(name: str, waiting: Sequence[SchemeReview], situation: Situation) -> list[Situation]:
    """The situation after each possible answer to a question; of a population, the values on either side of each bound."""
    rows = [v.criterion for scheme in waiting for v in scheme.verdicts]
    if name == POPULATION:
        bounds = {value for row in rows for value in (row.low, row.high) if value is not None}
        return [replace(situation, population=max(0, bound + step)) for bound in bounds for step in (-1, 0, 1)]
    if name == BEARER:
        return [replace(situation, bearer=value) for value in {v for row in rows if row.kind == "porteur" for v in row.values}]
    return [situation.with_fact(name, True), situation.with_fact(name, False)]


def _settled(scheme: SchemeReview, tried: Sequence[Situation]) -> bool:
    """Whether one of the situations decides of a scheme."""
    return any(
        overall([_verdict(v.criterion, each, v.passage) for v in scheme.verdicts]) is not EligibilityOutcome.CONFIRM
        for each in tried
    ) and any(v.criterion.kind != "tous" for v in scheme.missing)


def verdict(criterion: Criterion, situation: Situation, passage: Passage | None) -> CriterionVerdict:
    """One criterion; without a passage that carries it, figures included, nothing is affirmed."""
    return _verdict(criterion, situation, passage if carries(passage, criterion) else None)


def _verdict(criterion: Criterion, situation: Situation, passage: Passage | None) -> CriterionVerdict:
    """A criterion, with the passage already known to carry it."""
    outcome, why = _judged(criterion, situation)
    if passage is None and outcome is not EligibilityOutcome.CONFIRM:
        outcome, why = EligibilityOutcome.CONFIRM, VerdictBasis.UNPROVED
    return CriterionVerdict(criterion, outcome, why, passage)


def overall(verdicts: Sequence[CriterionVerdict]) -> EligibilityOutcome:
    """The outcome of a scheme: one « non » makes « non », all « oui » make « oui », anything else is to be confirmed."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if EligibilityOutcome.NO in outcomes:
        return EligibilityOutcome.NO
    return EligibilityOutcome.YES if outcomes == {EligibilityOutcome.YES} else EligibilityOutcome.CONFIRM


def _scheme(document: Document, proofs: Proofs, situation: Situation) -> SchemeReview:
    verdicts = tuple(verdict(c, situation, proofs.get((document.path, c.proof))) for c in document.header.criteria)
    computed = tuple(grant for grant in calculable(document) if carries(proofs.get((document.path, grant.proof)), grant))
    return SchemeReview(document, overall(verdicts), verdicts, _aids(document, proofs), computed)


def _judged(criterion: Criterion, situation: Situation) -> tuple[EligibilityOutcome, VerdictBasis]:
    """What the facts say of a criterion; where they leave a doubt, what was answered to the criterion in its own words."""
    outcome, why = _by_facts(criterion, _fact(criterion, situation))
    answer = situation.fact(criterion.key)
    if outcome is not EligibilityOutcome.CONFIRM or answer is None:
        return outcome, why
    if answer:
        return EligibilityOutcome.YES, VerdictBasis.KNOWN
    return (
        (EligibilityOutcome.CONFIRM, VerdictBasis.PARTIAL)
        if _PARTIAL.search(fold(criterion.text))
        else (EligibilityOutcome.NO, VerdictBasis.KNOWN)
    )


def _by_facts(criterion: Criterion, fact: bool | None) -> tuple[EligibilityOutcome, VerdictBasis]:
    text, bearer = fold(criterion.text), criterion.kind == "porteur"
    if criterion.kind not in _FACTS:
        return EligibilityOutcome.CONFIRM, VerdictBasis.UNCHECKED
    if fact is None:
        return EligibilityOutcome.CONFIRM, VerdictBasis.UNKNOWN
    if fact and bearer and _JOINT.search(text):
        return EligibilityOutcome.CONFIRM, VerdictBasis.JOINT
    if fact:
        return (
            (EligibilityOutcome.CONFIRM, VerdictBasis.PLACE)
            if _BUILDING.match(text)
            else (EligibilityOutcome.YES, VerdictBasis.KNOWN)
        )
    if _PARTIAL.search(text) or (not bearer and len(criterion.values) < 2 and _OTHERWISE.search(text)):
        return EligibilityOutcome.CONFIRM, VerdictBasis.PARTIAL
    return EligibilityOutcome.NO, VerdictBasis.KNOWN


def _fact(criterion: Criterion, situation: Situation) -> bool | None:
    """Whether the situation meets a criterion; None when it does not say."""
    found = _FACTS[criterion.kind](criterion, situation) if criterion.kind in _FACTS else None
    return not found if criterion.excluded and found is not None else found


def _population(criterion: Criterion, situation: Situation) -> bool | None:
    count = situation.population
    if criterion.low is None and criterion.high is None:
        return None
    if count is None:
        return situation.fact(f"population-{criterion.high}") if criterion.low is None and criterion.strict else None
    below = criterion.high is None or count < criterion.high or (count == criterion.high and not criterion.strict)
    return below and (criterion.low is None or count >= criterion.low)


def _bearer(criterion: Criterion, situation: Situation) -> bool | None:
    return situation.bearer in criterion.values if situation.bearer and criterion.values else None


def _any(criterion: Criterion, situation: Situation) -> bool | None:
    answers = [situation.fact(f"{criterion.kind}-{value}") for value in criterion.values]
    return True if True in answers else None if None in answers or not answers else False


def _every(_: Criterion, situation: Situation) -> bool | None:
    return True if situation.says else None  # true of every commune, once there is one


_FACTS = {"population": _population, "programme": _any, "convention": _any, "zone": _any, "porteur": _bearer, "tous": _every}


def _aids(document: Document, proofs: Proofs) -> tuple[Aid, ...]:
    found = ((grant, proofs.get((document.path, grant.proof))) for grant in document.header.grants)
    return tuple(Aid(grant.name, grant.condition, _carrying(grant, passage.text), passage) for grant, passage in found if passage)


def _carrying(grant: Grant, text: str) -> tuple[str, ...]:
    """The sentences that hold the amounts of an aid; the first one when it has none (« gratuit »)."""
    spans = [text[start:end] for start, end in sentences(text)]
    return tuple(span for span in spans if grant.amounts & values(span)) or tuple(spans[:1])
