"""A number and its Excel format → the text that a French reader sees in the cell.

Written here, not taken: of the libraries that know these formats, ssf (a port of SheetJS's, 2020) no longer runs
with today's Babel, and the others are not Python. Decimal comma, space between thousands, « 35 % ». A whole date
reads « 04/03/2025 », whatever order its format has. Colours and alignment are left out; the minus that a red
number drops is put back. This module does not know calendars other than ours, nor formats by language.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache

from index.french import MONTHS, SHORT_MONTHS

GENERAL = "General"
# The formats a file names by number alone (ECMA-376, 18.8.30); those of dates and amounts follow the reader's country.
BUILT_IN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '#,##0 "€"', 6: '#,##0 "€"', 7: '#,##0.00 "€"',
    8: '#,##0.00 "€"', 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "dd/mm/yyyy",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "dd/mm/yyyy hh:mm", 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00", 41: "#,##0", 42: '#,##0 "€"', 43: "#,##0.00", 44: '#,##0.00 "€"', 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip

_DAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
_LAST_DAY = 2_958_465  # 31/12/9999

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|(?P<space>_.)|\*(?P<fill>.)'
    r"|\[(?P<bracket>[^\]]*)\]|(?P<general>General|Standard)|(?P<ampm>AM/PM|A/P)"
    r"|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?)|(?P<exponent>E[+-]0+)|(?P<digit>[0#?])|(?P<mark>[.,%@/])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_SPACED = re.compile(r"#(?:\\? |[\u00a0\u202f])##")  # thousands as a French hand writes them: « # ##0 »
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=) ?(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class _Token:
    """A piece of a format: its kind is the name of the group that matched."""

    kind: str
    text: str


@dataclass(frozen=True)
class _FormatSection:
    """One of the up to four parts of a format, parted by « ; »; read once, used for every cell."""

    tokens: tuple[_Token, ...]  # colours left out
    condition: tuple[str, Decimal] | None = None

    @cached_property
    def is_date(self) -> bool:
        return any(token.kind in {"date", "elapsed"} for token in self.tokens)

    @cached_property
    def is_text(self) -> bool:
        return _Token("mark", "@") in self.tokens

    @cached_property
    def general(self) -> int:
        """The place of « General » among words, or -1."""
        return self._place("general")

    @cached_property
    def exponent(self) -> int:
        return self._place("exponent")

    @cached_property
    def digits(self) -> list[int]:
        return [i for i, token in enumerate(self.tokens) if token.kind == "digit"]

    @cached_property
    def is_fraction(self) -> bool:
        return bool(self.digits) and _Token("mark", "/") in self.tokens[self.digits[0] :]

    @cached_property
    def point(self) -> int:
        """The place of the decimal mark; past the end when there is none."""
        places = (i for i in self._marks(".") if i <= self.digits[-1] + 1)
        return next(places, len(self.tokens))

    @cached_property
    def whole(self) -> list[int]:
        return [i for i in self.digits if i < self.point]

    @cached_property
    def decimals(self) -> list[int]:
        return [i for i in self.digits if i > self.point]

    @cached_property
    def scale(self) -> int:
        """The power of ten: two for each « % », three less for each comma after the figures (« 0.0,, » is in millions)."""
        last = self.whole[-1] if self.whole else -1
        thousands = sum(last < i < self.point or i > self.digits[-1] for i in self._marks(","))
        return 2 * len(self._marks("%")) - 3 * thousands

    @cached_property
    def is_grouped(self) -> bool:
        return any(self.whole[0] < i < self.whole[-1] for i in self._marks(",")) if self.whole else False

    @cached_property
    def blanks(self) -> dict[int, str]:
        """What of a number is written elsewhere or not at all: commas, and the figures after the decimal mark."""
        return dict.fromkeys([*self._marks(","), *self.decimals], "")

    def _place(self, kind: str) -> int:
        return next((i for i, token in enumerate(self.tokens) if token.kind == kind), -1)

    def _marks(self, text: str) -> list[int]:
        return [i for i, token in enumerate(self.tokens) if token.kind == "mark" and token.text == text]


@lru_cache(maxsize=65_536)
def shown_number(value: float | Decimal, code: str = GENERAL, *, since_1904: bool = False) -> str:
    """The text of a number; `since_1904` is the calendar of workbooks made on a Mac."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    sections = _sections(code)
    section, signed = _chosen(number, sections)
    if section is None:
        return _general(number)
    if section.is_date:
        return _moment(number, section, since_1904)
    text = _number(abs(number), section)
    return f"-{text}" if signed and number < 0 and re.search("[1-9]", text) else text


def shown_text(text: str, code: str = GENERAL) -> str:
    """The text of a cell that holds text: a format may dress it (« "Lot "@ ») or hide it (« ;;; »)."""
    sections = _sections(code)
    section = sections[3] if len(sections) > 3 else sections[-1]
    if len(sections) < 4 and not section.is_text:
        return text
    return "".join(text if token.text == "@" else token.text for token in section.tokens).strip()


def shown_date(moment: datetime.datetime | datetime.date | datetime.time) -> str:
    """A date « 04/03/2025 », with its time when it has one; a time « 14:30 »."""
    if isinstance(moment, datetime.time):
        return f"{moment:%H:%M}"
    has_time = isinstance(moment, datetime.datetime) and moment.time() != datetime.time()
    return f"{moment:%d/%m/%Y %H:%M}" if has_time else f"{moment:%d/%m/%Y}"


# ------------------------------------------------------------------------------------ reading a format


@lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[_FormatSection, ...]:
    if "jj" in code.lower() or "aaaa" in code.lower():  # written by a program in French: « jj/mm/aaaa »
        code = code.translate(str.maketrans("jJaA", "ddyy"))
    code = _SPACED.sub("#,##", code)
    parts: list[list[_Token]] = [[]]
    for token in _tokens(code):
        if token == _Token("other", ";"):
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(_section(part) for part in parts[:4])


def _section(tokens: Sequence[_Token]) -> _FormatSection:
    found = next((_CONDITION.fullmatch(token.text) for token in tokens if token.kind == "condition"), None)
    seen = tuple(token for token in tokens if token.kind not in {"condition", "colour"})
    return _FormatSection(seen, (found[1], Decimal(found[2])) if found else None)


def _tokens(code: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(code):
        kind, text = match.lastgroup or "other", match[match.lastgroup or 0]
        if kind in {"quoted", "escaped"}:
            yield _Token("literal", text)
        elif kind == "space":
            yield _Token("literal", " ")
        elif kind == "bracket":
            yield _bracket(text)
        elif kind != "fill":
            yield _Token(kind, text)


def _bracket(text: str) -> _Token:
    """« [Red] », « [>=1000] », « [h] » of a duration, « [$€-40C] »."""
    if text.startswith("$"):
        symbol, _, language = text[1:].partition("-")
        is_system = not symbol and language.upper() in {"F800", "F400"}  # the reader's own long date, or time
        return _Token("system", language.upper()) if is_system else _Token("literal", symbol)
    if _CONDITION.fullmatch(text):
        return _Token("condition", text)
    return _Token("elapsed", text.lower()) if re.fullmatch("h+|m+|s+", text, re.IGNORECASE) else _Token("colour", text)


def _chosen(number: Decimal, sections: Sequence[_FormatSection]) -> tuple[_FormatSection | None, bool]:
    """The section for a number, and whether its minus is still to be written; None for the general format."""
    numeric = sections[:3]
    if any(section.condition for section in numeric):
        section = next((s for s in numeric if s.condition is None or _holds(number, *s.condition)), numeric[-1])
        is_for_negatives = section.condition is not None and section.condition[0] in "<=" and section.condition[1] <= 0
        signed = not is_for_negatives
    elif number < 0 and len(numeric) > 1:
        section = numeric[1]
        # Red without a minus: the colour does not reach the reader, the sign must.
        signed = section.tokens == numeric[0].tokens
    else:
        section = numeric[2] if number == 0 and len(numeric) > 2 else numeric[0]
        signed = True
    is_general = not section.tokens and len(sections) == 1 or section.is_text
    return (None if is_general else section), signed


def _holds(number: Decimal, sign: str, bound: Decimal) -> bool:
    return {
        "<": number < bound, "<=": number <= bound, ">": number > bound,
        ">=": number >= bound, "=": number == bound, "<>": number != bound,
    }[sign]  # fmt: skip


# --------------------------------------------------------------------------------------------- numbers


def _general(number: Decimal) -> str:
    """All the figures of a whole number, ten of another (more when cents would be lost), never an exponent."""
    if number == number.to_integral_value():
        return f"{number.quantize(Decimal(1)):f}" if abs(number) < Decimal(10) ** 27 else str(number)
    whole = len(f"{abs(number):.0f}")
    rounded = f"{number:.{max(10, min(whole + 2, 15))}g}"
    text = f"{Decimal(rounded):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def _number(number: Decimal, section: _FormatSection) -> str:
    if section.general >= 0:
        return _dressed(section, {section.general: _general(number)})
    if not section.digits:
        return _dressed(section, {})
    return _fraction(number, section) if section.is_fraction else _decimal(number, section)


def _decimal(number: Decimal, section: _FormatSection) -> str:
    number = number.scaleb(section.scale)
    power = number.adjusted() if section.exponent >= 0 and number else 0
    number = number.scaleb(-power).quantize(Decimal(1).scaleb(-len(section.decimals)), ROUND_HALF_UP)
    whole, _, decimals = f"{number:f}".partition(".")
    written = section.blanks | _whole(whole.lstrip("0"), section)
    if section.point < len(section.tokens):
        shown = _decimals(decimals, section)
        written[section.point] = f",{shown}" if shown else ""
    if section.exponent >= 0:
        width = len(section.tokens[section.exponent].text) - 2
        written[section.exponent] = f"E{'-' if power < 0 else '+'}{abs(power):0{width}d}"
    return _dressed(section, written)


def _whole(figures: str, section: _FormatSection) -> dict[int, str]:
    """The figures before the comma, each in its place, from the right; the first place takes those left over."""
    written: dict[int, str] = {}
    count = 0
    for place in reversed(section.whole):
        is_first = place == section.whole[0]
        taken, figures = (figures, "") if is_first else (figures[-1:], figures[:-1])
        text = ""
        for figure in reversed(taken or ("0" if section.tokens[place].text == "0" else "")):
            text = figure + (" " if section.is_grouped and count and count % 3 == 0 else "") + text
            count += 1
        written[place] = text
    return written


def _decimals(figures: str, section: _FormatSection) -> str:
    """The figures after the comma; those that a « # » may leave out are, at the end."""
    shown = figures
    while shown.endswith("0") and section.tokens[section.decimals[len(shown) - 1]].text != "0":
        shown = shown[:-1]
    return shown


def _fraction(number: Decimal, section: _FormatSection) -> str:
    """« 2 3/4 »; the figures under the bar say how fine it is, or give the denominator."""
    pattern = "".join(token.text for token in section.tokens)
    below = re.search(r"/ ?([0-9#?]+)", pattern)
    size = below[1] if below else "?"
    exact = Fraction(number)
    if size.isdigit() and int(size):
        near = Fraction(round(exact * int(size)), int(size))
        denominator = int(size)
    else:
        near = exact.limit_denominator(10 ** min(len(size), 4) - 1)
        denominator = near.denominator
    has_whole = bool(re.search(r"[0#?] +[0#?]+ ?/", pattern))
    whole = int(near) if has_whole else 0
    part = (near - whole) * denominator
    words = [str(whole)] if whole or not part else []
    return " ".join([*words, f"{int(part)}/{denominator}"] if part else words)


def _dressed(section: _FormatSection, written: dict[int, str]) -> str:
    """Words and signs around the figures; French sets a space before « % »."""
    text = ""
    for i, token in enumerate(section.tokens):
        piece = written.get(i, token.text)
        text += f" {piece}" if piece == "%" and text[-1:].isdigit() else piece
    return " ".join(text.split())


# ---------------------------------------------------------------------------------------------- dates


def _moment(number: Decimal, section: _FormatSection, since_1904: bool) -> str:
    """A date, a time or a duration; outside the calendar, the number itself."""
    tokens = section.tokens
    kinds = [token.text.lower() for token in tokens if token.kind == "date"]
    days = number + 1462 if since_1904 else number
    if not 0 <= days <= _LAST_DAY:
        return _general(number)
    if any(token.kind == "elapsed" for token in tokens):
        return _duration(number, tokens)
    start = datetime.datetime(1899, 12, 31 if days < 60 else 30)  # Excel counts a 29 February 1900
    precision = "0.001" if any("." in kind for kind in kinds) else "1"
    seconds = (days * 86_400).quantize(Decimal(precision), ROUND_HALF_UP)
    moment = start + datetime.timedelta(seconds=float(seconds))
    if any(token == _Token("system", "F800") for token in tokens):
        return f"{_DAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]} {moment.year}"
    parts = {kind[0] for kind in kinds}
    if {"y", "d"} <= parts and not any(kind.startswith(("mmm", "ddd")) for kind in kinds):
        return f"{moment:%d/%m/%Y %H:%M}" if "h" in parts else f"{moment:%d/%m/%Y}"
    return " ".join("".join(_date_piece(moment, tokens, i) for i in range(len(tokens))).split())


def _date_piece(moment: datetime.datetime, tokens: Sequence[_Token], i: int) -> str:
    """What one piece of a date format writes: « dd » → « 04 », « mmm » → « mars »."""
    token = tokens[i]
    if token.kind == "ampm":
        return "AM" if moment.hour < 12 else "PM"
    if token.kind == "system":
        return ""
    if token.kind != "date":
        return token.text
    kind = token.text.lower()
    if kind[0] == "m":
        return f"{moment.minute:0{min(len(kind), 2)}d}" if _is_minute(tokens, i) else _month(moment, len(kind))
    if kind[0] == "h":
        is_half = any(other.kind == "ampm" for other in tokens)
        return f"{(moment.hour + 11) % 12 + 1 if is_half else moment.hour:0{min(len(kind), 2)}d}"
    if kind[0] == "s":
        decimals = len(kind.partition(".")[2])
        part = f",{moment.microsecond:06d}"[: decimals + 1] if decimals else ""
        return f"{moment.second:0{min(len(kind.partition('.')[0]), 2)}d}{part}"
    if kind[0] == "y":
        return f"{moment:%Y}" if len(kind) > 2 else f"{moment:%y}"
    day = _DAYS[moment.weekday()]
    return f"{moment.day:0{len(kind)}d}" if len(kind) < 3 else f"{day[:3]}." if len(kind) == 3 else day


def _month(moment: datetime.datetime, length: int) -> str:
    if length < 3:
        return f"{moment.month:0{length}d}"
    name = MONTHS[moment.month - 1]
    return SHORT_MONTHS[moment.month - 1] if length == 3 else name[0].upper() if length == 5 else name


def _is_minute(tokens: Sequence[_Token], i: int) -> bool:
    """« m » after hours or before seconds is minutes, elsewhere months."""
    before = [token.text[0].lower() for token in tokens[:i] if token.kind in {"date", "elapsed"}]
    after = [token.text[0].lower() for token in tokens[i + 1 :] if token.kind == "date"]
    return before[-1:] == ["h"] or after[:1] == ["s"]


def _duration(number: Decimal, tokens: Sequence[_Token]) -> str:
    """« [h]:mm » counts past 24 hours."""
    left = int((number * 86_400).quantize(Decimal(1), ROUND_HALF_UP))
    text = ""
    for token in tokens:
        if token.kind in {"elapsed", "date"} and token.text[0].lower() in "hms":
            unit = {"h": 3600, "m": 60, "s": 1}[token.text[0].lower()]
            text += f"{left // unit:0{min(len(token.text), 2)}d}"
            left %= unit
        elif token.kind not in {"system", "ampm"}:
            text += token.text
    return text.strip()
