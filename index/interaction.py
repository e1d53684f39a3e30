"""Late interaction: each word of a question meets its nearest word in a passage or heading.

A mean of vectors blurs which words agree; here every word of the question finds its best match
(MaxSim, Khattab & Zaharia 2020, ColBERT) among single-word vectors made once per index version.
« toubib » then meets « médecin » inside the one heading that speaks of it. Pure numbers; knows
nothing of files, stores or the encoder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.french import STOP_WORDS, words

_UNRELATED = 0.25  # 99 % of the pairs of words taken at random have a cosine below .20; scaled to 0
Rows = NDArray[np.int64]


def content_words(text: str) -> list[str]:
    """The distinct words of a text that carry meaning, folded, in order."""
    return [word for word in dict.fromkeys(words(text)) if word not in STOP_WORDS]


def vocabulary_of(texts: Iterable[str]) -> list[str]:
    """Every content word of some texts, sorted: row i of the word vectors is word i."""
    return sorted({word for text in texts for word in content_words(text)})


@dataclass(frozen=True)
class Nearness:
    """How near each word of one question is to every word of the vocabulary, 0..1."""

    weights: NDArray[np.float32]  # (n_words,) of the question's words, sums to 1
    matrix: NDArray[np.float32]  # (n_words, vocabulary)

    def coverage(self, rows: Rows, counts: Rows) -> NDArray[np.float32]:
        """Weighted share of the question met by each list of words, (n_lists,), 0..1; 0 for an empty one.

        Args:
            rows: the words of every list, end to end.
            counts: how many words each list has.
        """
        found = np.zeros(len(counts), dtype=np.float32)
        if len(rows) and len(self.weights):
            full = counts > 0
            starts = (np.cumsum(counts) - counts)[full]
            found[full] = self.weights @ np.maximum.reduceat(self.matrix[:, rows], starts, axis=1)
        return found

    def precision(self, rows: Rows, counts: Rows, importance: NDArray[np.float32]) -> NDArray[np.float32]:
        """Weighted share of each list's words met by the question, likewise; `importance` is (vocabulary,)."""
        found = np.zeros(len(counts), dtype=np.float32)
        if len(rows) and len(self.weights):
            full = counts > 0
            starts = (np.cumsum(counts) - counts)[full]
            own = importance[rows]
            met = np.add.reduceat(self.matrix.max(axis=0)[rows] * own, starts)
            found[full] = met / np.add.reduceat(own, starts)
        return found


def nearness(
    alternatives: Sequence[NDArray[np.float32]], weights: Sequence[float], vocabulary: NDArray[np.float32], same: Sequence[Rows]
) -> Nearness:
    """Compare a question's words with a vocabulary.

    Args:
        alternatives: for each word, unit vectors (n, dimension) of the word and what may stand for it.
        weights: of each word, > 0.
        vocabulary: unit vectors of the index's words, (vocabulary, dimension).
        same: for each word, the rows of the vocabulary that are the same word: nearness 1.
    """
    matrix = np.zeros((len(alternatives), len(vocabulary)), dtype=np.float32)
    if alternatives:
        ends = np.cumsum([len(vectors) for vectors in alternatives])
        cosines = np.concatenate(alternatives) @ vocabulary.T  # one product: several cost as many passes over the vocabulary
        for row, (own, equal) in enumerate(zip(np.split(cosines, ends[:-1]), same, strict=True)):
            matrix[row] = np.clip((own.max(axis=0) - _UNRELATED) / (1 - _UNRELATED), 0.0, 1.0)
            matrix[row, equal] = 1.0
    total = np.asarray(weights, dtype=np.float32)
    return Nearness(total / (total.sum() or 1.0), matrix)
