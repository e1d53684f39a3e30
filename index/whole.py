"""What whole documents say of a question, for the passages cut from them.

A passage alone loses what stands elsewhere in its document: on judged sets where a document is the
answer, passages alone cost 1 to 3 points of nDCG@10 against whole documents. Each passage therefore
inherits the BM25 score and the cosine of the best document it stands in. Pure numbers; knows nothing
of files, terms or the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.evidence import Cut, Values, Vectors


class Whole:
    """The documents of one version of an index.

    Args:
        places: for each passage, the rows of the documents it stands in.
        lengths: of each passage, in characters.
        vectors: of each passage, unit length.
        documents: how many documents there are.
    """

    def __init__(self, places: Sequence[Sequence[int]], lengths: Sequence[int], vectors: Vectors, documents: int) -> None:
        self._cut = Cut.of(map(len, places))
        self._documents = np.array([row for rows in places for row in rows], dtype=np.int64)
        owners = np.repeat(np.arange(len(places)), self._cut.counts)
        sums = np.zeros((documents, vectors.shape[1]), dtype=np.float32)
        np.add.at(sums, self._documents, vectors[owners] * np.array(lengths, dtype=np.float32)[owners, None])
        # A document is the mean of its passages: what an encoder with a maximum length would have cut is in it.
        self._vectors = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)

    def features(self, lexical: NDArray[np.float32], vector: Vectors) -> dict[str, Values]:
        """For every passage, its document's share of the best document's score.

        Args:
            lexical: BM25 of each document.
            vector: of the question.
        """
        return {"document_lexical": self._inherited(lexical), "document_dense": self._inherited(self._vectors @ vector)}

    def _inherited(self, scores: NDArray[np.float32]) -> Values:
        if not len(self._documents):
            return np.zeros(0)
        shares = np.maximum(scores, 0.0) / max(float(scores.max(initial=0.0)), 1e-9)
        best: Values = np.maximum.reduceat(shares[self._documents], self._cut.starts).astype(np.float64)
        return best
