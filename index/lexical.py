"""Terms → BM25 postings, and the vocabulary of the index. The only module that imports bm25s.

Knows nothing of passages: a « text » here is a list of search terms (`french.analyse`). Postings are left on the disk: a
question reads those of its terms.
BM25: Robertson & Zaragoza 2009, « The Probabilistic Relevance Framework »; variant « lucene ».
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import mapped_arrays
from index.arrays import Ids, Rows
from index.errors import IndexCorrupt

TERMS, PIECES, WHOLE = "lexical", "pieces", "documents"  # folders of a version: terms of passages, pieces of words, documents
# Chosen on sets apart: b .75 → .631, .6 → .628 (nDCG@10, BM25 alone, mean of four); k1 between .6 and 1.5 moves it by .004.
K1, B = 0.9, 0.75


class Postings(NamedTuple):
    """What each term adds to the texts that hold it, term after term."""

    scores: NDArray[np.float32]  # (n_postings,)
    texts: Ids  # (n_postings,)
    ends: Rows  # (n_terms + 1,): those of term t are from ends[t] to ends[t + 1]


class LexicalIndex:
    """BM25 over n texts; scores are >= 0, larger is better.

    Args:
        postings: of each term of `frequencies`, in their order.
        frequencies: term → number of texts that hold it.
        size: how many texts there are.
    """

    def __init__(self, postings: Postings, frequencies: dict[str, int], size: int) -> None:
        self._postings = postings
        self.frequencies = frequencies
        self.size = size
        self._numbers = {term: number for number, term in enumerate(frequencies)}

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> LexicalIndex:
        """Index n lists of terms."""
        frequencies = Counter(term for text in texts for term in dict.fromkeys(text))
        if not frequencies:
            nothing = Postings(np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int32), np.zeros(1, dtype=np.int64))
            return cls(nothing, {}, len(texts))
        import bm25s  # only a build needs it, and it takes a while to import

        postings = bm25s.BM25(k1=K1, b=B, method="lucene")
        numbers = {term: number for number, term in enumerate(frequencies)}
        ids = [[numbers[term] for term in text] for text in texts]
        postings.index((ids, numbers), create_empty_token=False, show_progress=False)
        kept = postings.scores
        return cls(Postings(kept["data"], kept["indices"], kept["indptr"].astype(np.int64)), dict(frequencies), len(texts))

    def scores(self, terms: Sequence[str], weights: Sequence[float] | None = None) -> NDArray[np.float32]:
        """BM25 score of every text for weighted query terms, shape (n,). Unknown terms add nothing."""
        total = np.zeros(self.size, dtype=np.float32)
        scores, texts, ends = self._postings
        for term, weight in zip(terms, weights or [1.0] * len(terms), strict=True):
            if (number := self._numbers.get(term)) is not None:
                own = slice(ends[number], ends[number + 1])
                # Twice as fast as adding to a selection; the weight of most terms is 1.
                np.add.at(total, texts[own], scores[own] if weight == 1 else np.float32(weight) * scores[own])
        return total

    def idf(self, term: str) -> float:
        """Inverse document frequency, BM25's; the highest value for a term the index never saw."""
        seen = self.frequencies.get(term, 0)
        return math.log(1 + (self.size - seen + 0.5) / (seen + 0.5))

    def save(self, folder: Path) -> None:
        """Write what `load` reads: the arrays of the postings, and `frequencies.json`."""
        mapped_arrays.save(folder, self._postings._asdict())
        stored = {"size": self.size, "terms": self.frequencies}  # in their order, which is that of the postings
        (folder / "frequencies.json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """What `save` wrote.

        Raises:
            IndexCorrupt: a file is missing or damaged.
        """
        try:
            stored = json.loads((folder / "frequencies.json").read_text(encoding="utf-8"))
            postings = Postings(*(mapped_arrays.load(folder, name) for name in Postings._fields))
            terms, size = dict(stored["terms"]), int(stored["size"])
            if len(postings.ends) != len(terms) + 1 or not len(postings.scores) == len(postings.texts) == postings.ends[-1]:
                raise ValueError("cut")
        # Everything: on 2,500 damaged files, what reads JSON and arrays raised a dozen types, tokenize.TokenError and
        # zipfile.BadZipFile among them; each means that the file is damaged.
        except Exception as error:
            raise IndexCorrupt("L'index lexical est illisible. Reconstruisez : python -m index build knowledge") from error
        return cls(postings, terms, size)
