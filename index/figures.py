"""Figures in French text: amounts, rates, numbers and years → canonical values.

« 45 000 € », « 45000 euros » and « 45 k€ » are one figure; « 3,7 Md€ » and « 3,7 milliards d'euros »
are another. Used to compare a sentence with its source, and to keep apart paragraphs that differ by
a figure only; numbers, amounts, rates and dates as people read them. Knows nothing of documents or answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from index.french import MONTHS, fold, join_thousands, stem

_SCALES = {"k": 3, "mille": 3, "m": 6, "million": 6, "millions": 6, "md": 9, "mds": 9, "milliard": 9, "milliards": 9}
_FIGURE = re.compile(
    r"(?:(?<![\w,.])|(?<=\bx))(\d+(?:[.,]\d+)?)\s?"  # « x3 » is a three
    r"(?:(k|m|mds?)(?=\s?(?:€|eur)|\b)|(mille|millions?|milliards?)\b)?"
    r"(?:\s?(?:d'|de )?(€|euros?\b|eur\b|%|pour ?cent\b|pct\b))?"
)
_NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split()
    )
} | {
    "vingt": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
    "cent": 100,
    "mille": 1000,
    "dix-huit": 18,
    "dix-sept": 17,
    "dix-neuf": 19,
    "vingt-quatre": 24,
    "trente-six": 36,
}


@dataclass(frozen=True)
class Figure:
    """A number of a text: its value, its unit (« € », « % » or «  ») and where it stands."""

    value: Decimal
    unit: str
    start: int = 0
    end: int = 0

    @property
    def is_year(self) -> bool:
        """Whether it is a number without unit from 1900 to 2100."""
        return not self.unit and self.value == int(self.value) and 1900 <= self.value <= 2100


def figures(text: str) -> list[Figure]:
    """Every number written in digits, scaled (« 3 Md€ » → 3000000000 €), in order."""
    plain = join_thousands(fold(text))
    found = []
    for match in _FIGURE.finditer(plain):
        try:
            value = Decimal(match[1].replace(",", "."))
        except InvalidOperation:  # pragma: no cover - the pattern admits only numbers
            continue
        scale = match[2] or match[3]
        # The short form of millions needs its currency: « 5 m » alone is metres or a letter.
        if scale and (len(scale) > 1 or match[4] in ("€", "euro", "euros", "eur") or scale == "k"):
            value = value.scaleb(_SCALES[scale])
        unit = {"€": "€", "eur": "€", "euro": "€", "euros": "€"}.get(match[4] or "", "%" if match[4] else "")
        found.append(Figure(value.normalize(), unit, match.start(1), match.end()))
    return found


def values(text: str) -> set[Decimal]:
    """The set of numbers of a text, whatever their unit, small number words included."""
    found = {figure.value for figure in figures(text)}
    plain = fold(text)
    for word, value in _NUMBER_WORDS.items():
        if value > 1 and re.search(rf"\b{word}\b", plain):
            found.add(Decimal(value).normalize())
    return found


def readable(value: float | Decimal, decimals: int | None = None) -> str:
    """A number as people read it in French, « 12 345,5 »; all its decimals, or as many as told."""
    form = f",.{decimals}f" if decimals is not None else ",f" if isinstance(value, Decimal) else ","  # no 1E+3
    return format(value, form).replace(",", "\u202f").replace(".", ",")


def euros(value: Decimal) -> str:
    """An amount as French people read it: « 45 000 € », cents only when there are some."""
    rounded = value.quantize(Decimal("0.01"))
    whole, cents = divmod(abs(rounded), 1)
    text = f"{int(whole):,}".replace(",", " ")
    return f"{'-' if rounded < 0 else ''}{text}{f',{int(cents * 100):02d}' if cents else ''} €"


def percentage(rate: Decimal) -> str:
    """A rate as French people read it: « 12,5 % »."""
    return f"{readable(rate.normalize())} %"


def long_date(iso: str) -> str:
    """« 1er octobre 2025 » from an ISO date or moment; anything else as it came."""
    try:
        day = datetime.fromisoformat(iso).date() if "T" in iso else date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


FOLDED_MONTHS = fold("|".join(MONTHS))
_DATE = re.compile(rf"\b(?:(?:\d{{1,2}}(?:er)? )?(?:{FOLDED_MONTHS})|(?:19|20)\d{{2}})\b")
_SPAN_OF_TIME = re.compile(
    r"\b(?:\d+|un|deux|trois|quatre|cinq|six|neuf|dix|douze|dix-huit|demi)\b[^.;]{0,14}\b(?:ans?|annees?|mois|jours?|semaines?|heures?)\b|\b(?:19|20)\d{2}\b"
)
_DAYS = re.compile(r"\bcombien de (jours|semaines|heures)\b")
_ASKS_MONEY = re.compile(
    r"\b(?:montant|somme|couts?|coute(?:nt|ra)?|coutait|prix|budget|enveloppe|prime|salaire|dotation|tarif|euros?|a coute|argent|milliards?|millions?)\b|\bcombien (?:d'argent|d'euros|l'etat|l'anah|la banque|ca coute|touche|recoit|verse|donne|paie|met)\b"
)
_ASKS_PERCENT = re.compile(r"\b(?:taux|pourcentage|quelle (?:part|proportion)|pour ?cent)\b")
_ASKS_TIME = re.compile(
    r"\b(?:combien de (?:temps|mois|jours|semaines|heures|ans|annees)|quelle? (?:est la )?(?:duree|delai)|duree|dure(?:nt)? combien|delais?)\b"
)
_ASKS_DATE = re.compile(r"\b(?:quand|quelle? (?:date|annee|jour)|depuis quand|jusqu'a quand|date (?:limite|exacte|de))\b")
_ASKS_NUMBER = re.compile(r"\bcombien(?! d)\b")
_ASKS_COUNT = re.compile(r"\b(?:combien d(?:e |'|es )|nombre d(?:e |'|es ))(?:l'|la |les )?([a-z]+)")


@dataclass(frozen=True)
class WantedFigure:
    """The kind of figure a question asks for; `noun` is the folded word counted, for « count »."""

    kind: str  # money, percent, duration, date, count; « number » when the question does not say of what
    noun: str = ""


def wanted(question: str) -> WantedFigure | None:
    """What kind of figure answers a question, or None when it asks for none."""
    plain = fold(question)
    if days := _DAYS.search(plain):
        return WantedFigure("count", days[1])
    for kind, pattern in (("duration", _ASKS_TIME), ("date", _ASKS_DATE), ("percent", _ASKS_PERCENT)):
        if pattern.search(plain):
            return WantedFigure(kind)
    if (count := _ASKS_COUNT.search(plain)) and not _ASKS_MONEY.search(count[0]):
        return WantedFigure("count", count[1])
    if _ASKS_MONEY.search(plain):
        return WantedFigure("money")
    return WantedFigure("number") if _ASKS_NUMBER.search(plain) else None


@dataclass(frozen=True)
class Held:
    """What kinds of figures a text holds; read once, asked at every question."""

    kinds: frozenset[str]  # of `WantedFigure.kind`, « count » excepted
    counted: frozenset[str]  # stems of the words that stand near a number

    def answers(self, want: WantedFigure, same: frozenset[str] = frozenset()) -> bool:
        """Whether a figure of the wanted kind is there; `same` holds stems that may stand for the noun counted."""
        if want.kind == "count":
            return stem(want.noun) in self.counted or bool(same & self.counted)
        return want.kind in self.kinds


def held(text: str) -> Held:
    """The figures of a text, by kind."""
    plain = join_thousands(fold(text))
    found = figures(text)
    units = {figure.unit for figure in found}
    paid = "€" in units or "gratuit" in plain
    kinds = {
        "date": bool(_DATE.search(plain)),
        "duration": bool(_SPAN_OF_TIME.search(plain)),
        "money": paid or "%" in units,
        "percent": paid or "%" in units,
        "number": any(not figure.is_year for figure in found),
    }
    return Held(frozenset(kind for kind, there in kinds.items() if there), _counted(plain))


def holds(text: str, want: WantedFigure, same: frozenset[str] = frozenset()) -> bool:
    """Whether a text holds a figure of the wanted kind; see `Held.answers`."""
    return held(text).answers(want, same)


_CLAUSE = re.compile(r"[.;:!?\n](?!\d)")
_MEASURES = frozenset("€ euro euros an ans annee annees mois jour jours semaine semaines heure heures".split())


def _counted(plain: str) -> frozenset[str]:
    """Stems of the words within six words after a number, in digits or letters, or three before it, in its clause.

    « 12 ans » counts nothing but years: the noun that follows is not what it numbers. « 30 % d'économies » counts
    economies, « 32 %, pour un logement » counts nothing.
    """
    found: set[str] = set()
    for clause in _CLAUSE.split(plain):
        tokens = re.findall(r"[a-z0-9]+|[%€,]", clause)
        for place, token in enumerate(tokens):
            if not (token[0].isdigit() or _NUMBER_WORDS.get(token, 0) > 1):
                continue
            before, after = tokens[max(0, place - 3) : place], tokens[place + 1 : place + 7]
            if after[:1] == ["%"]:
                found |= {*after[1 : after.index(",") if "," in after else None]}
            else:
                found |= {*after[:1]} if set(after[:1]) & _MEASURES else {*before, *after}
    return frozenset(stem(word) for word in found if word[0].isalnum())


_NUMBER = r"(?<![\w/.,-])\d{1,9}(?:[ .\u202f\u00a0]\d{3})*(?:,\d+)?(?![\d/])"
_SHOWN = {
    "money": re.compile(rf"{_NUMBER}\s?(?:(?:millions?|milliards?)\s(?:d['’])?)?(?:k€|M€|Md€|€|euros)"),
    "percent": re.compile(rf"{_NUMBER}\s?%"),
    "duration": re.compile(
        r"\b(?:\d+|un|deux|trois|quatre|cinq|six|neuf|dix|douze|dix-huit|vingt-quatre)\s(?:ans?|années?|mois|jours?|semaines?|heures?)\b",
        re.I,
    ),
    "date": re.compile(rf"(?<![\w/.-])(?:(?:\d{{1,2}}(?:er)?\s)?(?:{'|'.join(MONTHS)})\s)?(?:19|20)\d{{2}}\b(?!/)", re.I),
}
_COUNTED = re.compile(rf"{_NUMBER}(?:[ \u00a0\u202f]([^\W\d_]{{3,}}))")
_AFTER = re.compile(rf"{_NUMBER}(?=\s[^\W\d])")
_A_YEAR = re.compile(r"(?:19|20)\d\d")


def emphasised(text: str, want: WantedFigure) -> str:
    """A sentence with the figures of the wanted kind in bold (Markdown), as they stand in it.

    A number of anything is in bold only when it is alone, years apart: which of « 3 000 équipements, 1 500 cours » was asked for?
    """
    if "**" in text:
        return text
    if want.kind == "number" and not want.noun:
        alone = [match for match in _AFTER.finditer(text) if not _A_YEAR.fullmatch(match[0])]
        return f"{text[: alone[0].start()]}**{alone[0][0]}**{text[alone[0].end() :]}" if len(alone) == 1 else text
    if want.noun:  # with what it counts: « 15 jours », and no other number of the sentence
        return _COUNTED.sub(lambda match: f"**{match[0]}**" if stem(fold(match[1])) == stem(want.noun) else match[0], text)
    pattern = _AFTER if want.kind == "count" else _SHOWN[want.kind]
    if want.kind == "money" and not pattern.search(text):
        pattern = _SHOWN["percent"]  # « combien » is answered by a rate where no amount is given
    return pattern.sub(lambda match: f"**{match[0]}**", text)
