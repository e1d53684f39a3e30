"""Criteria, rates and ceilings of the fiches → verdicts and sums. Pure logic on headers.

A sum is `min(rate × expense, ceiling)`, shown step by step; every rate and ceiling comes from a
fiche, every expense from the asker. A verdict says « non » only when a criterion that stands by itself
is false, « oui » only when all are true. Knows nothing of search, files or screens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from assistant.answering.bounds import BOUNDS, Bounds
from index.document import Document, Passage
from index.fiche import Criterion, Grant
from index.figures import euros, percentage, readable, values
from index.french import fold, sentences

_PRIVATE = re.compile(r"\b(?:investisseurs?|particuliers?|contribuables?|menages?|proprietaires? bailleurs?)\b")
_TAX_CUT = re.compile(r"\b(?:denormandie|reductions? d'impots?|deductions? fiscales?)\b")
_NO_RATE = re.compile(r"\b(?:plafond de cumul|taux variable)\b")  # a limit on the sum of aids is no aid


@dataclass(frozen=True)
class ComputedAid:
    """A computed aid, with the line that shows how."""

    grant: Grant
    aid: Decimal  # of one year
    rest: Decimal  # of the expense, to pay in that year
    text: str
    numbers: frozenset[Decimal]  # every number the line shows that its source need not hold


def grants(document: Document) -> list[Grant]:
    """The aids of a fiche that carry a rate."""
    if _PRIVATE.search(fold(document.header.public)):
        return []  # a tax cut depends on a household we know nothing of
    return [grant for grant in _aids_of(document) if grant.rate is not None]


def lumps(document: Document) -> list[Grant]:
    """The aids of a fiche that are a fixed amount: by post, by project, by year."""
    return [grant for grant in _aids_of(document) if grant.lump is not None and grant.rate is None]


def _aids_of(document: Document) -> list[Grant]:
    return [grant for grant in document.header.grants if not _is_tax_cut(grant)]


def calculable(document: Document) -> list[Grant]:
    """The grants whose rate is what is paid, not a limit on all aids together nor one end of a range."""
    return [grant for grant in grants(document) if not _NO_RATE.search(fold(grant.condition))]


def plausible(grant: Grant, expense: Decimal, bounds: Bounds = BOUNDS) -> bool:
    """False for an expense a hundred times the ceiling: « 250 millions » is an envelope, not what a commune pays."""
    return grant.ceiling is None or expense <= bounds.envelope * grant.ceiling


def compute(grant: Grant, expense: Decimal, years: int = 1) -> ComputedAid:
    """`min(rate × expense, ceiling)`, rounded to the cent, and what is left to pay; over several years, each alike."""
    rate = grant.rate or Decimal(0)
    counted = min(expense, grant.expense_ceiling) if grant.expense_ceiling else expense
    raw = (rate / 100 * counted).quantize(Decimal("0.01"), ROUND_HALF_UP)
    aid = min(raw, grant.ceiling) if grant.ceiling else raw
    over = [value * years for value in (aid, expense - aid)]
    numbers = _numbers(expense, aid, expense - aid, raw, *over, Decimal(years))
    return ComputedAid(grant, aid, expense - aid, _line(grant, counted, raw, aid, expense - aid, years), numbers)


def multiply(grant: Grant, count: int, years: int) -> ComputedAid:
    """A fixed amount for several posts or projects, and over several years: no more than it is paid for."""
    lump = grant.lump or Decimal(0)
    paid = 1 if grant.period != "an" else int(min(Decimal(years), grant.most_years or Decimal(years)))
    total = lump * count * paid
    factors = [euros(lump) + (" par an" if grant.period == "an" else "")]
    factors += [f"{count}"] * (count > 1) + [f"{paid} ans"] * (paid > 1)
    line = f"{grant.name[:1].upper()}{grant.name[1:]} : {euros(total)} ({' × '.join(factors)})"
    line += f" ; condition : {grant.condition}." if grant.condition else "."
    return ComputedAid(grant, total, Decimal(0), line, _numbers(total, lump * count, Decimal(count), Decimal(paid)))


def _numbers(*shown: Decimal) -> frozenset[Decimal]:
    return frozenset(value.normalize() for value in shown)


def passage_of(grant: Grant, document: str, passages: Sequence[Passage]) -> Passage | None:
    """The passage that carries a grant's figures; None when the paragraph it names says others, or is gone."""
    named = (p for p in passages if p.document == document and p.headings and p.headings[-1] == grant.proof)
    return next((p for p in named if _carries(p, grant)), None)


def _line(grant: Grant, counted: Decimal, raw: Decimal, aid: Decimal, rest: Decimal, years: int) -> str:
    """What is paid and what is left first, then how it is found, then on what condition."""
    name = grant.name[:1].upper() + grant.name[1:]
    per = f" par {grant.period}" if grant.period in ("an", "mois") else ""
    ceiling = f", plafond {euros(grant.ceiling)}" if grant.ceiling else ""
    if grant.ceiling and raw > grant.ceiling:
        ceiling = f", plafond atteint : {euros(grant.ceiling)}"
    how = f"{percentage(grant.rate or Decimal(0))} de {euros(counted)} = {euros(raw)}{ceiling}"
    line = f"{name} : aide de {euros(aid)}{per}, reste à charge {euros(rest)} ({how})"
    if years > 1:
        line += f" ; sur {years} ans, aide {euros(aid * years)}, reste {euros(rest * years)}"
    return f"{line} ; condition : {grant.condition}." if grant.condition else f"{line}."


def _is_tax_cut(grant: Grant) -> bool:
    """True for a tax cut of private persons told in a fiche for communes (Denormandie outre-mer)."""
    return bool(_TAX_CUT.search(fold(f"{grant.name} {grant.expense} {grant.proof}")))


# -- verdicts ------------------------------------------------------------------------------------

# A criterion that says so holds for a part of the scheme, or has another way in: false, it excludes nobody.
_PARTIAL = re.compile(r"\b(?:sous conditions?|prioritaires?|a verifier|sauf|au minimum|axe|label)\b")
_OTHERWISE = re.compile(r"\bou\b")  # « une ORT ou l'arrêté » ; the list of possible bearers says its own « ou »
_JOINT = re.compile(r"\b(?:ensemble|binome|avec)\b")  # the bearer does not act alone
_BUILDING = re.compile(r"l'(?:immeuble|operation)|le (?:logement|bien|local|quartier)\b")  # the subject is not the commune
_NAMED = {"programme": "programmes", "convention": "conventions", "zone": "zones"}  # kind of criterion → field of Situation
POPULATION, BEARER = "population", "bearer"  # the two facts that are not a yes or a no


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
class Implication:
    """What one fact says of another, and the heading of the fiche that carries it. Facts are named as the form names them."""

    fact: str  # once true
    other: str  # is then known
    holds: bool  # true or false
    fiche: str
    heading: str
    backwards: bool = True  # when the other is known to be otherwise, the fact is false

    @property
    def ways(self) -> tuple[tuple[str, bool, str, bool], ...]:
        """(known fact, its value, what follows, its value)."""
        forth = (self.fact, True, self.other, self.holds)
        return (forth, (self.other, not self.holds, self.fact, False)) if self.backwards else (forth,)


_STEPS = "Quelles sont les étapes des conventions Petites villes de demain ?"
_CRITERIA = "Quels sont les critères pour être Petite ville de demain ?"
# « population-20000 »: fewer than 20,000 inhabitants. A convention-cadre is no ORT by itself (the fiche says so): nothing here.
IMPLICATIONS = (
    Implication("convention-cadre", "convention-adhesion", True, "conventions-adhesion-cadre", _STEPS),
    Implication(
        "convention-adhesion", "programme-PVD", True, "conventions-adhesion-cadre", "C'est quoi la convention d'adhésion ?"
    ),
    Implication(
        "programme-PVD", "programme-ACV", False, "action-coeur-de-ville", "Peut-on cumuler PVD et Action cœur de ville ?"
    ),
    Implication(
        "programme-PVD",
        "population-20000",
        True,
        "entrer-dans-le-programme",
        "Combien d'habitants faut-il pour être Petite ville de demain ?",
    ),
    Implication(
        "programme-VA",
        "population-3500",
        True,
        "villages-d-avenir",
        "Une commune de plus de 3 500 habitants peut-elle entrer dans Villages d'avenir ?",
    ),
    Implication("programme-PVD", "fait-centralite", True, "entrer-dans-le-programme", _CRITERIA, backwards=False),
    Implication("programme-PVD", "fait-fragilite", True, "entrer-dans-le-programme", _CRITERIA, backwards=False),
    Implication("programme-PVD", "fait-hors-grand-pole", True, "entrer-dans-le-programme", _CRITERIA, backwards=False),
    Implication(
        "programme-PVD",
        "fait-binome",
        True,
        "entrer-dans-le-programme",
        "Qui devait porter la candidature, la commune ou l'intercommunalité ?",
        backwards=False,
    ),
)


@dataclass(frozen=True)
class Deduction:
    """A fact nobody said, that another one implies, with the passage that says so."""

    fact: str
    value: bool
    because: str  # the fact it follows from
    passage: Passage


@dataclass(frozen=True)
class Situation:
    """What is known of a commune and its project. What is absent, or None, is unknown: never « no »."""

    name: str = ""
    insee: str = ""
    population: int | None = None
    programmes: Mapping[str, bool] = field(default_factory=dict)  # PVD, ACV, VA
    conventions: Mapping[str, bool] = field(default_factory=dict)  # adhesion, cadre, ort, opah-ru
    zones: Mapping[str, bool] = field(default_factory=dict)  # rurale, montagne, outre-mer, frr…
    bearer: str | None = None  # commune, epci, petr, syndicat, association…
    answers: Mapping[str, bool] = field(default_factory=dict)  # key of a criterion in words → whether it is met
    deduced: Mapping[str, Deduction] = field(default_factory=dict)  # fact → what implies it; what is said comes first

    def fact(self, name: str) -> bool | None:
        """Whether a fact holds, said or deduced; None when unknown."""
        kind, _, value = name.partition("-")
        said = getattr(self, _NAMED[kind]).get(value) if kind in _NAMED else self.answers.get(name)
        if kind == POPULATION and self.population is not None:
            said = self.population < int(value)
        return said if said is not None or name not in self.deduced else self.deduced[name].value

    def with_fact(self, name: str, value: bool) -> Situation:
        """The situation once a fact is said."""
        kind, _, short = name.partition("-")
        if kind not in _NAMED:
            return replace(self, answers={**self.answers, name: value})
        said: dict[str, Any] = {_NAMED[kind]: {**getattr(self, _NAMED[kind]), short: value}}
        return replace(self, **said)

    @property
    def says(self) -> bool:
        """Whether anything is said of the commune itself."""
        return self.population is not None or any((self.programmes, self.conventions, self.zones, self.insee))


@dataclass(frozen=True)
class Unproved:
    """Figures of a fiche's header that the paragraph it names does not say: nothing is computed or affirmed from them."""

    document: str
    name: str  # of the aid or the criterion
    figures: tuple[str, ...]  # those missing, ascending, readable
    proof: str  # heading of the paragraph
    is_there: bool  # the paragraph is in the base


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
    proofs = _by_heading(passages)
    known = _deduced(situation, _carried(proofs))
    reviews = [_scheme(document, proofs, known) for document in documents]
    order = list(EligibilityOutcome)
    return sorted(
        (scheme for scheme in reviews if scheme.verdicts or scheme.aids),
        key=lambda scheme: (order.index(scheme.outcome), not scheme.verdicts, len(scheme.missing), fold(scheme.document.title)),
    )


def completed(situation: Situation, passages: Iterable[Passage]) -> Situation:
    """The situation with what it implies, as far as the passages that say so are there."""
    return _deduced(situation, _carried(_by_heading(passages)))


def contradictions(situation: Situation, passages: Iterable[Passage]) -> list[tuple[str, str]]:
    """Pairs of facts said that the base says cannot go together."""
    rules = _carried(_by_heading(passages))
    known = _deduced(situation, rules)
    return [(r.fact, r.other) for r, _ in rules if known.fact(r.fact) and known.fact(r.other) is (not r.holds)]


def questions(reviews: Sequence[SchemeReview], passages: Iterable[Passage], situation: Situation) -> list[Question]:
    """The facts left, those that settle most schemes first, then those of the nearest scheme."""
    rules = _carried(_by_heading(passages))
    waiting = [scheme for scheme in reviews if scheme.outcome is EligibilityOutcome.CONFIRM and scheme.verdicts]
    words = {
        name: v.criterion for scheme in reversed(waiting) for v in reversed(scheme.missing) for name in facts_to_ask(v, situation)
    }
    nearest = {name: rank for rank, name in reversed(list(enumerate(words)))}
    unsettled = []
    for name, criterion in words.items():
        tried = [_deduced(each, rules) for each in _answered(name, waiting, situation)]
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
    if criterion.kind in _NAMED:
        names = (f"{criterion.kind}-{value}" for value in criterion.values)
        return tuple(name for name in names if situation.fact(name) is None)
    if criterion.kind == "porteur":
        return (BEARER,) if criterion.values else ()
    return () if criterion.low is criterion.high is None else (POPULATION,)


def _lenient(criterion: Criterion, why: VerdictBasis) -> bool:
    """True when the fiche leaves another way whatever is answered."""
    return why is VerdictBasis.PARTIAL and bool(_PARTIAL.search(fold(criterion.text)))


def _answered(name: str, waiting: Sequence[SchemeReview], situation: Situation) -> list[Situation]:
    """The situations that the answers to a question lead to."""
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


def _carried(proofs: Mapping[tuple[str, str], Passage]) -> list[tuple[Implication, Passage]]:
    """The implications whose heading is in the base."""
    known = {(PurePosixPath(path).stem, heading): passage for (path, heading), passage in proofs.items()}
    return [(rule, known[rule.fiche, rule.heading]) for rule in IMPLICATIONS if (rule.fiche, rule.heading) in known]


def _deduced(situation: Situation, carried: Sequence[tuple[Implication, Passage]]) -> Situation:
    """What is said first, then all that follows from it, each with its passage."""
    known = replace(situation, deduced={})
    rules = [(way, passage) for rule, passage in carried for way in rule.ways]
    for _ in IMPLICATIONS:  # one implication may open the next
        for (name, value, other, follows), passage in rules:
            if known.fact(name) is value and known.fact(other) is None:
                known = replace(known, deduced={**known.deduced, other: Deduction(other, follows, name, passage)})
    return known


def verdict(criterion: Criterion, situation: Situation, passage: Passage | None) -> CriterionVerdict:
    """One criterion; without a passage that carries it, figures included, nothing is affirmed."""
    return _verdict(criterion, situation, passage if _carries(passage, criterion) else None)


def _verdict(criterion: Criterion, situation: Situation, passage: Passage | None) -> CriterionVerdict:
    """A criterion, with the passage already known to carry it."""
    outcome, why = _judged(criterion, situation)
    if passage is None and outcome is not EligibilityOutcome.CONFIRM:
        outcome, why = EligibilityOutcome.CONFIRM, VerdictBasis.UNPROVED
    return CriterionVerdict(criterion, outcome, why, passage)


def unproved(documents: Iterable[Document], passages: Iterable[Passage]) -> list[Unproved]:
    """What headers give and their paragraphs do not."""
    proofs = _by_heading(passages)
    found = []
    for document in documents:
        rows: list[Grant | Criterion] = [*grants(document), *lumps(document), *document.header.criteria]
        for row in rows:
            passage = proofs.get((document.path, row.proof))
            missing = row.figures - (values(passage.text) if passage else set())
            if missing or passage is None:
                name = row.name if isinstance(row, Grant) else row.text
                figures = tuple(map(readable, sorted(missing)))
                found.append(Unproved(document.path, name, figures, row.proof, passage is not None))
    return found


def _carries(passage: Passage | None, row: Grant | Criterion) -> bool:
    """Whether a paragraph is there and says every figure that a header refers it for."""
    return passage is not None and row.figures <= values(passage.text)


def _by_heading(passages: Iterable[Passage]) -> dict[tuple[str, str], Passage]:
    return {(passage.document, passage.headings[-1]): passage for passage in passages if passage.headings}


def overall(verdicts: Sequence[CriterionVerdict]) -> EligibilityOutcome:
    """Cumulative: one « non » is enough, « oui » takes them all, and none at all says nothing."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if EligibilityOutcome.NO in outcomes:
        return EligibilityOutcome.NO
    return EligibilityOutcome.YES if outcomes == {EligibilityOutcome.YES} else EligibilityOutcome.CONFIRM


def _scheme(document: Document, proofs: Mapping[tuple[str, str], Passage], situation: Situation) -> SchemeReview:
    verdicts = tuple(verdict(c, situation, proofs.get((document.path, c.proof))) for c in document.header.criteria)
    computed = tuple(grant for grant in calculable(document) if _carries(proofs.get((document.path, grant.proof)), grant))
    return SchemeReview(document, overall(verdicts), verdicts, _aids(document, proofs), computed)


def _judged(criterion: Criterion, situation: Situation) -> tuple[EligibilityOutcome, VerdictBasis]:
    """By the facts; where they leave a doubt, by the answer to the criterion's own words."""
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


def _aids(document: Document, proofs: Mapping[tuple[str, str], Passage]) -> tuple[Aid, ...]:
    found = ((grant, proofs.get((document.path, grant.proof))) for grant in document.header.grants)
    return tuple(Aid(grant.name, grant.condition, _carrying(grant, passage.text), passage) for grant, passage in found if passage)


def _carrying(grant: Grant, text: str) -> tuple[str, ...]:
    """The sentences that hold the amounts of an aid; the first one when it has none (« gratuit »)."""
    spans = [text[start:end] for start, end in sentences(text)]
    return tuple(span for span in spans if grant.amounts & values(span)) or tuple(spans[:1])
