"""Terms → BM25 postings, and the vocabulary of the index. The only module that imports bm25s.

Knows nothing of passages: a « text » here is a list of search terms (`french.analyse`).
BM25: Robertson & Zaragoza 2009, « The Probabilistic Relevance Framework »; variant « lucene ».
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from index.errors import IndexCorrupt

# Chosen on sets apart: b .75 → .631, .6 → .628 (nDCG@10, BM25 alone, mean of four); k1 between .6 and 1.5 moves it by .004.
K1, B = 0.9, 0.75


class LexicalIndex:
    """BM25 over n texts; scores are >= 0, larger is better."""

    def __init__(self, postings: bm25s.BM25 | None, frequencies: dict[str, int], size: int) -> None:
        self._postings = postings
        self.frequencies = frequencies  # term → number of texts that hold it
        self.size = size
        self._idf = {term: self._inverse(seen) for term, seen in frequencies.items()}
        self._unseen = self._inverse(0)

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> LexicalIndex:
        """Index n lists of terms."""
        frequencies = Counter(term for text in texts for term in set(text))
        if not frequencies:
            return cls(None, {}, len(texts))
        postings = bm25s.BM25(k1=K1, b=B, method="lucene")
        postings.index([list(text) for text in texts], show_progress=False)
        return cls(postings, dict(frequencies), len(texts))

    def scores(self, terms: Sequence[str], weights: Sequence[float] | None = None) -> NDArray[np.float32]:
        """BM25 score of every text for weighted query terms, shape (n,). Unknown terms add nothing."""
        total = np.zeros(self.size, dtype=np.float32)
        alike: dict[float, list[str]] = {}  # terms of one weight are scored in one call
        for term, weight in zip(terms, weights or [1.0] * len(terms), strict=True):
            if term in self.frequencies:
                alike.setdefault(weight, []).append(term)
        for weight, known in alike.items():
            if self._postings is not None:
                total += weight * self._postings.get_scores(known)
        return total

    def idf(self, term: str) -> float:
        """Inverse document frequency, BM25's; the highest value for a term the index never saw."""
        return self._idf.get(term, self._unseen)

    def _inverse(self, seen: int) -> float:
        return math.log(1 + (self.size - seen + 0.5) / (seen + 0.5))

    def save(self, folder: Path) -> None:
        """Write what `load` reads: the files of bm25s, and `frequencies.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        if self._postings is not None:
            self._postings.save(str(folder), corpus=None)
        (folder / "frequencies.json").write_text(
            json.dumps({"size": self.size, "terms": self.frequencies}, ensure_ascii=False, sort_keys=True), encoding="utf-8"
        )

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """What `save` wrote.

        Raises:
            IndexCorrupt: a file is missing or damaged.
        """
        try:
            stored = json.loads((folder / "frequencies.json").read_text(encoding="utf-8"))
            postings = bm25s.BM25.load(str(folder), load_corpus=False) if stored["terms"] else None
        # Everything: on 2,500 damaged files, what reads JSON and arrays raised a dozen types, tokenize.TokenError and
        # zipfile.BadZipFile among them; each means that the file is damaged.
        except Exception as error:
            raise IndexCorrupt("L'index lexical est illisible. Reconstruisez : python -m index build knowledge") from error
        return cls(postings, stored["terms"], stored["size"])
