"""Numbers and spaces as French prints them. To be shown; knows no page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.figures import readable

_UNITS = "€|%|[kM]€|euros?|millions?|milliards?|habitants?|ans?|mois|jours?|heures?|km|m²|ha"
_INSIDE_AMOUNT = re.compile(rf"(?<=\d) (?=\d{{3}}(?!\d)|(?:{_UNITS})(?!\w))")


def number(value: float, decimals: int = 0) -> str:
    """« 12 345 », « 3,5 »."""
    return readable(value, decimals)


def percent(share: float) -> str:
    """« 94,2 % » from .942."""
    return f"{number(100 * share, 1)}\u202f%"


def tied(text: str) -> str:
    """The text as French printers set it: no line may begin with « ? » or « » », nor cut an amount. To be shown only."""
    return unbroken(re.sub(r" (?=[?!:;»])", "\u00a0", text).replace("« ", "«\u00a0"))


def unbroken(text: str) -> str:
    """Every number and its unit on one line: « 45 000 € ». To be shown, never compared, kept or exported."""
    return _INSIDE_AMOUNT.sub("\u00a0", text)


def place(title: str, headings: Sequence[str], page: int | None) -> str:
    """A place in a document, in one line."""
    path = [title, *headings[-1:], *([f"p. {page}"] if page else [])]
    return " › ".join(path)
