"""Vectors → neighbours with FAISS. The only module that imports faiss.

Exact inner product up to `HNSW_FROM` vectors; beyond, an HNSW graph (Malkov & Yashunin 2018),
because an exact scan grows with the base and the graph does not.
"""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.arrays import Rows, Scores
from index.errors import IndexCorrupt

HNSW_FROM = 200_000
_NEIGHBOURS, _EF_SEARCH = 32, 128


class FaissStore:
    """A FAISS index over unit vectors; see `index.stores.Store` for the contract."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: NDArray[np.float32], hnsw_from: int = HNSW_FROM) -> FaissStore:
        """Index vectors of shape (n, dimension), float32.

        Args:
            hnsw_from: how many vectors it takes for an approximate graph instead of exact search.
        """
        dimension = vectors.shape[1]
        index: faiss.Index
        if len(vectors) >= hnsw_from:
            index = faiss.IndexHNSWFlat(dimension, _NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efSearch = _EF_SEARCH
        else:
            index = faiss.IndexFlatIP(dimension)
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Of the vectors."""
        return int(self._index.d)

    def search(self, queries: NDArray[np.float32], k: int) -> tuple[Rows, Scores]:
        """Rows and cosines of the k nearest vectors of each query, (n_queries, k) each, the nearest first."""
        if not len(self):  # FAISS refuses to look for no neighbour
            return np.zeros((len(queries), 0), dtype=np.int64), np.zeros((len(queries), 0), dtype=np.float32)
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), min(k, len(self)))
        return rows, scores

    def vectors(self, rows: Rows | None = None) -> NDArray[np.float32]:
        """The vectors of some rows, or all, (n_rows, dimension)."""
        if rows is None:
            return self._index.reconstruct_n(0, len(self))
        return np.asarray(self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64)), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write it to a file."""
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> FaissStore:
        """What `save` wrote.

        Raises:
            IndexCorrupt: the file is missing, cut or of another kind.
        """
        try:
            return cls(faiss.read_index(str(path)))
        except RuntimeError as error:  # FAISS raises it for absent, cut and foreign files alike
            raise IndexCorrupt("L'index vectoriel est illisible. Reconstruisez : python -m index build knowledge") from error
