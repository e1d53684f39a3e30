"""The header of a fiche: each key of its front matter read once, by its type.

A header is made of whatever is written: a value that is not what its key wants is left out, and a Fault says in French
which one and what to write. Any document has a header, mostly an empty one; only of a fiche are the faults told. Knows
nothing of files, lines or passages, nor of what criteria and aids are computed into.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from hashlib import sha256
from typing import Any

from index.figures import figures, values
from index.french import fold

CRITERIA = ("population", "programme", "convention", "zone", "porteur", "tous", "autre")
_SAME_KEY = 0.84  # likeness from which an unknown key is a known one misspelt: « aides » is .89 of aide, « publie » .83 of public
_SHOWN = 40  # characters of a value that a fault repeats
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_FRENCH_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")

KeyPath = tuple[str | int, ...]  # the keys, and the numbers of the items, that lead to a value


@dataclass(frozen=True)
class Fault:
    """What of a header could not be read as it is meant, and what to write, in French."""

    place: KeyPath
    text: str


class GrantNature(StrEnum):
    """What the rate of a grant gives; the values are those of the key `nature`."""

    SUBSIDY = "subvention"
    TAX_CUT = "réduction d'impôt"  # of a private person: nothing is paid out, and no share is left to pay
    LIMIT = "limite"  # the most that all public aids together may reach: no aid by itself
    RANGE = "fourchette"  # one end of a range: what is paid is not known


@dataclass(frozen=True)
class Grant:
    """An aid. Amounts in euros, rate in percent."""

    name: str
    expense: str  # what the rate applies to
    rate: Decimal | None
    ceiling: Decimal | None
    expense_ceiling: Decimal | None
    period: str
    condition: str
    proof: str  # heading whose paragraph carries the figures
    lump: Decimal | None = None  # a fixed amount, whatever is spent
    most_years: Decimal | None = None  # how many years it is paid, at most
    nature: GrantNature = GrantNature.SUBSIDY
    payer: str = ""  # who pays this share of an aid that several pay together

    @property
    def amounts(self) -> frozenset[Decimal]:
        """The rate, the ceilings and the fixed amount."""
        given = (self.rate, self.ceiling, self.expense_ceiling, self.lump)
        return frozenset(value.normalize() for value in given if value is not None)

    @property
    def figures(self) -> frozenset[Decimal]:
        """What the paragraph must say for the aid to be computed."""
        return self.amounts | ({self.most_years.normalize()} if self.most_years is not None else set())


@dataclass(frozen=True)
class Criterion:
    """A condition."""

    kind: str  # of CRITERIA; « autre », as anything else, is judged by people
    text: str
    values: tuple[str, ...] = ()
    low: int | None = None  # inhabitants, included
    high: int | None = None  # inhabitants, included unless strict
    strict: bool = False
    excluded: bool = False
    proof: str = ""
    document: str = ""  # path of its fiche: the same words elsewhere may speak of something else

    @property
    def key(self) -> str:
        """What tells it from the others: the fact in words that several fiches may name, else its own words in its fiche."""
        if self.kind == "autre" and self.values:
            return f"fait-{self.values[0]}"
        return "mot-" + sha256(f"{self.document}\n{fold(self.text)}".encode()).hexdigest()[:12]

    @property
    def figures(self) -> frozenset[Decimal]:
        """What the paragraph must say for the criterion to be affirmed: the bounds, and the figures of its text."""
        bounds = (Decimal(value) for value in (self.low, self.high) if value is not None)
        return frozenset(value.normalize() for value in (*bounds, *values(self.text)))


@dataclass(frozen=True)
class FicheHeader:
    """What a fiche says of itself. A text that it does not give is empty."""

    title: str = ""
    theme: str = ""
    scheme: str = ""  # the name of the aid
    other_names: tuple[str, ...] = ()
    organisation: str = ""
    public: str = ""
    contact: str = ""
    updated: date | None = None
    review_by: date | None = None  # after that day, what it says is to be confirmed
    criteria: tuple[Criterion, ...] = ()
    grants: tuple[Grant, ...] = ()


def is_fiche(metadata: Mapping[str, Any]) -> bool:
    """Whether a front matter says that its document was written for the base."""
    return bool(metadata.get("mis_a_jour") or metadata.get("dispositif"))


def header(metadata: Mapping[str, Any], document: str) -> FicheHeader:
    """The header that a front matter gives to a document."""
    return _header(_Keys(metadata, (), []), document)


def faults(metadata: Mapping[str, Any]) -> list[Fault]:
    """What is wrong in the front matter of a fiche; of any other document nothing is expected."""
    found: list[Fault] = []
    if is_fiche(metadata):
        _header(_Keys(metadata, (), found), "")
    return found


def _header(keys: _Keys, document: str) -> FicheHeader:
    found = FicheHeader(
        title=keys.text("titre"),
        theme=keys.text("theme"),
        scheme=keys.text("dispositif"),
        other_names=keys.texts("aussi_appele", listed=True),
        organisation=keys.text("organisme"),
        public=keys.text("public"),
        contact=keys.text("contact"),
        updated=keys.day("mis_a_jour"),
        review_by=keys.day("a_revoir_le"),
        criteria=tuple(_criterion(row, document) for row in keys.rows("eligibilite", "critere")),
        grants=tuple(_grant(row) for row in keys.rows("aide", "nom")),
    )
    keys.name_misspelt()
    return found


def _criterion(keys: _Keys, document: str) -> Criterion:
    found = Criterion(
        kind=keys.text("critere"),
        text=keys.text("texte"),
        values=keys.texts("valeur"),
        low=keys.whole("min"),
        high=keys.whole("max"),
        strict=keys.truth("strict"),
        excluded=keys.truth("exclu"),
        proof=keys.text("preuve"),
        document=document,
    )
    if found.kind and found.kind not in CRITERIA:
        keys.fault("critere", f"n'est pas un critère connu ; écrivez {', '.join(CRITERIA[:-1])} ou {CRITERIA[-1]}")
    keys.name_misspelt()
    return found


def _grant(keys: _Keys) -> Grant:
    nature = keys.text("nature") or GrantNature.SUBSIDY
    if nature not in tuple(GrantNature):
        keys.fault("nature", f"n'est pas une nature connue ; écrivez {', '.join(GrantNature)}")
        nature = GrantNature.RANGE  # what is not understood is never computed
    found = Grant(
        name=keys.text("nom"),
        expense=keys.text("depense"),
        rate=keys.number("taux", most=100),
        ceiling=keys.number("plafond"),
        expense_ceiling=keys.number("plafond_depense"),
        period=keys.text("periode"),
        condition=keys.text("condition"),
        proof=keys.text("preuve"),
        lump=keys.number("forfait"),
        most_years=keys.number("annees"),
        nature=GrantNature(nature),
        payer=keys.text("payeur"),
    )
    keys.name_misspelt()
    return found


class _Keys:
    """The keys of a front matter, or of one of its rows, as they are asked for; what is wrong goes to `faults`."""

    def __init__(self, given: Mapping[str, Any], place: KeyPath, faults: list[Fault]) -> None:
        self._given = given
        self._place = place
        self._faults = faults
        self._known: list[str] = []  # the keys asked for

    def text(self, key: str) -> str:
        value = self._value(key)
        if value is None or _is_text(value):
            return "" if value is None else str(value)
        self.fault(key, "n'est pas un texte ; écrivez-le sur une ligne, entre guillemets")
        return ""

    def texts(self, key: str, listed: bool = False) -> tuple[str, ...]:
        """One text or several; `listed` wants a list even of one."""
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            if listed:
                self.fault(key, f"n'est pas une liste ; écrivez « {key}: [{_shown(value)}] »")
            value = [value]
        kept = [one for one in value if one is not None]
        if not all(map(_is_text, kept)):
            self.fault(key, f"n'est pas une liste de textes ; écrivez « {key}: [un texte, un autre] »")
        return tuple(str(one) for one in kept if _is_text(one) and one != "")

    def day(self, key: str) -> date | None:
        value = self._value(key)
        if value is None or value == "":
            return None
        if (iso := _ISO.fullmatch(str(value))) and (day := _day(iso[1])):
            return day
        french = _FRENCH_DATE.fullmatch(str(value).strip())
        meant = french and _day(f"{french[3]}-{int(french[2]):02d}-{int(french[1]):02d}")
        self.fault(key, f"n'est pas une date ; écrivez « {key}: {meant or 'AAAA-MM-JJ'} »")
        return None

    def number(self, key: str, most: int | None = None) -> Decimal | None:
        value = self._value(key)
        if value is None or value == "":
            return None
        if _is_number(value) and 0 <= value <= (math.inf if most is None else most):
            return Decimal(str(value))
        within = f"un nombre de 0 à {most}" if most is not None else "un nombre positif"
        self.fault(key, f"n'est pas {within} ; écrivez {_in_digits(key, value)}")
        return None

    def whole(self, key: str) -> int | None:
        value = self._value(key)
        if value is None or value == "":
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.fault(key, f"n'est pas un nombre entier ; écrivez {_in_digits(key, value)}")
        return None

    def truth(self, key: str) -> bool:
        value = self._value(key)
        if value is not None and not isinstance(value, bool):
            self.fault(key, f"ne dit ni vrai ni faux ; écrivez « {key}: true » ou « {key}: false »")
        return value is True

    def rows(self, key: str, first: str) -> Iterator[_Keys]:
        """The items of a list, each with keys of its own; `first` is the one that they begin with."""
        value = self._value(key)
        if value is None or value == "":
            return
        how = f"écrivez « {key}: [] », ou en dessous un tiret par élément : « - {first}: … »"
        listed = isinstance(value, list | tuple)
        if not listed:
            self.fault(key, f"n'est pas une liste ; {how}")
        for number, row in enumerate(value if listed else [value]):
            if isinstance(row, Mapping):
                yield _Keys(row, (*self._place, key, *([number] if listed else [])), self._faults)
            elif listed:
                place = (*self._place, key, number)
                self._faults.append(Fault(place, f"« {key} », élément {number + 1} : il n'a pas de clés ; {how}."))

    def name_misspelt(self) -> None:
        """Report the keys nobody asked for that look like one that is wanted and not given."""
        absent = [key for key in self._known if key not in self._given]
        for key in self._given:
            if key in self._known:
                continue
            plain = re.sub(r"[\s-]+", "_", fold(str(key)).strip())
            if close := get_close_matches(plain, absent, 1, _SAME_KEY):
                self._faults.append(
                    Fault((*self._place, key), f"« {_shown(key)} » n'est pas une clé connue ; écrivez « {close[0]} ».")
                )

    def fault(self, key: str, what: str) -> None:
        """Report the value of a key."""
        value = self._given.get(key)
        shown = f"{key}: {_shown(value)}" if isinstance(value, str | int | float) else key
        self._faults.append(Fault((*self._place, key), f"« {shown} » {what}."))

    def _value(self, key: str) -> Any:
        self._known.append(key)
        return self._given.get(key)


def _is_text(value: object) -> bool:
    """Whether a value is a text, or a number or a date that stands for one; « no » alone is neither."""
    return not isinstance(value, bool | Mapping | list | tuple)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _in_digits(key: str, value: object) -> str:
    """What to write for a number: the one that the words hold, when they hold one."""
    found = figures(str(value)) if isinstance(value, str) else []
    return f"« {key}: {found[0].value:f} »" if len(found) == 1 else f"« {key}: » puis le nombre en chiffres, sans unité"


def _day(iso: str) -> date | None:
    try:
        return date.fromisoformat(iso)
    except ValueError:
        return None


def _shown(value: object) -> str:
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else " ".join(str(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
