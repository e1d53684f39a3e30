"""Criteria, rates and ceilings of the fiches → verdicts and sums. Pure arithmetic on front matter.

A sum is `min(rate × expense, ceiling)`, shown step by step; every rate and ceiling comes from a
fiche, every expense from the asker. Knows nothing of search or screens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from index.document import Document, Passage
from index.figures import euros
from index.french import analyse, fold


_PRIVATE = re.compile(r"\b(?:investisseurs?|particuliers?|contribuables?|menages?|proprietaires? bailleurs?)\b")
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
    return [_grant(row) for row in rows if isinstance(row, Mapping) and row.get("taux") is not None]


def applicable(rows: Sequence[Grant], question: str) -> list[Grant]:
    """The grants whose expense the question speaks of; « avec » or « sans » a partner chooses between variants."""
    asked = set(analyse(question))
    meant = [grant for grant in rows if grant.expense and set(analyse(grant.expense)) & asked]
    plain = fold(question)
    for word, partner in _WITH.findall(plain):
        chosen = [g for g in meant if fold(g.name).startswith(word) and partner in fold(g.name)]
        meant = chosen or meant
    return meant


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
    """The passage that carries a grant's figures."""
    return next((p for p in passages if p.document == document and p.headings and p.headings[-1] == grant.proof), None)


def _line(grant: Grant, counted: Decimal, raw: Decimal, aid: Decimal, rest: Decimal) -> str:
    name = grant.name[:1].upper() + grant.name[1:]
    steps = f"{name} : {_percent(grant.rate)} de {euros(counted)} = {euros(raw)}"
    if grant.ceiling:
        reached = "plafond atteint : " if raw > grant.ceiling else ""
        steps += f", {reached}plafond {euros(grant.ceiling)}" if not reached else f", {reached}{euros(grant.ceiling)}"
    per = f" par {grant.period}" if grant.period in ("an", "mois") else ""
    condition = f" (condition : {grant.condition})" if grant.condition else ""
    return f"{steps} ; aide {euros(aid)}{per}, reste à charge {euros(rest)}{condition}."


def _percent(rate: Decimal | None) -> str:
    return f"{rate.normalize():f}".replace(".", ",") + " %" if rate is not None else ""


def _grant(row: Mapping[str, Any]) -> Grant:
    def number(key: str) -> Decimal | None:
        return Decimal(str(row[key])) if row.get(key) is not None else None

    return Grant(
        name=str(row.get("nom", "")), expense=str(row.get("depense", "")), rate=number("taux"), ceiling=number("plafond"),
        expense_ceiling=number("plafond_depense"), period=str(row.get("periode", "")), condition=str(row.get("condition", "")),
        proof=str(row.get("preuve", "")),
    )


def same_name(one: str, other: str) -> bool:
    """Names of communes or dispositifs compared as people type them."""
    return fold(one).replace("-", " ").strip() == fold(other).replace("-", " ").strip()
