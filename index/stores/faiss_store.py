"""Vectors → neighbours with FAISS. The only module that imports faiss.

Up to `COMPRESSED_FROM` vectors every one is compared. Beyond, every one is compared in 8 bits, and those that come first are
compared again as they are: three times as fast, a quarter of the memory, and the same neighbours (figures in DECISIONS.md). A
graph (HNSW) would be faster still on millions, and loses one neighbour in ten at the settings usual for it.

The vectors themselves stay on the disk.
"""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index import mapped_arrays
from index.arrays import Rows, Scores
from index.errors import IndexCorrupt

COMPRESSED_FROM = 20_000
_AGAIN = 4  # times as many as are asked for are compared again
_STEPS = 127  # of a coordinate in 8 bits, on either side of 0
_BLOCK = 10_000  # vectors brought to 8 bits at once


class FaissStore:
    """A FAISS index over unit vectors; see `index.stores.Store` for the contract."""

    def __init__(self, vectors: NDArray[np.float32], compressed_from: int = COMPRESSED_FROM) -> None:
        self._vectors = vectors
        self._is_exact = len(vectors) < compressed_from
        self._index: faiss.Index
        if self._is_exact:
            self._index = faiss.IndexFlatIP(self.dimension)
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))
            return
        quantiser = faiss.ScalarQuantizer.QT_8bit_direct_signed
        self._index = faiss.IndexScalarQuantizer(self.dimension, quantiser, faiss.METRIC_INNER_PRODUCT)
        scale = np.float32(_STEPS) / max(float(np.abs(vectors[at : at + _BLOCK]).max()) for at in range(0, len(vectors), _BLOCK))
        for at in range(0, len(vectors), _BLOCK):
            self._index.add(np.rint(vectors[at : at + _BLOCK] * scale))

    @classmethod
    def build(cls, vectors: NDArray[np.float32], compressed_from: int = COMPRESSED_FROM) -> FaissStore:
        """Index vectors of shape (n, dimension), float32.

        Args:
            compressed_from: how many vectors it takes for a first comparison in 8 bits.
        """
        return cls(np.ascontiguousarray(vectors, dtype=np.float32), compressed_from)

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def dimension(self) -> int:
        """Of the vectors."""
        return int(self._vectors.shape[1])

    def search(self, queries: NDArray[np.float32], k: int) -> tuple[Rows, Scores]:
        """Rows and cosines of the k nearest vectors of each query, (n_queries, k) each, the nearest first."""
        if not len(self):  # FAISS refuses to look for no neighbour
            return np.zeros((len(queries), 0), dtype=np.int64), np.zeros((len(queries), 0), dtype=np.float32)
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        if self._is_exact:
            scores, rows = self._index.search(queries, min(k, len(self)))
            return rows, scores
        steps = queries * (_STEPS / np.maximum(np.abs(queries).max(axis=1, keepdims=True), np.float32(1e-9)))
        _, rows = self._index.search(np.rint(steps), min(_AGAIN * k, len(self)))
        near = np.sort(rows, axis=1)  # in the order in which they lie on the disk
        cosines: Scores = np.einsum("qnd,qd->qn", self._vectors[near], queries)
        best = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(near, best, axis=1), np.take_along_axis(cosines, best, axis=1)

    def vectors(self, rows: Rows | None = None) -> NDArray[np.float32]:
        """The vectors of some rows, or all, (n_rows, dimension)."""
        return self._vectors if rows is None else self._vectors[rows]

    def save(self, path: Path) -> None:
        """Write it to a file, `NAME.npy`."""
        mapped_arrays.save(path.parent, {path.stem: self._vectors})

    @classmethod
    def load(cls, path: Path, compressed_from: int = COMPRESSED_FROM) -> FaissStore:
        """What `save` wrote; `compressed_from` as for `build`.

        Raises:
            IndexCorrupt: the file is missing, cut or of another kind.
        """
        try:
            vectors = mapped_arrays.load(path.parent, path.stem)
            if vectors.ndim != 2 or vectors.dtype != np.float32:
                raise ValueError("not vectors")
        except (OSError, ValueError) as error:
            raise IndexCorrupt("L'index vectoriel est illisible. Reconstruisez : python -m index build knowledge") from error
        return cls(vectors, compressed_from)
