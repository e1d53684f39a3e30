"""Lists of search terms as numbers, one after the other: which of them hold what a question asks?

A question asks it of its candidates only: their lists are read, whatever the size of the base. Terms are numbered by one
`Vocabulary` a version. Knows nothing of passages or questions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arrays import Ids, Rows

Holdings = NDArray[np.bool_]  # (n_groups, n_lists): whether each list holds a term of each group
_FILE = "vocabulary.json"  # in the folder of a version
_WORD = 64  # groups that are told apart in one pass: bits of an integer


class Vocabulary:
    """Terms and their numbers, in the order in which they came."""

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self.terms = list(dict.fromkeys(terms))  # the place of each is its number
        self._numbers = {term: number for number, term in enumerate(self.terms)}

    def __len__(self) -> int:
        return len(self.terms)

    def save(self, folder: Path) -> None:
        """Keep it in the folder of a version."""
        (folder / _FILE).write_text(json.dumps(self.terms, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """What `save` kept.

        Raises:
            OSError, ValueError: the file is missing or damaged.
        """
        return cls(json.loads((folder / _FILE).read_text(encoding="utf-8")))

    def learn(self, terms: Iterable[str]) -> list[int]:
        """The numbers of terms; those met for the first time get one."""
        found = []
        for term in terms:
            number = self._numbers.setdefault(term, len(self.terms))
            if number == len(self.terms):
                self.terms.append(term)
            found.append(number)
        return found

    def known(self, terms: Iterable[str]) -> list[int]:
        """The numbers of the terms that have one."""
        return [self._numbers[term] for term in terms if term in self._numbers]

    def term(self, number: int) -> str:
        """The term of a number."""
        return self.terms[number]


@dataclass(frozen=True)
class Cut:
    """How a flat list is cut into consecutive parts, one a row; `ends[row]` is where that of a row ends."""

    ends: Rows

    @classmethod
    def of(cls, counts: Iterable[int]) -> Cut:
        """The cut of a list whose parts have these lengths."""
        return cls(np.cumsum(np.fromiter(counts, dtype=np.int64), dtype=np.int64))

    @property
    def starts(self) -> Rows:
        """Where the part of each row begins."""
        return np.concatenate([np.zeros(min(1, len(self.ends)), dtype=np.int64), self.ends[:-1]])

    def span(self, row: int) -> tuple[int, int]:
        """Where the part of one row begins and ends."""
        return (int(self.ends[row - 1]) if row else 0), int(self.ends[row])

    def bounds(self, rows: Rows | Ids) -> tuple[Rows, Rows]:
        """Where the parts of some rows begin and end."""
        starts: Rows = np.where(rows > 0, self.ends[rows - 1], 0)
        return starts, self.ends[rows]

    def places(self, rows: Rows | Ids) -> tuple[Rows, Rows]:
        """Places in the flat list of the parts of some rows, and how many each has."""
        starts, ends = self.bounds(rows)
        counts = ends - starts
        return spread(starts, counts), counts


def spread(starts: Rows, counts: Rows) -> Rows:
    """Runs of consecutive places, one after the other: starts 3, 10 and counts 2, 3 → 3, 4, 10, 11, 12."""
    flat: Rows = np.arange(int(counts.sum())) + np.repeat(starts - (np.cumsum(counts) - counts), counts)
    return flat


@dataclass(frozen=True)
class TermLists:
    """n lists of term numbers, with their order and repeats."""

    numbers: Ids
    cut: Cut

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> TermLists:
        """Lists of numbers laid out one after the other."""
        flat = np.fromiter((number for own in lists for number in own), dtype=np.int32)
        return cls(flat, Cut.of(map(len, lists)))

    @classmethod
    def read(cls, name: str, array: Callable[[str], NDArray[Any]]) -> TermLists:
        """What `arrays` gave under a name; `array` reads one of them."""
        return cls(array(name), Cut(array(f"{name}_ends")))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays it is made of, by name, for `read`."""
        return {name: self.numbers, f"{name}_ends": self.cut.ends}

    def __len__(self) -> int:
        return len(self.cut.ends)

    def of_row(self, row: int) -> list[int]:
        """One list."""
        own: list[int] = self.numbers[slice(*self.cut.span(row))].tolist()
        return own

    def taken(self, rows: Rows | Ids) -> TermLists:
        """Some of the lists, in memory."""
        places, counts = self.cut.places(rows)
        return TermLists(self.numbers[places], Cut(np.cumsum(counts)))

    def held(self, groups: Sequence[Sequence[int]], size: int) -> Holdings:
        """Whether each list holds a term of each group, (n_groups, n_lists).

        Args:
            groups: of numbers of terms.
            size: of the vocabulary.
        """
        found = np.zeros((len(groups), len(self)), dtype=bool)
        starts = self.cut.starts
        filled = np.flatnonzero(self.cut.ends > starts)
        if not len(filled):
            return found
        for first in range(0, len(groups), _WORD):
            signs = np.zeros(size, dtype=np.uint64)
            for bit, group in enumerate(groups[first : first + _WORD]):
                signs[list(group)] |= np.uint64(1 << bit)
            seen = np.bitwise_or.reduceat(signs[self.numbers], starts[filled])
            for bit in range(min(_WORD, len(groups) - first)):
                found[first + bit, filled] = (seen >> np.uint64(bit)) & np.uint64(1) > 0
        return found

    def neighbours(self, pairs: Sequence[tuple[int, int]]) -> Holdings:
        """Whether the terms of each pair follow one another in each list, (n_pairs, n_lists)."""
        found = np.zeros((len(pairs), len(self)), dtype=bool)
        if len(self.numbers) < 2:
            return found
        last = np.zeros(len(self.numbers), dtype=bool)
        last[self.cut.ends[self.cut.ends > 0] - 1] = True
        for row, (one, other) in enumerate(pairs):
            places = np.flatnonzero(self.numbers[:-1] == one)
            places = places[(self.numbers[places + 1] == other) & ~last[places]]
            found[row, np.searchsorted(self.cut.ends, places, side="right")] = True
        return found
