"""The signs that Word writes with the fonts Symbol and Wingdings (« € », « ≥ », « ☒ »), raised figures and figures in columns.

Their letters are drawings: an « o » in Wingdings is an empty box. Drawings that say nothing in a text are dropped.
"""

from __future__ import annotations

import re

CHECKED, UNCHECKED = "☒", "☐"
_TAB_BETWEEN_FIGURES = re.compile(r"(?<=[\d€%]) *\t\s*(?=\d)")
FIGURES, RAISED = "0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISE = str.maketrans(FIGURES, RAISED)
LOWER = str.maketrans(RAISED, FIGURES)
MAX_RAISED = 8  # characters of a power or of the mark of a note; a longer text is only set that way
_RAISE_WITH_SIGNS = RAISE | str.maketrans("+-−", "⁺⁻⁻")

_SYMBOL = (
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",  # from 0x20
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑",  # from 0xA0
)
_WINGDINGS = {
    **dict.fromkeys(b"\x6f\x71\x72\xa8", "☐"),
    **dict.fromkeys(b"\x54\x78\xfd", "☒"),
    **dict.fromkeys(b"\x52\xfe", "☑"),
    **dict.fromkeys(b"\xfc", "✓"),
    **dict.fromkeys(b"\xfb", "✗"),
    **dict.fromkeys(b"\x6c\x6e\x75\x76\x77\x9f\xa7\xd8", "•"),
    **dict.fromkeys(b"\xdf\xe7", "←"),
    **dict.fromkeys(b"\xe0\xe8\xf0", "→"),
    0x20: " ",
    0x28: "☎",
    0x2A: "✉",
}
_FONTS: dict[str, dict[int, str]] = {
    "symbol": {start + i: sign for start, signs in zip((0x20, 0xA0), _SYMBOL, strict=True) for i, sign in enumerate(signs)},
    "wingdings": _WINGDINGS,
    # Its ticks and boxes alone: « R » and « T » are the boxes of common forms.
    "wingdings 2": {0x50: "✓", 0x4F: "✗", 0x52: "☑", 0x54: "☒", 0x51: "☒", 0xA3: "☐", 0x2A: "☐", 0x20: " "},
}


def is_symbol_font(font: str) -> bool:
    """Whether the letters of a font are drawings."""
    return font.casefold() in _FONTS


def in_symbol_font(text: str, font: str) -> str:
    """What letters set in a symbol font show. They are also written in the private area, as U+F0A3."""
    signs = _FONTS[font.casefold()]
    return "".join(
        signs.get(ord(letter) & 0xFF, "") if ord(letter) < 0x100 or 0xF000 <= ord(letter) <= 0xF0FF else letter for letter in text
    )


def raised(text: str) -> str:
    """Figures set higher, as such: « 15 000 » and the mark « 2 » are « 15 000² », never « 15 0002 »; « 1er » stays."""
    return text.translate(_RAISE_WITH_SIGNS) if len(text) <= MAX_RAISED else text


def columns_apart(text: str) -> str:
    """Figures that tabs set in columns: « 120 » and « 130 » are « 120 | 130 », never « 120 130 »."""
    return _TAB_BETWEEN_FIGURES.sub(" | ", text)
