"""Criteria, rates and ceilings of the fiches → verdicts and sums. Pure logic on front matter.

A sum is `min(rate × expense, ceiling)`, shown step by step; every rate and ceiling comes from a
fiche, every expense from the asker. A verdict says « non » only when a criterion that stands by itself
is false, « oui » only when all are true. Knows nothing of search, files or screens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from index.document import Document, Passage
from index.figures import euros, readable, values
from index.french import analyse, fold, sentences

_PRIVATE = re.compile(r"\b(?:investisseurs?|particuliers?|contribuables?|menages?|proprietaires? bailleurs?)\b")
_TAX_CUT = re.compile(r"\b(?:denormandie|reductions? d'impots?|deductions? fiscales?)\b")
_NO_RATE = re.compile(r"\b(?:plafond de cumul|taux variable)\b")  # a limit on the sum of aids is no aid
_ENVELOPE = 100
_WITH = re.compile(r"\b(avec|sans)\b (?:la |le |l')?(?:participation de |aide de |financement de )?(?:la |le |l')?(\w+)")


@dataclass(frozen=True)
class Grant:
    """An aid as the front matter of a fiche gives it. Amounts in euros, rate in percent."""

    name: str
    expense: str  # what the rate applies to
    rate: Decimal | None
    ceiling: Decimal | None
    expense_ceiling: Decimal | None
    period: str
    condition: str
    proof: str  # heading whose paragraph carries the figures

    @property
    def figures(self) -> frozenset[Decimal]:
        """What the paragraph must say for the aid to be computed."""
        given = (self.rate, self.ceiling, self.expense_ceiling)
        return frozenset(value.normalize() for value in given if value is not None)


@dataclass(frozen=True)
class Sum:
    """A computed aid, with the line that shows how."""

    grant: Grant
    expense: Decimal
    aid: Decimal
    rest: Decimal
    text: str

    @property
    def numbers(self) -> frozenset[Decimal]:
        """Every number the line shows that its source need not hold."""
        raw = self.grant.rate / 100 * self.expense if self.grant.rate else Decimal(0)
        return frozenset(value.normalize() for value in (self.expense, self.aid, self.rest, raw))


def grants(document: Document) -> list[Grant]:
    """The aids of a fiche that carry a rate."""
    if _PRIVATE.search(fold(str(document.metadata.get("public", "")))):
        return []  # a tax cut depends on a household we know nothing of
    rows = document.metadata.get("aide") or []
    rows = rows if isinstance(rows, list) else [rows]
    return [_grant(row) for row in rows if isinstance(row, Mapping) and _number(row, "taux") is not None and not _is_tax_cut(row)]


def calculable(document: Document) -> list[Grant]:
    """The grants whose rate is what is paid, not a limit on all aids together nor one end of a range."""
    return [grant for grant in grants(document) if not _NO_RATE.search(fold(grant.condition))]


def applicable(rows: Sequence[Grant], question: str) -> list[Grant]:
    """The grants whose expense the question speaks of; « avec » or « sans » a partner chooses between variants."""
    asked = set(analyse(question))
    meant = [grant for grant in rows if grant.expense and set(analyse(grant.expense)) & asked]
    plain = fold(question)
    for word, partner in _WITH.findall(plain):
        chosen = [g for g in meant if fold(g.name).startswith(word) and partner in fold(g.name)]
        meant = chosen or meant
    return meant


def plausible(grant: Grant, expense: Decimal) -> bool:
    """False for an expense a hundred times the ceiling: « 250 millions » is an envelope, not what a commune pays."""
    return grant.ceiling is None or expense <= _ENVELOPE * grant.ceiling


def shared_words(rows: Sequence[Grant], question: str) -> int:
    """How many words of the expenses the question uses: tells « coût chargé du poste » from « poste »."""
    asked = set(analyse(question))
    return max((len(set(analyse(grant.expense)) & asked) for grant in rows), default=0)


def compute(grant: Grant, expense: Decimal) -> Sum:
    """`min(rate × expense, ceiling)`, rounded to the cent, and what is left to pay."""
    rate = grant.rate or Decimal(0)
    counted = min(expense, grant.expense_ceiling) if grant.expense_ceiling else expense
    raw = (rate / 100 * counted).quantize(Decimal("0.01"), ROUND_HALF_UP)
    aid = min(raw, grant.ceiling) if grant.ceiling else raw
    return Sum(grant, expense, aid, expense - aid, _line(grant, counted, raw, aid, expense - aid))


def passage_of(grant: Grant, document: str, passages: Sequence[Passage]) -> Passage | None:
    """The passage that carries a grant's figures; None when the paragraph it names says others, or is gone."""
    named = (p for p in passages if p.document == document and p.headings and p.headings[-1] == grant.proof)
    return next((p for p in named if _carries(p, grant)), None)


def _line(grant: Grant, counted: Decimal, raw: Decimal, aid: Decimal, rest: Decimal) -> str:
    name = grant.name[:1].upper() + grant.name[1:]
    steps = f"{name} : {_percent(grant.rate)} de {euros(counted)} = {euros(raw)}"
    if grant.ceiling:
        reached = "plafond atteint : " if raw > grant.ceiling else ""
        steps += f", {reached}plafond {euros(grant.ceiling)}" if not reached else f", {reached}{euros(grant.ceiling)}"
    per = f" par {grant.period}" if grant.period in ("an", "mois") else ""
    condition = f" (condition : {grant.condition})" if grant.condition else ""
    return f"{steps} ; aide {euros(aid)}{per}, reste à charge {euros(rest)}{condition}."


def _is_tax_cut(row: Mapping[str, Any]) -> bool:
    """True for a tax cut of private persons told in a fiche for communes (Denormandie outre-mer)."""
    return bool(_TAX_CUT.search(fold(" ".join(str(row.get(key, "")) for key in ("nom", "depense", "preuve")))))


def _percent(rate: Decimal | None) -> str:
    return f"{rate.normalize():f}".replace(".", ",") + " %" if rate is not None else ""


def _grant(row: Mapping[str, Any]) -> Grant:
    return Grant(
        name=str(row.get("nom", "")), expense=str(row.get("depense", "")), rate=_number(row, "taux"),
        ceiling=_number(row, "plafond"), expense_ceiling=_number(row, "plafond_depense"),
        period=str(row.get("periode", "")), condition=str(row.get("condition", "")), proof=str(row.get("preuve", "")),
    )


def _number(row: Mapping[str, Any], key: str) -> Decimal | None:
    """A number of the front matter; what people wrote in words is none."""
    value = row.get(key)
    return Decimal(str(value)) if isinstance(value, int | float) else None


# -- verdicts ------------------------------------------------------------------------------------

# A criterion that says so holds for a part of the scheme, or has another way in: false, it excludes nobody.
_PARTIAL = re.compile(r"\b(?:sous conditions?|prioritaires?|a verifier|sauf|au minimum|axe|label)\b")
_OTHERWISE = re.compile(r"\bou\b")  # « une ORT ou l'arrêté » ; the list of possible bearers says its own « ou »
_JOINT = re.compile(r"\b(?:ensemble|binome|avec)\b")  # the bearer does not act alone
_BUILDING = re.compile(r"l'(?:immeuble|operation)|le (?:logement|bien|local|quartier)\b")  # the subject is not the commune


class Outcome(StrEnum):
    """What can be said of a criterion or of a scheme."""

    YES = "oui"
    CONFIRM = "à confirmer"
    NO = "non"


class Why(StrEnum):
    """What a verdict rests on."""

    KNOWN = "known"  # the situation decides
    UNKNOWN = "unknown"  # the situation does not say
    UNCHECKED = "unchecked"  # a condition in words only people can judge
    PARTIAL = "partial"  # false, but the fiche leaves another way
    JOINT = "joint"  # the bearer needs a partner
    PLACE = "place"  # true of the commune, to be seen for the building or the operation
    UNPROVED = "unproved"  # no passage carries the criterion


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


@dataclass(frozen=True)
class Criterion:
    """A condition as the front matter of a fiche gives it."""

    kind: str  # population, programme, convention, zone, porteur; anything else is judged by people
    text: str
    values: tuple[str, ...] = ()
    low: int | None = None  # inhabitants, included
    high: int | None = None  # inhabitants, included unless strict
    strict: bool = False
    excluded: bool = False
    proof: str = ""

    @property
    def figures(self) -> frozenset[Decimal]:
        """What the paragraph must say for the criterion to be affirmed: the bounds, and the figures of its text."""
        bounds = (Decimal(value) for value in (self.low, self.high) if value is not None)
        return frozenset(value.normalize() for value in (*bounds, *values(self.text)))


@dataclass(frozen=True)
class Unproved:
    """Figures of a fiche's header that the paragraph it names does not say: nothing is computed or affirmed from them."""

    document: str
    name: str  # of the aid or the criterion
    figures: tuple[str, ...]  # those missing, ascending, readable
    proof: str  # heading of the paragraph
    is_there: bool  # the paragraph is in the base


@dataclass(frozen=True)
class Verdict:
    """One criterion against one situation, with the passage that carries the criterion."""

    criterion: Criterion
    outcome: Outcome
    why: Why
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
    outcome: Outcome
    verdicts: tuple[Verdict, ...]
    aids: tuple[Aid, ...]
    grants: tuple[Grant, ...]  # those a sum can be computed for

    @property
    def review_date(self) -> str:
        """The ISO date after which the fiche should be read again; empty when it gives none."""
        return str(self.document.metadata.get("a_revoir_le") or "")

    @property
    def missing(self) -> tuple[Verdict, ...]:
        """What remains to be confirmed before a « oui »."""
        return tuple(verdict for verdict in self.verdicts if verdict.outcome is Outcome.CONFIRM)

    @property
    def only_bearer(self) -> bool:
        """True when « non » is due to who would bear the project, and to nothing else."""
        against = [verdict.criterion.kind for verdict in self.verdicts if verdict.outcome is Outcome.NO]
        return bool(against) and set(against) == {"porteur"}


def review(documents: Iterable[Document], passages: Iterable[Passage], situation: Situation) -> list[SchemeReview]:
    """Every scheme that has criteria or aids: oui, then à confirmer (nearest to a oui first), then non."""
    proofs = _by_heading(passages)
    reviews = [_scheme(document, proofs, situation) for document in documents]
    order = list(Outcome)
    return sorted(
        (found for found in reviews if found.verdicts or found.aids),
        key=lambda found: (order.index(found.outcome), not found.verdicts, len(found.missing), fold(found.document.title)),
    )


def criteria(document: Document) -> list[Criterion]:
    """The conditions of a fiche; a malformed one is kept as one that people must judge."""
    rows = document.metadata.get("eligibilite")
    return [_criterion(row) for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def verdict(criterion: Criterion, situation: Situation, passage: Passage | None) -> Verdict:
    """One criterion; without a passage that carries it, figures included, nothing is affirmed."""
    passage = passage if _carries(passage, criterion) else None
    outcome, why = _judged(criterion, _fact(criterion, situation))
    if passage is None and outcome is not Outcome.CONFIRM:
        outcome, why = Outcome.CONFIRM, Why.UNPROVED
    return Verdict(criterion, outcome, why, passage)


def unproved(documents: Iterable[Document], passages: Iterable[Passage]) -> list[Unproved]:
    """What headers give and their paragraphs do not."""
    proofs = _by_heading(passages)
    found = []
    for document in documents:
        rows: list[Grant | Criterion] = [*grants(document), *criteria(document)]
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


def overall(verdicts: Sequence[Verdict]) -> Outcome:
    """Cumulative: one « non » is enough, « oui » takes them all, and none at all says nothing."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if Outcome.NO in outcomes:
        return Outcome.NO
    return Outcome.YES if outcomes == {Outcome.YES} else Outcome.CONFIRM


def _scheme(document: Document, proofs: Mapping[tuple[str, str], Passage], situation: Situation) -> SchemeReview:
    verdicts = tuple(verdict(c, situation, proofs.get((document.path, c.proof))) for c in criteria(document))
    computed = tuple(grant for grant in calculable(document) if _carries(proofs.get((document.path, grant.proof)), grant))
    return SchemeReview(document, overall(verdicts), verdicts, _aids(document, proofs), computed)


def _judged(criterion: Criterion, fact: bool | None) -> tuple[Outcome, Why]:
    text, bearer = fold(criterion.text), criterion.kind == "porteur"
    if criterion.kind not in _FACTS:
        return Outcome.CONFIRM, Why.UNCHECKED
    if fact is None:
        return Outcome.CONFIRM, Why.UNKNOWN
    if fact and bearer and _JOINT.search(text):
        return Outcome.CONFIRM, Why.JOINT
    if fact:
        return (Outcome.CONFIRM, Why.PLACE) if _BUILDING.match(text) else (Outcome.YES, Why.KNOWN)
    if _PARTIAL.search(text) or (not bearer and _OTHERWISE.search(text)):
        return Outcome.CONFIRM, Why.PARTIAL
    return Outcome.NO, Why.KNOWN


def _fact(criterion: Criterion, situation: Situation) -> bool | None:
    """Whether the situation meets a criterion; None when it does not say."""
    found = _FACTS[criterion.kind](criterion, situation) if criterion.kind in _FACTS else None
    return not found if criterion.excluded and found is not None else found


def _population(criterion: Criterion, situation: Situation) -> bool | None:
    count = situation.population
    if count is None or (criterion.low is None and criterion.high is None):
        return None
    below = criterion.high is None or count < criterion.high or (count == criterion.high and not criterion.strict)
    return below and (criterion.low is None or count >= criterion.low)


def _bearer(criterion: Criterion, situation: Situation) -> bool | None:
    return situation.bearer in criterion.values if situation.bearer and criterion.values else None


def _any(criterion: Criterion, known: Mapping[str, bool]) -> bool | None:
    answers = [known.get(value) for value in criterion.values]
    return True if True in answers else None if None in answers or not answers else False


_FACTS = {
    "population": _population,
    "programme": lambda criterion, situation: _any(criterion, situation.programmes),
    "convention": lambda criterion, situation: _any(criterion, situation.conventions),
    "zone": lambda criterion, situation: _any(criterion, situation.zones),
    "porteur": _bearer,
}


def _criterion(row: Mapping[str, Any]) -> Criterion:
    given = row.get("valeur")
    named = tuple(str(value) for value in (given if isinstance(given, list) else [given]) if value is not None)
    low, high = (value if isinstance(value := row.get(key), int) else None for key in ("min", "max"))
    return Criterion(
        str(row.get("critere", "")), str(row.get("texte", "")), named, low, high, row.get("strict") is True,
        row.get("exclu") is True, str(row.get("preuve", "")),
    )


def _aids(document: Document, proofs: Mapping[tuple[str, str], Passage]) -> tuple[Aid, ...]:
    rows = document.metadata.get("aide")
    found = []
    for row in rows if isinstance(rows, list) else []:
        passage = proofs.get((document.path, str(row.get("preuve", "")))) if isinstance(row, Mapping) else None
        if passage:
            found.append(Aid(str(row.get("nom", "")), str(row.get("condition") or ""), _carrying(row, passage.text), passage))
    return tuple(found)


def _carrying(row: Mapping[str, Any], text: str) -> tuple[str, ...]:
    """The sentences that hold the figures of an aid; the first one when it has none (« gratuit »)."""
    given = (_number(row, key) for key in ("taux", "plafond", "plafond_depense", "forfait"))
    figures = {value.normalize() for value in given if value is not None}
    spans = [text[start:end] for start, end in sentences(text)]
    return tuple(span for span in spans if figures & values(span)) or tuple(spans[:1])
