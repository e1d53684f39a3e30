"""What the words of each passage say to the ranking, laid out as arrays when an index is built.

Of a passage: the terms of its headings and sentences in order, its title, what its headings ask, the names of what its document
is about, the kinds of figures it holds. A search reads those of its candidates. Knows nothing of vectors or scores.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from index import mapped_arrays
from index.arrays import Ids, Rows, Values
from index.document import Passage
from index.figures import WantedFigure, held
from index.french import analyse, interrogatives, sentences, stem
from index.term_lists import Cut, TermLists, Vocabulary

T = TypeVar("T", bound=Hashable)
FOLDER = "terms"  # in the folder of a version
_ASKED = "asked.json"
_KINDS = ("date", "duration", "money", "percent", "number")  # of figures; the place of each is its bit
Names = tuple[frozenset[str], ...]  # of what a document is about, the terms of each


@dataclass(frozen=True)
class PassageTerms:
    """The terms of n passages. A part is a heading or alias, or a sentence; an empty one stands where there is none.

    Args:
        vocabulary: of all that is numbered here.
        parts: terms of each part, passage after passage, headings first.
        passages: the parts of each passage.
        heading_counts: how many of them are headings or aliases, (n,).
        heading_idf: the idf of each part that is a heading, 0 of a sentence, (n_parts,).
        asks: what each part asks for when it is a heading, as a place in `asked`, (n_parts,).
        asked: kinds of question words, each once.
        titles: which of `title_terms` is that of each passage, (n,).
        subjects: which row of `subject_names` each passage has, (n,).
        subject_names: which of `names` a document goes by.
        kinds: bits of the kinds of figures that each passage holds, (n,).
        counted: what is counted in each passage.
    """

    vocabulary: Vocabulary
    parts: TermLists
    passages: Cut
    heading_counts: Ids
    heading_idf: Values
    asks: Ids
    asked: Sequence[frozenset[str]]
    titles: Ids
    title_terms: TermLists
    subjects: Ids
    subject_names: Cut
    names: TermLists
    kinds: NDArray[np.uint8]
    counted: TermLists

    def __len__(self) -> int:
        return len(self.titles)

    def names_of(self, subject: int) -> Names:
        """The names of what a document is about, by its place in `subject_names`."""
        rows = range(*self.subject_names.span(subject))
        return tuple(frozenset(map(self.vocabulary.term, self.names.of_row(row))) for row in rows)

    def hold_figure(self, rows: Rows, want: WantedFigure, same: frozenset[str]) -> NDArray[np.bool_]:
        """Whether some passages hold a figure of the wanted kind, (n_rows,); see `figures.Held.answers`."""
        if want.kind != "count":
            return (self.kinds[rows] >> _KINDS.index(want.kind)) & 1 > 0
        nouns = self.vocabulary.known({stem(want.noun), *same})
        found: NDArray[np.bool_] = self.counted.taken(rows).held([nouns], len(self.vocabulary))[0]
        return found


def save(
    folder: Path,
    vocabulary: Vocabulary,
    passages: Sequence[Passage],
    names: Callable[[Passage], Sequence[str]],
    idf: Callable[[str], float],
) -> None:
    """Write what `load` reads; `vocabulary` learns the terms, and is written apart.

    Args:
        names: of what the document of a passage is about.
        idf: inverse document frequency of a term.
    """
    parts: list[list[int]] = []
    counted, part_counts, heading_counts, kinds = [], [], [], []
    heading_idf: list[float] = []
    asked, titles, subjects = _Distinct[frozenset[str]](), _Distinct[str](), _Distinct[tuple[str, ...]]()
    for passage in passages:
        headings = [passage.searched_heading, *passage.aliases]
        told = [passage.text[start:end] for start, end in sentences(passage.text)] or [""]
        own = [analyse(text) for text in [*headings, *told]]
        parts += map(vocabulary.learn, own)
        heading_idf += [sum(map(idf, sorted(set(terms)))) for terms in own[: len(headings)]] + [0.0] * len(told)
        for asks in [*map(interrogatives, headings), *[frozenset[str]()] * len(told)]:
            asked.add(asks)
        titles.add(passage.subject)
        subjects.add(tuple(names(passage)))
        part_counts.append(len(own))
        heading_counts.append(len(headings))
        figures = held(passage.text)
        kinds.append(sum(1 << bit for bit, kind in enumerate(_KINDS) if kind in figures.kinds))
        counted.append(vocabulary.learn(sorted(figures.counted)))
    arrays: dict[str, NDArray[Any]] = {
        "passages": Cut.of(part_counts).ends,
        "heading_counts": np.array(heading_counts, dtype=np.int32),
        "heading_idf": np.array(heading_idf, dtype=np.float64),
        "asks": np.array(asked.places, dtype=np.int32),
        "titles": np.array(titles.places, dtype=np.int32),
        "subjects": np.array(subjects.places, dtype=np.int32),
        "subject_names": Cut.of(map(len, subjects.values())).ends,
        "kinds": np.array(kinds, dtype=np.uint8),
        **TermLists.of(parts).arrays("parts"),
        **TermLists.of(list(map(vocabulary.learn, map(analyse, titles.values())))).arrays("title_terms"),
        **TermLists.of([vocabulary.learn(analyse(name)) for own in subjects.values() for name in own]).arrays("names"),
        **TermLists.of(counted).arrays("counted"),
    }
    mapped_arrays.save(folder / FOLDER, arrays)
    kept = json.dumps([sorted(asks) for asks in asked.values()])
    (folder / FOLDER / _ASKED).write_text(kept, encoding="utf-8")


def load(folder: Path, vocabulary: Vocabulary) -> PassageTerms:
    """What `save` wrote.

    Raises:
        OSError, ValueError: a file is missing or damaged.
    """
    own = folder / FOLDER

    def array(name: str) -> NDArray[Any]:
        return mapped_arrays.load(own, name)

    def lists(name: str) -> TermLists:
        return TermLists.read(name, array)

    return PassageTerms(
        vocabulary=vocabulary,
        parts=lists("parts"),
        passages=Cut(array("passages")),
        heading_counts=array("heading_counts"),
        heading_idf=array("heading_idf"),
        asks=array("asks"),
        asked=[frozenset(asks) for asks in json.loads((own / _ASKED).read_text(encoding="utf-8"))],
        titles=array("titles"),
        title_terms=lists("title_terms"),
        subjects=array("subjects"),
        subject_names=Cut(array("subject_names")),
        names=lists("names"),
        kinds=array("kinds"),
        counted=lists("counted"),
    )


class _Distinct(Generic[T]):
    """Values in the order in which they come, and the place of each among the distinct ones."""

    def __init__(self) -> None:
        self.places: list[int] = []
        self._known: dict[T, int] = {}

    def add(self, value: T) -> None:
        """One more value."""
        self.places.append(self._known.setdefault(value, len(self._known)))

    def values(self) -> list[T]:
        """The distinct ones."""
        return list(self._known)
