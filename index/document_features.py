"""What whole documents say of a question, for the passages cut from them.

A passage alone loses what stands elsewhere in its document: on judged sets where a document is the
answer, passages alone cost 1 to 3 points of nDCG@10 against whole documents. Each passage therefore
inherits the BM25 score and the cosine of the best document it stands in, and how far the question is
that of a document's lead: its first sentences say what it is about, whether it has a title or not.
Knows nothing of files or of the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.arrays import Values, Vectors
from index.features import Cut, TermSets
from index.french import sentences
from index.ranking import WeightedTerms

_LEAD = 300  # characters; of one sentence, 80, 150 and 300, the best on judged sets
_LONG = 2_000  # characters: beyond, a document is long; 1,000 and 4,000 do as well


def lead_of(text: str) -> str:
    """The first sentences of a document, 300 characters or a little more."""
    opening = text[: 3 * _LEAD]
    ends = [end for _, end in sentences(opening)]
    return opening[: next((end for end in ends if end >= _LEAD), len(opening))]


class DocumentFeatures:
    """The documents of one version of an index.

    Args:
        places: for each passage, the rows of the documents it stands in.
        lengths: of each passage, in characters.
        vectors: of each passage, unit length.
        is_asked: whether each passage stands under a question: the lead and the length of its document then say nothing.
        leads: the terms of each document's lead.
        sizes: of each document, in characters.
    """

    def __init__(
        self,
        places: Sequence[Sequence[int]],
        lengths: Sequence[int],
        vectors: Vectors,
        is_asked: Sequence[bool],
        leads: Sequence[frozenset[str]],
        sizes: Sequence[int],
    ) -> None:
        self._cut = Cut.of(map(len, places))
        self._documents = np.array([row for rows in places for row in rows], dtype=np.int64)
        owners = np.repeat(np.arange(len(places)), self._cut.counts)
        sums = np.zeros((len(leads), vectors.shape[1]), dtype=np.float32)
        np.add.at(sums, self._documents, vectors[owners] * np.array(lengths, dtype=np.float32)[owners, None])
        # A document is the mean of its passages: what an encoder with a maximum length would have cut is in it.
        self._vectors = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        self._leads = TermSets(leads)
        self._bare = 1.0 - np.array(is_asked, dtype=np.float64)
        self._shortness = self._bare * self._inherited(np.log(_LONG) - np.log(np.clip(sizes, 1, _LONG)))

    def features(self, lexical: NDArray[np.float32], vector: Vectors, question: WeightedTerms) -> dict[str, Values]:
        """Five features of every passage of the index, (n_passages,) each, from the best of the documents it stands in.

        Args:
            lexical: BM25 of each document, (n_documents,).
            vector: of the question, (dimension,).
            question: the terms of the question.
        """
        return {
            "document_lexical": self._inherited(_shares(lexical)),
            "document_dense": self._inherited(_shares(self._vectors @ vector)),
            "bare": self._bare,
            "lead_coverage": self._bare * self._inherited(self._leads.coverage(question)),
            "document_shortness": self._shortness,
        }

    def _inherited(self, scores: Values) -> Values:
        """Scores of documents, (n_documents,) → of passages, (n_passages,): that of the best document a passage stands in."""
        if not len(self._documents):
            return np.zeros(0)
        best: Values = np.maximum.reduceat(scores[self._documents], self._cut.starts)
        return best


def _shares(scores: NDArray[np.float32]) -> Values:
    """Scores as shares of the best one, 0..1; those below 0 are 0."""
    return np.maximum(scores, 0.0).astype(np.float64) / max(float(scores.max(initial=0.0)), 1e-9)
