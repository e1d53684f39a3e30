"""Words that say the same, and words that exclude each other: `wordings.yaml`, as sentence and source are compared.

A wording is one word (all its forms, by stem), a beginning (« financ* ») or an expression (« coup de pouce »). Knows nothing of
sentences or sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from index.french import fold, stem

FILE = Path(__file__).with_name("wordings.yaml")
Meaning = tuple[int, int]  # a line of contraries, and which of its sides


@dataclass(frozen=True)
class Meanings:
    """What a word may stand for: lines of synonyms by number, and sides of contraries."""

    senses: frozenset[int] = frozenset()
    sides: frozenset[Meaning] = frozenset()

    def __or__(self, other: Meanings) -> Meanings:
        return Meanings(self.senses | other.senses, self.sides | other.sides)

    def says(self, other: Meanings) -> bool:
        """Whether one may be written for the other."""
        return bool(self.senses & other.senses)

    def excludes(self, other: Meanings) -> bool:
        """Whether both cannot be true of the same: two sides of one line, and neither on the other's side."""
        lines = {line for line, _ in self.sides} & {line for line, _ in other.sides}
        return any(
            not {side for own, side in self.sides if own == line} & {side for own, side in other.sides if own == line}
            for line in lines
        )


_NONE = Meanings()


class Wordings:
    """The lines of a file of wordings, ready to be looked up."""

    def __init__(
        self, light: Iterable[str], senses: Sequence[Sequence[str]], contraries: Sequence[Sequence[Sequence[str]]]
    ) -> None:
        self._stems: dict[str, Meanings] = {}
        self._beginnings: dict[str, Meanings] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], Meanings]]] = {}
        self._light_stems: set[str] = set()
        self._light_beginnings: list[str] = []
        for word in light:
            if word.endswith("*"):
                self._light_beginnings.append(fold(word[:-1]))
            else:
                self._light_stems.add(stem(fold(word)))
        for number, line in enumerate(senses):
            for wording in line:
                self._add(wording, Meanings(frozenset({number})))
        for number, sides in enumerate(contraries):
            for side, line in enumerate(sides):
                for wording in line:
                    self._add(wording, Meanings(frozenset(), frozenset({(number, side)})))

    @classmethod
    @cache
    def load(cls, path: Path = FILE) -> Wordings:
        """Those of a file."""
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(
            rows["legers"].split(),
            [_wordings(line) for line in rows["synonymes"]],
            [[_wordings(side) for side in line.split("|")] for line in rows["contraires"]],
        )

    def _add(self, wording: str, meanings: Meanings) -> None:
        tokens = tuple(fold(wording).replace("'", " ").replace("-", " ").split())
        if len(tokens) > 1:
            self._phrases.setdefault(tokens[0], []).append((tokens, meanings))
        elif tokens[0].endswith("*"):
            self._beginnings[tokens[0][:-1]] = self._beginnings.get(tokens[0][:-1], _NONE) | meanings
        else:
            self._stems[stem(tokens[0])] = self._stems.get(stem(tokens[0]), _NONE) | meanings

    @lru_cache(maxsize=50_000)  # noqa: B019 - one object a file
    def of(self, word: str) -> Meanings:
        """Of one folded word."""
        found = self._stems.get(stem(word), _NONE)
        for length in range(2, len(word) + 1):
            if more := self._beginnings.get(word[:length]):
                found |= more
        return found

    @lru_cache(maxsize=50_000)  # noqa: B019
    def is_light(self, word: str) -> bool:
        """Whether a folded word states nothing by itself."""
        return stem(word) in self._light_stems or word.startswith(tuple(self._light_beginnings))

    def of_all(self, words: Sequence[str]) -> list[Meanings]:
        """Of folded words in order: each word's own, and that of the expressions it is part of."""
        found = [self.of(word) for word in words]
        for place, word in enumerate(words):
            for phrase, meanings in self._phrases.get(word, ()):
                if tuple(words[place : place + len(phrase)]) == phrase:
                    for at in range(place, place + len(phrase)):
                        found[at] |= meanings
        return found


def _wordings(line: str) -> list[str]:
    return [wording.strip() for wording in line.split(",") if wording.strip()]
