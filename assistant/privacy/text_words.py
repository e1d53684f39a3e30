"""A text → its words, each with its neighbours and what it looks like: a first name, a place, a word of French, a stranger.

Knows three lists (first names, places, `name_words.yaml`) and the words of French; nothing of what makes a word a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import yaml

from index.french import STOP_WORDS, fold
from index.loaders.text_quality import french_words

_FOLDER = Path(__file__).parent
FIRST_NAMES, PLACES, NAME_WORDS = (_FOLDER / name for name in ("first_names.txt", "places.txt", "name_words.yaml"))
_SHOUTED = 40  # letters from which a text in capitals is read as if it were in small letters: they tell nothing
_ACRONYM = 4  # letters that an acronym has at most
_WORD = re.compile(
    r"(?!MM?\.)[A-ZÀ-Ý]\.(?:[ -]?[A-ZÀ-Ý]\.)?(?=[ -]?[A-ZÀ-Ý])|\b(?:[^\W\d_]\.-?){2}(?=\s?[^\W\d_]{3})|"  # initials: « J.-C. »
    r"[ODNM]['’][A-ZÀ-Ý][^\W\d_]+(?:-[^\W\d_]+)*|"  # « D'Amico »
    r"[^\W\d_]+(?:-[^\W\d_]+)*\.?|\d+|[^\s\w]"
)
_ELIDED = frozenset("l d j m n s t c qu jusqu lorsqu puisqu quoiqu".split())
# « va-t-il », « celle-ci ».
_INVERTED = re.compile(r"-(?:t-)?(?:il|elle|on|je|tu|nous|vous|ils|elles|ce|ci|la|moi|toi|lui|leur|y|en|le|les)$")
_PLACE = re.compile(
    r"^(?:saint|sainte|st|ste|notre-dame|mont|montagne|pont|bourg|chateau|ville|villeneuve|grand|haut|bas|haute|basse|val|la|le|les|l"
    r"|port|roche|fort)(?:-|$)"
)


@lru_cache(maxsize=2)
def listed(path: Path) -> frozenset[str]:
    """The words of a list."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=1)
def _sets() -> dict[str, frozenset[str]]:
    return {key: frozenset(words.split()) for key, words in yaml.safe_load(NAME_WORDS.read_text(encoding="utf-8")).items()}


@lru_cache(maxsize=1)
def _french() -> frozenset[str]:
    return frozenset(map(fold, french_words()))


@dataclass(eq=False)
class TextWord:
    """A word, a number or a sign of a text. Before the first one and after the last stands an empty one."""

    start: int
    end: int
    text: str
    folded: str
    joined: bool = False  # only spaces stand before it
    line: int = -1
    before: TextWord | None = None
    after: TextWord | None = None

    @property
    def previous(self) -> TextWord:
        """The one before; empty before the first."""
        return self.before or _NONE

    @property
    def next(self) -> TextWord:
        """The one after; empty after the last."""
        return self.after or _NONE

    @property
    def follower(self) -> TextWord:
        """The one after, when only spaces stand between; empty otherwise."""
        return self.next if self.next.joined else _NONE

    def is_in(self, *keys: str) -> bool:
        """It stands under one of these keys of `name_words.yaml`."""
        return any(self.folded in _sets()[key] for key in keys)

    @cached_property
    def is_word(self) -> bool:
        """No number, no sign."""
        return self.text[:1].isalpha()

    @cached_property
    def has_capital(self) -> bool:
        """Its first letter is one."""
        return self.text[:1].isupper()

    @cached_property
    def is_small(self) -> bool:
        """A word without one."""
        return self.text[:1].islower()

    @cached_property
    def is_upper(self) -> bool:
        """It is all in capitals."""
        return self.text.isupper()

    @cached_property
    def is_acronym(self) -> bool:
        """It may be one, by its look."""
        return self.is_upper and len(self.text) <= _ACRONYM

    @cached_property
    def is_initial(self) -> bool:
        """« J.-C. », « L. »."""
        return self.is_word and ("." in self.text[:-1] or self.has_capital and self.text.endswith(".") and len(self.text) == 2)

    @cached_property
    def is_first_name(self) -> bool:
        """It is in the list, or each of its parts is: « Marie-Ange »."""
        return self.is_in("shortened") or all(part in listed(FIRST_NAMES) for part in self.folded.split("-"))

    @cached_property
    def is_common(self) -> bool:
        """A word of French."""
        return self.folded in _french()

    @cached_property
    def is_sure_first_name(self) -> bool:
        """A first name that is no word."""
        return self.is_first_name and not self.is_common

    @cached_property
    def is_place(self) -> bool:
        """A place has this name, or it is made as those of places are: « Saint-Affrique »."""
        return self.folded in listed(PLACES) or bool(_PLACE.match(self.folded))

    @cached_property
    def is_barred(self) -> bool:
        """A small word, or one that never names a person."""
        return self.folded in STOP_WORDS or self.is_in("never")

    @cached_property
    def may_name(self) -> bool:
        """It may be part of a name, by its look alone."""
        if self.is_initial and self.has_capital and not self.is_in("civilities"):
            return True
        if not self.is_word or self.is_barred or self.is_in("civilities") or len(self.folded) < 2:
            return False
        if self.folded in _ELIDED or _INVERTED.search(self.folded):
            return False
        return self.has_capital or self.is_first_name or not self.is_common

    @cached_property
    def is_strange(self) -> bool:
        """Neither French nor the lists of places know it, nor what it is made of: a surname may look so."""
        if not self.is_word or len(self.folded) < 3 or self.is_barred or self.is_common or self.is_place:
            return False
        return not all(part in _french() for part in self.folded.split("-"))

    @cached_property
    def opens(self) -> bool:
        """A sentence or a line begins with it."""
        return self.previous is _NONE or self.previous.text in ".!?…:" or self.previous.line != self.line


_NONE = TextWord(0, 0, "", "")


def words_of(text: str) -> Sequence[TextWord]:
    """The words, numbers and signs of a text, in order."""
    letters = [sign for sign in text if sign.isalpha()]
    if len(letters) > _SHOUTED and sum(map(str.isupper, letters)) > 0.7 * len(letters):
        text = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)
    found: list[TextWord] = []
    at = line = 0
    for match in _WORD.finditer(text):
        gap, word = text[at : match.start()], match.group()
        line += gap.count("\n")
        # The stop of a sentence is no part of its last word; that of « J. » and « Dr. » is.
        if len(word) > 2 and word.endswith(".") and "." not in word[:-1] and fold(word[:-1]) not in _sets()["civilities"]:
            word = word[:-1]
        at = match.start() + len(word)
        joined = bool(found) and not gap.strip(" \t\u00a0\u202f")
        found.append(TextWord(match.start(), at, word, fold(word).strip("."), joined, line, found[-1] if found else None))
        if len(found) > 1:
            found[-2].after = found[-1]
    return found
