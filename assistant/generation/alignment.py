"""A sentence laid word by word on the passages that it cites: which of their words say what each of its own says, and how surely.

Two words are near by form (same stem, same family, an acronym and its words), by meaning (`wordings.yaml`) or by place: the
vectors of words read in their text by the encoder, the mean of the text taken off (« mairie » stands where « collectivité »
stood). Few segments of the passages are kept, those that carry most. Decides nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assistant.generation.statement import StatedWord, Statement
from index.arrays import Floats

SAME, FAMILY, SENSE = 1.0, 0.9, 0.85  # how near two words are by form or meaning
_SHORTEST_FAMILY = 5  # letters that words of one family begin with
_SEGMENTS = 4  # of the passages, at most
_WORTH = 0.45  # what one more segment must carry that the others do not, in words


@dataclass(frozen=True)
class Source:
    """A passage as it is compared: its statement, the words of its title and headings first, and the vectors of its words."""

    number: int
    statement: Statement
    head: int  # words of its title and headings
    vectors: Floats  # (n_words, dimension), unit vectors


class Alignment:
    """A sentence on some sources.

    Args:
        vectors: of the words of the sentence, (n_words, dimension).
        sources: those it cites, one at least.
    """

    def __init__(self, sentence: Statement, vectors: Floats, sources: Sequence[Source]) -> None:
        self.sentence = sentence
        self.sources = sources
        self.words: list[StatedWord] = [word for source in sources for word in source.statement.words]
        self.owner = np.repeat(np.arange(len(sources)), [len(source.statement.words) for source in sources])
        starts = np.cumsum([0, *(len(source.statement.words) for source in sources)])
        self.starts = [int(start) for start in starts[:-1]]
        theirs = np.concatenate([source.vectors for source in sources]) if self.words else np.zeros((0, vectors.shape[1]))
        self.soft: Floats = vectors @ theirs.T
        self.lexical = _lexical(sentence.words, self.words)
        self.near: Floats = np.maximum(self.lexical * (0.9 + 0.1 * np.clip(self.soft, 0, 1)), np.clip(self.soft * 1.15, 0, 0.97))

    @cached_property
    def content(self) -> list[int]:
        """The words of the sentence that state something."""
        return list(self.sentence.content())

    @cached_property
    def segments(self) -> list[tuple[int, int]]:
        """Those of all sources, in the words of all: first and after the last."""
        return [
            (start + first, start + last)
            for start, source in zip(self.starts, self.sources, strict=True)
            for first, last in source.statement.segments
        ]

    @cached_property
    def chosen(self) -> list[tuple[int, int]]:
        """The segments that carry the sentence, the one that carries most first."""
        if not self.content or not self.segments:
            return []
        rows = self.near[self.content]
        each = np.stack([rows[:, first:last].max(axis=1) for first, last in self.segments])  # (n_segments, n_content)
        head = np.zeros(len(self.content), dtype=np.float32)
        for start, source in zip(self.starts, self.sources, strict=True):
            if source.head:
                head = np.maximum(head, 0.8 * rows[:, start : start + source.head].max(axis=1))
        found: list[int] = []
        carried = np.zeros(len(self.content), dtype=np.float32)
        while len(found) < _SEGMENTS:
            base = carried if found else np.minimum(head, 0)
            gains = np.maximum(each - base, 0).sum(axis=1)
            gains[found] = 0
            best = int(np.argmax(gains))
            if found and gains[best] < _WORTH:
                break
            found.append(best)
            carried = np.maximum(carried, each[best])
        return [self.segments[place] for place in found]

    @cached_property
    def kept(self) -> Floats:
        """Which words of the sources are read: of the chosen segments, 1, and of the heads of their passages, 1."""
        mask = np.zeros(len(self.words), dtype=np.float32)
        for first, last in self.chosen:
            mask[first:last] = 1
            owner = int(self.owner[first])
            mask[self.starts[owner] : self.starts[owner] + self.sources[owner].head] = 1
        return mask

    @cached_property
    def best(self) -> Floats:
        """How near the nearest kept word is, of each word of the sentence, (n_words,)."""
        return (self.near * self.kept).max(axis=1) if len(self.words) else np.zeros(len(self.sentence.words), dtype=np.float32)

    @cached_property
    def partner(self) -> list[int]:
        """Which kept word is the nearest, of each word of the sentence."""
        return [int(place) for place in (self.near * self.kept).argmax(axis=1)] if len(self.words) else []

    @cached_property
    def anywhere(self) -> Floats:
        """How near the nearest word of all sources is, (n_words,)."""
        return self.near.max(axis=1) if len(self.words) else np.zeros(len(self.sentence.words), dtype=np.float32)


def _lexical(own: Sequence[StatedWord], others: Sequence[StatedWord]) -> Floats:
    """`near` of all pairs, (n_own, n_others); only those that can be near are looked at."""
    stems: dict[str, list[int]] = defaultdict(list)
    senses: dict[int, list[int]] = defaultdict(list)
    starts: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(others):
        stems[word.stem].append(place)
        if word.tells and not word.is_figure:
            starts[word.folded[:_SHORTEST_FAMILY]].append(place)
            for sense in word.meanings.senses:
                senses[sense].append(place)
    found = np.zeros((len(own), len(others)), dtype=np.float32)
    for row, word in enumerate(own):
        if word.tells and not word.is_figure:
            for sense in word.meanings.senses:
                found[row, senses.get(sense, [])] = SENSE
            for place in starts.get(word.folded[:_SHORTEST_FAMILY], ()):
                if _of_one_family(word.folded, others[place].folded):
                    found[row, place] = FAMILY
        found[row, stems.get(word.stem, [])] = SAME
    return found


def near(one: StatedWord, other: StatedWord) -> float:
    """How near two words are by form or meaning, 0..1."""
    if one.stem == other.stem or one.folded == other.folded:
        return SAME
    if one.is_figure or other.is_figure or not one.tells or not other.tells:
        return 0.0
    if _of_one_family(one.folded, other.folded):
        return FAMILY
    return SENSE if one.meanings.says(other.meanings) else 0.0


def _of_one_family(one: str, other: str) -> bool:
    """« financement » and « financeur »: they begin alike, for most of the shorter."""
    shorter = min(len(one), len(other))
    if shorter < _SHORTEST_FAMILY:
        return False
    shared = next((place for place in range(shorter) if one[place] != other[place]), shorter)
    return shared >= _SHORTEST_FAMILY and shared >= 0.62 * max(len(one), len(other)) or shared >= 6 and shared >= 0.75 * shorter


def acronym_of(name: str, words: Sequence[StatedWord]) -> bool:
    """Whether a folded acronym is the initials of words that follow each other, small ones left out or not."""
    every = "".join(word.folded[0] for word in words)
    main = "".join(word.folded[0] for word in words if len(word.folded) > 3 or word.is_name)
    return len(name) > 1 and (name in every or name in main)
