"""Figures and dates of a sentence, as they are compared with those of its source: value, unit, bound, what they number.

« jusqu'à quinze mille euros », « 15 k€ au plus » are one quantity; « deux ans » and « 24 mois » too; « la moitié » is 50 %. A
date told more loosely is carried by a closer one: « début 2026 » by « le 12 janvier 2026 ». Knows nothing of the other words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from assistant.answering.question import in_digits
from index.figures import Figure, figures
from index.french import APOSTROPHES, MONTHS, fold, join_thousands, stem

_MONTH_NUMBERS = {fold(name): number for number, name in enumerate(MONTHS, 1)} | {
    "janv": 1, "fevr": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTH_NUMBERS, key=len, reverse=True))
_SHORT = {"avr", "sept", "oct", "nov", "dec", "janv", "juil", "fevr"}  # with a day or a year only
_NO_NOUNS = frozenset("les des ses ces nos vos dans sans apres plus mais selon".split())
_BEFORE_A_YEAR = re.compile(r"\b(?:en|depuis|annee|fin|debut|mi|apres|avant)[ -]$")
_YEAR = r"(?:19|20)\d\d"
_SEASONS = {
    "debut": (1, 5), "mi": (5, 8), "milieu": (5, 8), "fin": (9, 12),
    "printemps": (3, 6), "ete": (6, 9), "automne": (9, 12), "hiver": (1, 3),
}  # fmt: skip
_DATES = re.compile(
    rf"\b(?P<iso>{_YEAR})-(?P<iso_m>\d\d)-(?P<iso_d>\d\d)\b"
    rf"|\b(?P<nd>\d{{1,2}})[/.](?P<nm>\d{{1,2}})[/.](?P<ny>{_YEAR})\b"
    rf"|\b(?:(?P<d>\d{{1,2}})(?:er)? )?(?P<m>{_MONTH})\b\.?(?: (?P<y>{_YEAR}))?"
    r"|\b(?P<rank>premier|1er|second|deuxieme|2e|2nd|troisieme|3e|quatrieme|4e) (?P<part>trimestre|semestre)"
    rf"(?: (?:de |d')?(?:l'annee )?(?P<py>{_YEAR}))?"
    rf"|\b(?:(?P<season>debut|mi|fin|milieu|printemps|ete|automne|hiver)[ -](?:de )?(?:l'annee )?)?(?P<year>{_YEAR})\b"
)
_RANKS = {"premier": 1, "1er": 1, "second": 2, "deuxieme": 2, "2e": 2, "2nd": 2, "troisieme": 3, "3e": 3, "quatrieme": 4, "4e": 4}
_TIMES = {
    "an": ("mois", 12), "annee": ("mois", 12), "mois": ("mois", 1), "semestre": ("mois", 6), "trimestre": ("mois", 3),
    "jour": ("jours", 1), "journee": ("jours", 1), "semaine": ("jours", 7), "heure": ("heures", 1), "h": ("heures", 1),
    "minute": ("minutes", 1),
}  # fmt: skip
_TIME_OF = {form: own for name, own in _TIMES.items() for form in (name, stem(name))}
_MEASURED = ("€", "%", "mois", "jours", "heures")
_BARE = ("", stem("moins"), stem("plus"))
_OPENED = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae"})
_ONE = re.compile(r"\b(?:un|une) (?=(?:an|ann[ée]e|mois|semaine|jour|semestre|trimestre|heure)\b)", re.I)
_FRACTIONS = tuple(
    (re.compile(pattern), share)
    for pattern, share in (
        (r"\b(?:la )?moitie\b|\bun sur deux|\b1 sur 2\b", 50),
        (r"\bun tiers\b|\ble tiers\b", 33),
        (r"\b(?:les )?(?:deux|2) tiers\b", 67),
        (r"\bun quart\b|\ble quart\b", 25),
        (r"\b(?:les )?(?:trois|3) quarts\b", 75),
        (r"\bun cinquieme\b", 20),
        (r"\bun dixieme\b", 10),
    )
)
_TENS = {
    "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40, "cinquantaine": 50,
    "centaine": 100, "millier": 1000,
}  # fmt: skip
_ABOUT_SO_MANY = re.compile(rf"\b(?:(\d+) )?({'|'.join(_TENS)})s?\b")
# « neuf » before these is a number, elsewhere it is « nouveau ».
_NEW = re.compile(
    r"\bneuf(?= (?!ans?\b|mois|jours|semaines|heures|communes|cents?\b|mille|millions|milliards|euros|pour cent|\w+s\b))", re.I
)
_LAST_NEW = re.compile(r"\bneuf(?=\s*(?:[.,;:)\[]|$))", re.I)
_AND_HALF = re.compile(
    r"\b(\d+|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix) "
    r"(milliards?|millions?|ans?|années?|mois|jours?|heures?) et demie?\b",
    re.I,
)
_HALF_MILLION = re.compile(r"\b(?:un )?demi[- ]million\b", re.I)
_OF_SO_MANY = re.compile(r"(?P<n>\d+) (?:[a-z']+ ){0,3}?sur (?P<m>\d+)\b(?! ?(?:ans|mois|jours|semaines|euros|€|%))")
_RANGE = re.compile(r"\s?(?:a|et|ou|-|–) (?:l'|les? )?$")
_SKIPPED = frozenset("d de du des le la les l en un une petites petits nouveaux nouvelles autres premiers premieres".split())
_RANK = re.compile(r"\s?(?:ere?|eme|e|nde?|iemes?)\b")
_PER = re.compile(r"\s?(?:[a-z]+ ){0,2}?(?:par|/|chaque) ?([a-z]+)")


class Limit(StrEnum):
    """How a quantity bounds what it is said of."""

    NONE = ""
    MOST = "max"
    LEAST = "min"
    NEAR = "approx"


_MOST = re.compile(
    r"jusqu'a|au plus|au maximum|maximum|maximal\w*|plafon\w*|dans la limite|limit\w+|n'?exced\w+|"
    r"(?:sans|ne peut|ne doit|ne peuvent|pas) (?:pas )?(?:depasser|exceder)|ne depass\w+|moins d|inferieur\w*|"
    r"max\b|en dessous|sous (?:le seuil|la barre)|pas plus"
)
_LEAST = re.compile(
    r"au moins|au minimum|minimum|minimal\w*|plus d|superieur\w*|a partir d|des (?=\d)|au-dela|au-dessus|plancher|"
    r"pas moins|depass\w+|exced\w+|plus de|ou plus|et plus|minimum"
)
_NEAR = re.compile(
    r"environ|pres de|quelque|autour|a peu pres|de l'ordre|approximativ\w*|une (?:petite )?(?=\w+aine)|presque|"
    r"plus ou moins|proche"
)
_NOT_MORE = re.compile(r"pas plus|sans (?:depasser|exceder)|(?:ne|n')[^,;]{0,20}(?:depass|exced)\w*|pas (?:depasser|exceder)")
_BEFORE = re.compile(
    r"jusqu'(?:a|au|en|a la)|avant|au plus tard|d'ici|echeance|date limite|fin (?:prevue|au)|expir\w*|prend fin|"
    r"s'arret\w*|se termin\w*|cloture\w*"
)
_AFTER = re.compile(
    r"a partir|a compter|depuis|"
    r"des\b(?= (?:le|la|janv|fevr|mars|avr|mai|juin|juil|aout|sept|oct|nov|dec|\d|debut|fin|mi))|apres|au-dela|"
    r"posterieur\w*|entr\w+ en vigueur|demarr\w*|commenc\w*|lance\w*|ouvr\w*"
)


@dataclass(frozen=True)
class Quantity:
    """A figure as it is compared. `start`, `end`: in the plain text."""

    value: Decimal
    unit: str  # « € », « % », « mois », « jours », « heures », the stem of the noun it counts, or nothing
    limit: Limit
    per: str  # « par an », « par logement »: the stem of the word; empty when none
    start: int
    end: int

    @property
    def is_counted(self) -> bool:
        """Whether what it numbers is told by a noun."""
        return self.unit not in ("", "€", "%", "mois", "jours", "heures", "minutes")


@dataclass(frozen=True)
class Moment:
    """A date or a part of a year: what is not told is None. `months`: first and last, both included."""

    year: int | None
    months: tuple[int, int] | None
    day: int | None
    side: str  # « avant », « après » or nothing
    start: int
    end: int

    def carries(self, told: Moment, years: frozenset[int]) -> bool:
        """Whether a moment told is this one, or more loosely so; `years` are those that this text is about."""
        if told.year is not None and told.year != self.year and not (self.year is None and told.year in years):
            return False
        if told.months is not None and not (self.months and _within(self.months, told.months)):
            return False
        return told.day is None or told.day == self.day


def _within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] <= inner[1] <= outer[1]


def plain_text(text: str) -> str:
    """A text in which places are told: numbers in digits, thousands joined; its folded form has the same length."""
    text = unicodedata.normalize("NFC", text).translate(_OPENED)
    text = APOSTROPHES.sub("'", text)
    text = re.sub(r"[\u00a0\u202f\u2009]", " ", text)
    text = _LAST_NEW.sub("nouveau", _NEW.sub("nouveau", text))
    text = _HALF_MILLION.sub("500 000", _AND_HALF.sub(lambda m: f"{_small(m[1])},5 {m[2]}", text))
    return join_thousands(in_digits(_ONE.sub("1 ", text), 2))


def quantities(plain: str) -> tuple[list[Quantity], list[Moment]]:
    """The figures and the moments of a plain text, each in order; a figure that is part of a date is the date's."""
    folded = fold(plain)
    moments = _moments(folded)
    found = []
    for figure in figures(plain):
        of_date = any(moment.start <= figure.start < moment.end for moment in moments)
        if not of_date and (figure.unit or not _RANK.match(folded[figure.end :])):
            found.append(_quantity(folded, figure))
    found = _ranges(found, folded)
    found = _shares(found, folded)
    found = _about(found, folded)
    return sorted(found, key=lambda one: one.start), moments


def _quantity(folded: str, figure: Figure) -> Quantity:
    """A figure with what it numbers, its bound and what it is for each of."""
    value, unit, per = figure.value, figure.unit, ""
    if not unit:
        after = re.findall(r"[a-z]+|[€%,.;:()]", folded[figure.end : figure.end + 60])
        noun = next((word for word in after[:4] if word not in _SKIPPED), "")
        unit = stem(noun) if noun[:1].isalpha() else ""
        if unit in _TIME_OF:
            unit, times = _TIME_OF[unit]
            value = value * times
    if unit == stem("centimes"):
        value, unit = value / 100, "€"
    if more := _PER.match(folded[figure.end : figure.end + 40]):
        per = stem(more[1])
    return Quantity(value.normalize(), unit, _limit(folded, figure.start, figure.end), per, figure.start, figure.end)


def _shares(found: list[Quantity], folded: str) -> list[Quantity]:
    """« trois communes sur quatre » is 75 %, « la moitié » 50 %."""
    for match in _OF_SO_MANY.finditer(folded):
        part, whole = int(match["n"]), int(match["m"])
        if 0 < part < whole <= 10:
            found = [one for one in found if not match.start() <= one.start < match.end()]
            found.append(_share(folded, match, (Decimal(part * 100) / whole).quantize(Decimal(1))))
    for pattern, share in _FRACTIONS:
        found += [_share(folded, match, Decimal(share)) for match in pattern.finditer(folded)]
    return found


def _share(folded: str, match: re.Match[str], share: Decimal) -> Quantity:
    return Quantity(share.normalize(), "%", _limit(folded, match.start(), match.end()), "", match.start(), match.end())


def _about(found: list[Quantity], folded: str) -> list[Quantity]:
    """« une trentaine de communes », « deux douzaines d'œufs »."""
    for match in _ABOUT_SO_MANY.finditer(folded):
        noun = re.match(r" d(?:e |'|es )([a-z]+)", folded[match.end() :])
        if match[1]:
            found = [one for one in found if one.start != match.start(1)]
        number = Decimal(_TENS[match[2]]) * int(match[1] or 1)
        found.append(Quantity(number.normalize(), stem(noun[1]) if noun else "", Limit.NEAR, "", match.start(), match.end()))
    return found


def _small(number: str) -> str:
    return {"un": "1", "une": "1"}.get(number.lower(), number)


def _ranges(found: list[Quantity], folded: str) -> list[Quantity]:
    """« de 75 000 à 150 000 € » and « huit mille de moins »: a bare figure has the unit of the range, or of the amount before."""
    rows = sorted(found, key=lambda one: one.start)
    for place, one in enumerate(rows):
        later = rows[place + 1] if place + 1 < len(rows) else None
        earlier = rows[place - 1] if place else None
        if later and later.unit in _MEASURED and _RANGE.fullmatch(folded[one.end : later.start]):
            times = 12 if later.unit == "mois" and re.match(r"\d+ an", folded[later.start :]) else 1
            rows[place] = replace(one, unit=later.unit, value=(one.value * times).normalize())
        elif earlier and earlier.unit == "€" and one.unit in _BARE and re.match(r" de (?:moins|plus)\b", folded[one.end :]):
            rows[place] = replace(one, unit="€")
    return rows


def _limit(folded: str, start: int, end: int) -> Limit:
    """The bound told just before a figure or just after it, in its clause."""
    before = re.split(r"[;:.()]| et | ou (?!plus)|, ", folded[max(0, start - 42) : start])[-1]
    after = re.split(r"[;:.()]| et (?!plus)| ou (?!plus)|, (?!au|dans)", folded[end : end + 34])[0]
    if _NOT_MORE.search(before):
        return Limit.MOST
    ends = {}
    for limit, pattern in ((Limit.MOST, _MOST), (Limit.LEAST, _LEAST), (Limit.NEAR, _NEAR)):
        for match in pattern.finditer(before):
            ends[match.end()] = limit
    if ends:
        return ends[max(ends)]
    for limit, pattern in (
        (Limit.MOST, re.compile(r"(?:\S+ ){0,3}(?:au plus|au maximum|maximum|maximal\w*|max\b|ou moins)")),
        (Limit.LEAST, re.compile(r"(?:\S+ ){0,3}(?:au moins|au minimum|minimum|minimal\w*|ou plus|et plus)")),
    ):
        if pattern.match(after.strip()):
            return limit
    return Limit.NONE


def _moments(folded: str) -> list[Moment]:
    found = []
    for match in _DATES.finditer(folded):
        told = _moment(folded, match)
        if told is None:
            continue
        before = re.split(r"[;.()]", folded[max(0, match.start() - 32) : match.start()])[-1]
        ends = {one.end(): side for side, pattern in (("avant", _BEFORE), ("apres", _AFTER)) for one in pattern.finditer(before)}
        found.append(Moment(*told, ends[max(ends)] if ends else "", match.start(), match.end()))
    return found


def _moment(folded: str, match: re.Match[str]) -> tuple[int | None, tuple[int, int] | None, int | None] | None:
    """The year, the months and the day of a date; None of what only looks like one."""
    rows = match.groupdict()
    if rows["iso"]:
        return int(rows["iso"]), (int(rows["iso_m"]), int(rows["iso_m"])), int(rows["iso_d"])
    if rows["nd"]:
        return int(rows["ny"]), (int(rows["nm"]), int(rows["nm"])), int(rows["nd"])
    if rows["m"]:
        if rows["m"] in _SHORT and not (rows["d"] or rows["y"]):
            return None
        month = _MONTH_NUMBERS[rows["m"]]
        return int(rows["y"]) if rows["y"] else None, (month, month), int(rows["d"]) if rows["d"] else None
    if rows["part"]:
        long = 3 if rows["part"] == "trimestre" else 6
        last = _RANKS[rows["rank"]] * long
        return (int(rows["py"]) if rows["py"] else None, (last - long + 1, last), None) if last <= 12 else None
    if re.match(r"\s?(?:€|%|euros|[km]€)", folded[match.end() :]):
        return None
    noun = re.match(r" ([a-z]+s)\b", folded[match.end() :])
    if noun and noun[1] not in _NO_NOUNS and not _BEFORE_A_YEAR.search(folded[: match.start()]):
        return None  # « 2000 habitants »
    return int(rows["year"]), _SEASONS[rows["season"]] if rows["season"] else None, None
