"""What an aid comes to: the rates, ceilings and amounts of a fiche's header, applied to an expense or a number of posts.

An aid with a rate is `min(rate × expense, ceiling)`; a fixed amount is multiplied. Each comes with the line that shows how.
Every rate and ceiling comes from a fiche, every expense from the asker. Pure; knows nothing of questions, passages or screens.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from assistant.answering.bounds import BOUNDS, Bounds
from index.document import Document
from index.fiche import Grant, GrantNature
from index.figures import euros, percentage


@dataclass(frozen=True)
class ComputedAid:
    """A computed aid, with the line that shows how."""

    grant: Grant
    aid: Decimal  # of one year
    rest: Decimal  # of the expense, to pay in that year; 0 when no expense is told
    text: str
    numbers: frozenset[Decimal]  # every number the line shows that its source need not hold


def rates(document: Document, *natures: GrantNature) -> list[Grant]:
    """The grants of a fiche that carry a rate, in % of an expense, of some natures; of any when none is named."""
    return [grant for grant in document.header.grants if grant.rate is not None and grant.nature in (natures or GrantNature)]


def lumps(document: Document) -> list[Grant]:
    """The aids of a fiche that are a fixed amount in euros: by post, by project, by year (« 15 000 € par VTA »)."""
    return [grant for grant in document.header.grants if grant.lump is not None and grant.rate is None]


def calculable(document: Document) -> list[Grant]:
    """The rates at which a town or a project is paid, by all who pay together."""
    return [grant for grant in rates(document, GrantNature.SUBSIDY) if not grant.payer]


def plausible(grant: Grant, expense: Decimal, bounds: Bounds = BOUNDS) -> bool:
    """Whether one commune may spend so much, in euros.

    « 250 millions » under an aid of 55 000 € at most is the budget of a programme, not the expense of a commune.
    """
    return grant.ceiling is None or expense <= bounds.envelope * grant.ceiling


def compute(grant: Grant, expense: Decimal, years: int = 1) -> ComputedAid:
    """The aid `min(rate × expense, ceiling)`, rounded to the cent, and what is left to pay.

    Args:
        expense: in euros, of one year; beyond the ceiling on expenses of the fiche, it does not count.
        years: for how many years the same expense is paid.
    """
    rate = grant.rate or Decimal(0)
    counted = min(expense, grant.expense_ceiling) if grant.expense_ceiling else expense
    raw = (rate / 100 * counted).quantize(Decimal("0.01"), ROUND_HALF_UP)
    aid = min(raw, grant.ceiling) if grant.ceiling else raw
    over = [value * years for value in (aid, expense - aid)]
    numbers = _numbers(expense, aid, expense - aid, raw, *over, Decimal(years))
    return ComputedAid(grant, aid, expense - aid, _line(grant, counted, raw, aid, expense - aid, years), numbers)


def multiply(grant: Grant, count: int, years: int, expense: Decimal | None = None) -> ComputedAid:
    """A fixed amount, times a number of posts or projects, times the years it is paid for.

    Args:
        count: of posts or projects.
        years: asked about; an aid paid once counts once, one paid for two years at most twice.
        expense: what is spent in all, in euros, when what the aid leaves of it is asked.
    """
    lump = grant.lump or Decimal(0)
    paid = 1 if grant.period != "an" else int(min(Decimal(years), grant.most_years or Decimal(years)))
    total = lump * count * paid
    factors = [euros(lump) + (" par an" if grant.period == "an" else "")]
    factors += [f"{count}"] * (count > 1) + [f"{paid} ans"] * (paid > 1)
    line = f"{_named(grant)} : {euros(total)}" + (f" ({' × '.join(factors)})" if len(factors) > 1 else "")
    rest = max(Decimal(0), expense - total) if expense is not None else Decimal(0)
    line += f", reste à charge {euros(rest)} sur {euros(expense)}" if expense is not None else ""
    numbers = _numbers(total, lump * count, Decimal(count), Decimal(paid), rest, expense or Decimal(0))
    return ComputedAid(grant, total, rest, _on_condition(line, grant), numbers)


def _numbers(*shown: Decimal) -> frozenset[Decimal]:
    return frozenset(value.normalize() for value in shown)


def _line(grant: Grant, counted: Decimal, raw: Decimal, aid: Decimal, rest: Decimal, years: int) -> str:
    """The sentence that is shown: what is paid and what is left, then how it was computed, then on what condition.

    « Poste : aide de 45 000 € par an, reste à charge 15 000 € (75 % de 60 000 € = 45 000 €, plafond 55 000 €). »
    """
    per = f" par {grant.period}" if grant.period in ("an", "mois") else ""
    ceiling = f", plafond {euros(grant.ceiling)}" if grant.ceiling else ""
    if grant.ceiling and raw > grant.ceiling:
        ceiling = f", plafond atteint : {euros(grant.ceiling)}"
    how = f"{percentage(grant.rate or Decimal(0))} de {euros(counted)} = {euros(raw)}{ceiling}"
    if grant.nature is GrantNature.LIMIT:
        return _on_condition(f"{_named(grant)} : au plus {euros(aid)}, reste à charge au moins {euros(rest)} ({how})", grant)
    if grant.nature is GrantNature.TAX_CUT:
        return _on_condition(f"{_named(grant)} : réduction d'impôt de {euros(aid)} en tout ({how})", grant)
    if grant.payer:  # others pay too: what one leaves is not what the commune pays
        total = f" ; sur {years} ans, {euros(aid * years)}" if years > 1 else ""
        return _on_condition(f"{_named(grant)} : {euros(aid)}{per} ({how}){total}", grant)
    line = f"{_named(grant)} : aide de {euros(aid)}{per}, reste à charge {euros(rest)} ({how})"
    if years > 1:
        line += f" ; sur {years} ans, aide {euros(aid * years)}, reste {euros(rest * years)}"
    return _on_condition(line, grant)


def _named(grant: Grant) -> str:
    return grant.name[:1].upper() + grant.name[1:]


def _on_condition(line: str, grant: Grant) -> str:
    return f"{line} ; condition : {grant.condition}." if grant.condition else f"{line}."
