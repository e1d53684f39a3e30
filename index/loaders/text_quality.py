"""Are the letters of a text right? Words of French tell; what a font mistranslates is put back by them too.

Three faults of PDF fonts: a ligature given as another sign (« inscripƟon »), all letters shifted by one
number (« /HV WUDYDX[ » for « Les travaux »), letters that mean nothing. The first two are repaired when
that makes words known; the third is only told. Texts in other languages are not faulty: their words have
vowels too. Of a text that reads badly for whatever reason, `doubts` tells an editor. Knows nothing of pages or files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from spellchecker import SpellChecker

MIN_WORDS = 6  # fewer tell nothing
READABLE = 0.35  # share of known words under which letters are doubted
REPAIRED = 0.6  # … and above which a repair is believed
VOICED = 0.75  # share of words with a vowel, in any language written in Latin letters
# Share of known words under which an editor is told to look at the text. Of 42 real files of towns and ministries one is under
# (an import template, .80); good ones begin at .87. Names and short words are not counted: « ORT », « Couthenans ».
DOUBTFUL = 0.85
ENOUGH_WORDS = 50  # fewer say little of a file
MEANINGLESS = 0.15  # share of signs that no font should give, or that no word holds

_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON_WORD = re.compile(r"(?<![^\W\d_])[a-zà-öø-ÿœ]{4,}(?![^\W\d_])")
_VOWEL = re.compile(r"[aeiouyœæàâäáãåéèêëíîïóôöõúûùüÿ]", re.IGNORECASE)
# The private areas of Unicode, replacement marks and controls.
_NO_SIGN = re.compile("[\ue000-\uf8ff\ufffd\x00-\x08\x0b\x0c\x0e-\x1f]")
_SIGN_INSIDE = re.compile(r"(?<=[^\W\d_])[\^`\\\[\]{}|~<>=#$*\x7f-\x9f](?=[^\W\d_])")
_USUAL = re.compile(r"[0-9A-Za-zÀ-ÖØ-öø-ÿŒœŸ€.,;:!?'’«»()\-–/%°&\" \n]")


@lru_cache(maxsize=1)
def french_words() -> frozenset[str]:
    """The French words of pyspellchecker's list, in lower case."""
    return frozenset(SpellChecker(language="fr", distance=1).word_frequency.dictionary)


def is_garbled(text: str) -> bool:
    """True when most letters of a text are not those that were printed."""
    if len(_NO_SIGN.findall(text)) > MEANINGLESS * len(text):
        return True
    words = _WORD.findall(text)
    if len(words) < MIN_WORDS:
        return False
    voiced = sum(1 for word in words if _VOWEL.search(word)) >= VOICED * len(words)
    if voiced and len(_SIGN_INSIDE.findall(text)) <= MEANINGLESS * len(words):
        return False
    return _share_known(words) < READABLE


def doubts(text: str) -> str:
    """What to look at in a text of which many words are not known, in French; empty when it reads well."""
    words = _COMMON_WORD.findall(text)
    unknown = Counter(word for word in words if word not in french_words() and word.removesuffix("s") not in french_words())
    share = 1 - unknown.total() / max(len(words), 1)
    if len(words) < ENOUGH_WORDS or share >= DOUBTFUL:
        return ""
    shown = ", ".join(f"« {word} »" for word, _ in unknown.most_common(3))
    return f"Texte à vérifier : {round(100 * share)} % de ses mots sont connus ({shown} ne le sont pas)."


def _share_known(words: Sequence[str]) -> float:
    return sum(word.lower() in french_words() for word in words) / max(len(words), 1)


# --------------------------------------------------------------------------------- shifted letters


def shifted(text: str) -> str | None:
    """The text with all its letters shifted back; None when no shift makes its words known.

    A shift that leaves a single odd sign is not believed: figures may be wrong with it.
    """
    candidates = ("".join(_shift(character, shift) for character in text) for shift in range(-95, 96))
    best = max(candidates, key=_looks_french)
    words = _WORD.findall(best)
    believed = len(words) >= MIN_WORDS and _share_known(words) >= REPAIRED and all(map(_USUAL.match, best))
    return best if believed else None


def _looks_french(text: str) -> tuple[int, int]:
    """How many words are known, then how many small letters: « arrêté » before « ARRÊTÉ »."""
    words = _WORD.findall(text)
    return sum(word.lower() in french_words() for word in words), sum(map(str.islower, text))


def _shift(character: str, shift: int) -> str:
    return character if character.isspace() else chr(max(ord(character) + shift, 0))


# ------------------------------------------------------------------------------------- ligatures

# A font without a table of its letters gives bare codes for its ligatures: « collec\x1fvité », « e\x1bets ». Each stands as a
# sign of the private area until the words of its document tell which it is: a code is « ti » in one and « ffl » in another.
CODES = tuple(code for code in range(1, 0x20) if code not in (0x09, 0x0A, 0x0D))
_AREA = 0xE000
# What it is where words do not tell: the T1 fonts of LaTeX. On 42 of the 78 pages of a ministry's documentation.
_LATEX = {0x1B: "ff", 0x1C: "fi", 0x1D: "fl", 0x1E: "ffi", 0x1F: "ffl"}
_LIGATURES = ("ti", "fi", "tt", "ff", "fl", "ffi", "ffl", "tti", "ft", "fti", "fj", "st", "ct", "th")
# Letters and signs that no French word holds.
_ODD = re.compile("[\u0100-\u0151\u0154-\u0177\u0179-\u024f\u0370-\u03ff\u0400-\u04ff\ue000-\uf8ff\ufffd]")


def sign_of(code: int) -> str:
    """The sign that stands for a bare code of a font."""
    return chr(_AREA + code)


def ligatures(texts: Iterable[str]) -> Mapping[str, str]:
    """Odd signs inside words → the ligatures that make most of their words known: « Ɵ » → « ti ».

    A bare code that no word explains is what LaTeX makes of it, or nothing.
    """
    held: dict[str, Counter[str]] = {}
    for text in texts:
        if _ODD.search(text):
            for word in re.findall(r"[^\W\d_\ue000-\uf8ff\ufffd]*[\w\ue000-\uf8ff\ufffd]+", text):
                for sign in set(_ODD.findall(word)):
                    held.setdefault(sign, Counter())[word] += 1
    unexplained = {sign_of(code): _LATEX.get(code, "") for code in CODES}
    return unexplained | {sign: best for sign, words in held.items() if (best := _ligature(sign, words))}


def _ligature(sign: str, words: Counter[str]) -> str:
    judged = [word for word in words if len(word) >= 4 and len(set(_ODD.findall(word))) == 1]
    known = {ligature: sum(word.replace(sign, ligature).lower() in french_words() for word in judged) for ligature in _LIGATURES}
    best = max(_LIGATURES, key=lambda ligature: known[ligature])
    return best if judged and known[best] >= max(1, REPAIRED * len(judged)) and known[best] >= min(2, len(judged)) else ""
