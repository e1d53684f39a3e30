"""Figures in French text: amounts, rates, numbers and years → canonical values.

« 45 000 € », « 45000 euros » and « 45 k€ » are one figure; « 3,7 Md€ » and « 3,7 milliards d'euros »
are another. Used to compare a sentence with its source, and to keep apart paragraphs that differ by
a figure only. Knows nothing of documents or answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from index.french import fold, join_thousands

_SCALES = {"k": 3, "m": 6, "million": 6, "millions": 6, "md": 9, "mds": 9, "milliard": 9, "milliards": 9}
_FIGURE = re.compile(
    r"(?<![\w,.])(\d+(?:[.,]\d+)?)\s?"
    r"(?:(k|m|mds?)(?=\s?(?:€|eur)|\b)|(millions?|milliards?)\b)?"
    r"(?:\s?(?:d'|de )?(€|euros?\b|eur\b|%|pour ?cent\b|pct\b))?"
)
_NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split()
    )
} | {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100, "mille": 1000,
     "dix-huit": 18, "dix-sept": 17, "dix-neuf": 19, "vingt-quatre": 24, "trente-six": 36}


@dataclass(frozen=True)
class Figure:
    """A number of a text: its value, its unit (« € », « % » or «  ») and where it stands."""

    value: Decimal
    unit: str
    start: int = 0
    end: int = 0

    @property
    def is_year(self) -> bool:
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
        # « 5 m » alone is metres or a letter, not millions: the short form needs its currency.
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


def euros(value: Decimal) -> str:
    """An amount as French people read it: « 45 000 € », cents only when there are some."""
    rounded = value.quantize(Decimal("0.01"))
    whole, cents = divmod(abs(rounded), 1)
    text = f"{int(whole):,}".replace(",", " ")
    return f"{'-' if rounded < 0 else ''}{text}{f',{int(cents * 100):02d}' if cents else ''} €"
