"""The numbers that Word and OpenDocument count by themselves: « Article 3 », « 1.2 », « a) ».

Labels are made of a template (« Article %1 ») and of one counter a level. This module knows how Word says them
(numbering.xml); `styles` of `opendocument` reads those of OpenDocument, which count with the same `Counters`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from index.loaders.office.package import W
from index.loaders.symbols import in_symbol_font, is_symbol_font

BULLET = "-"
BOXES = frozenset("☐☑☒✓✗")  # bullets that say something
SIGNS = BOXES | {BULLET}


@dataclass(frozen=True)
class Level:
    """How one level of a list is numbered. `template` names the levels from 1: « %1.%2 »."""

    template: str = ""  # of a bullet: its sign, when it says something
    form: str = "decimal"  # as Word names it; « bullet » and « none » are no numbers
    start: int = 1
    restarts: int | None = None  # only after a paragraph of this level (from 1) or a higher one; 0: never
    only_figures: bool = False  # the levels above in Arabic figures too
    style: str = ""  # of the paragraphs that take this level by themselves


def counted(number: int, form: str) -> str:
    """A number as a list shows it: « 4 », « d », « IV », « 04 »."""
    return _FORMS.get(form, str)(number)


def _roman(number: int) -> str:
    text = ""
    for value, letters in zip(_ROMAN_VALUES, _ROMAN_LETTERS, strict=True):
        text += letters * (number // value)
        number %= value
    return text


_ROMAN_VALUES = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
_ROMAN_LETTERS = ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I")
MAX_LETTERS = 20  # « aa » follows « z », « aaa » follows « zz »


def _letters(number: int) -> str:
    turns, letter = divmod(max(number, 1) - 1, 26)
    return chr(ord("a") + letter) * (min(turns, MAX_LETTERS) + 1)


_FORMS: dict[str, Callable[[int], str]] = {
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": lambda number: _roman(number % 10_000).lower(),
    "upperRoman": lambda number: _roman(number % 10_000),
    "decimalZero": lambda number: f"{number:02}",
    "ordinal": lambda number: "1er" if number == 1 else f"{number}e",
    "bullet": lambda number: "",
    "none": lambda number: "",
}


class Counters:
    """The counters of one list, a level each (from 0)."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def set(self, level: int, start: int) -> None:
        """Make the next paragraph of a level take this number."""
        self._counts[level] = start - 1

    def label(self, levels: dict[int, Level], level: int) -> str:
        """Count one paragraph, and say the label before it; BULLET for most bullets, empty for none."""
        here = levels.get(level, Level(form="none"))
        for deeper in [deeper for deeper in self._counts if deeper > level]:
            restarts = levels.get(deeper, here).restarts
            if level < (deeper if restarts is None else restarts):
                del self._counts[deeper]
        for above in range(level):
            self._counts.setdefault(above, levels.get(above, here).start)
        self._counts[level] = self._counts.get(level, here.start - 1) + 1
        if here.form == "bullet":
            return here.template or BULLET

        def number(match: re.Match[str]) -> str:
            named = int(match[1]) - 1
            form = "decimal" if here.only_figures else levels.get(named, here).form
            return counted(self._counts.get(named, 0), form)

        return re.sub(r"%([1-9])", number, here.template).strip()


class WordNumbering:
    """The lists of numbering.xml, with where their counting stands."""

    def __init__(self, root: Any | None) -> None:
        numbering = [] if root is None else root
        abstract = {e.get(f"{W}abstractNumId"): e for e in numbering if e.tag == f"{W}abstractNum"}
        named = {_value(e.find(f"{W}styleLink")): e for e in abstract.values() if e.find(f"{W}styleLink") is not None}
        self._lists: dict[str, tuple[str, dict[int, Level], dict[int, int]]] = {}
        for number in numbering:
            if number.tag == f"{W}num":
                family = _value(number.find(f"{W}abstractNumId"))
                source = abstract.get(family)
                if source is not None and (link := source.find(f"{W}numStyleLink")) is not None:
                    source = named.get(_value(link), source)
                levels = {} if source is None else _levels(source)
                self._lists[number.get(f"{W}numId", "")] = (family, *_overridden(levels, number))
        self._counters: dict[str, Counters] = {}
        self._begun: set[str] = set()

    def level_of_style(self, number: str, style: str) -> int:
        """The level that a list gives to the paragraphs of a style."""
        levels = self._lists[number][1] if number in self._lists else {}
        return next((i for i, level in levels.items() if level.style == style), 0)

    def label(self, number: str, level: int) -> str:
        """Count one paragraph of a list, and say its label; lists of one family go on from each other."""
        if number not in self._lists:
            return BULLET
        family, levels, starts = self._lists[number]
        counters = self._counters.setdefault(family, Counters())
        if number not in self._begun:
            self._begun.add(number)
            for restarted, start in starts.items():
                counters.set(restarted, start)
        return counters.label(levels, level)


def _overridden(levels: dict[int, Level], number: Any) -> tuple[dict[int, Level], dict[int, int]]:
    """A list's levels and the numbers it begins again from."""
    levels, starts = dict(levels), {}
    for override in number.iterchildren(f"{W}lvlOverride"):
        place = _whole(override.get(f"{W}ilvl"))
        levels |= _levels(override)
        if (start := override.find(f"{W}startOverride")) is not None:
            starts[place] = _whole(_value(start))
            levels[place] = replace(levels.get(place, Level()), start=starts[place])
    return levels, starts


def _levels(parent: Any) -> dict[int, Level]:
    return {_whole(level.get(f"{W}ilvl")): _level(level) for level in parent.iterchildren(f"{W}lvl")}


def _level(level: Any) -> Level:
    said = {child.tag.removeprefix(W): child.get(f"{W}val", "") for child in level}
    template = said.get("lvlText", "")
    if said.get("numFmt") == "bullet":
        fonts = level.find(f"{W}rPr/{W}rFonts")
        font = "" if fonts is None else fonts.get(f"{W}ascii", "")
        sign = in_symbol_font(template, font) if is_symbol_font(font) else template
        template = sign if sign in BOXES else ""
    return Level(
        template=template,
        form=said.get("numFmt", "decimal"),
        start=_whole(said.get("start")),
        restarts=_whole(said["lvlRestart"]) if "lvlRestart" in said else None,
        only_figures="isLgl" in said and said["isLgl"] not in {"0", "false"},
        style=said.get("pStyle", ""),
    )


def _value(element: Any) -> str:
    return "" if element is None else element.get(f"{W}val", "")


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 9 else 0
