"""What whole documents say of a question, for the passages cut from them.

A passage alone loses what stands elsewhere in its document: on judged sets where a document is the
answer, passages alone cost 1 to 3 points of nDCG@10 against whole documents. Each passage therefore
inherits the BM25 score and the cosine of the best document it stands in, and how far the question is
that of a document's lead: its first sentences say what it is about, whether it has a title or not.
Knows nothing of files or of the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import mapped_arrays
from index.arrays import Rows, Values, Vectors
from index.document import Document, Passage
from index.features import held_by, shares
from index.french import analyse, sentences
from index.ranking import WeightedTerms
from index.term_lists import Cut, TermLists, Vocabulary

FOLDER = "whole"  # in the folder of a version
_LEAD = 300  # characters; of one sentence, 80, 150 and 300, the best on judged sets
_LONG = 2_000  # characters: beyond, a document is long; 1,000 and 4,000 do as well


def lead_of(text: str) -> str:
    """The first sentences of a document, 300 characters or a little more."""
    opening = text[: 3 * _LEAD]
    ends = [end for _, end in sentences(opening)]
    return opening[: next((end for end in ends if end >= _LEAD), len(opening))]


@dataclass(frozen=True)
class DocumentFeatures:
    """The documents of one version of an index.

    Args:
        places: the documents each passage stands in, passage after passage.
        cut: those of each passage.
        vectors: of each document, (n_documents, dimension), unit length.
        bare: 1 of a passage under no question, 0 of the others: for them, lead and length of the document say nothing.
        shortness: how far the document of each passage is from long.
        leads: terms of each document's lead.
        vocabulary: of these terms.
    """

    places: Rows
    cut: Cut
    vectors: Vectors
    bare: Values
    shortness: Values
    leads: TermLists
    vocabulary: Vocabulary

    def inherited(self, lexical: NDArray[np.float32], vector: Vectors) -> dict[str, Values]:
        """BM25 and cosine of every passage of the index, (n_passages,) each: those of the best document it stands in.

        Args:
            lexical: BM25 of each document, (n_documents,).
            vector: of the question, (dimension,).
        """
        best = {"document_lexical": beside_best(lexical), "document_dense": beside_best(self.vectors @ vector)}
        return {name: _best(scores, self.places, self.cut) for name, scores in best.items()}

    def of(self, rows: Rows, question: WeightedTerms) -> dict[str, Values]:
        """Three features of some passages, (n_rows,) each."""
        flat, counts = self.cut.places(rows)
        documents, place = np.unique(self.places[flat], return_inverse=True)
        held = held_by(self.leads.taken(documents), question.groups, self.vocabulary)
        lead = _best(shares(held, question), place, Cut(np.cumsum(counts)))
        return {"bare": self.bare[rows], "lead_coverage": self.bare[rows] * lead, "document_shortness": self.shortness[rows]}


def save(
    folder: Path, vocabulary: Vocabulary, documents: Sequence[Document], passages: Sequence[Passage], vectors: Vectors
) -> None:
    """Write what `load` reads; `vocabulary` learns the terms of the leads, and is written apart.

    Args:
        vectors: of each passage, unit length.
    """
    numbers = {document.path: number for number, document in enumerate(documents)}
    rows = [[numbers[path] for path in (p.document, *(place.document for place in p.also))] for p in passages]
    places, cut = np.array([row for own in rows for row in own], dtype=np.int64), Cut.of(map(len, rows))
    owners = np.repeat(np.arange(len(passages)), [len(own) for own in rows])
    lengths = np.array([len(passage.text) for passage in passages], dtype=np.float32)
    sums = np.zeros((len(documents), vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, places, vectors[owners] * lengths[owners, None])
    bare = 1.0 - np.array([passage.is_asked for passage in passages], dtype=np.float64)
    sizes = [len(document.text) for document in documents]
    arrays: dict[str, NDArray[Any]] = {
        "places": places,
        "place_ends": cut.ends,
        # A document is the mean of its passages: what an encoder with a maximum length would have cut is in it.
        "vectors": sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9),
        "bare": bare,
        "shortness": bare * _best(np.log(_LONG) - np.log(np.clip(sizes, 1, _LONG)), places, cut),
        **TermLists.of([vocabulary.learn(analyse(lead_of(document.text))) for document in documents]).arrays("leads"),
    }
    mapped_arrays.save(folder / FOLDER, arrays)


def load(folder: Path, vocabulary: Vocabulary) -> DocumentFeatures:
    """What `save` wrote.

    Raises:
        OSError, ValueError: a file is missing or damaged.
    """

    def array(name: str) -> NDArray[Any]:
        return mapped_arrays.load(folder / FOLDER, name)

    return DocumentFeatures(
        places=array("places"),
        cut=Cut(array("place_ends")),
        vectors=array("vectors"),
        bare=array("bare"),
        shortness=array("shortness"),
        leads=TermLists.read("leads", array),
        vocabulary=vocabulary,
    )


def _best(scores: Values, places: Rows, cut: Cut) -> Values:
    """Scores of documents, (n_documents,) → of passages, (n_passages,): that of the best document a passage stands in."""
    if not len(cut.ends):
        return np.zeros(0)
    best: Values = np.maximum.reduceat(scores[places], cut.starts)
    return best


def beside_best(scores: NDArray[np.float32]) -> Values:
    """Scores as shares of the best one, 0..1; those below 0 are 0."""
    return np.maximum(scores, 0.0).astype(np.float64) / max(float(scores.max(initial=0.0)), 1e-9)
