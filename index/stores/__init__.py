"""Vectors → neighbours: one contract for every vector store."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.arrays import Rows, Scores


class Store(Protocol):
    """Holds n unit vectors of one dimension, row i for passage i."""

    def __len__(self) -> int: ...

    def search(self, queries: NDArray[np.float32], k: int) -> tuple[Rows, Scores]:
        """Rows and scores, both (n_queries, min(k, n)): inner products, cosines for unit vectors, the largest first.

        Args:
            queries: (n_queries, dimension).
        """

    def vectors(self, rows: Rows | None = None) -> NDArray[np.float32]:
        """Those of some rows, (n_rows, dimension); without rows, all of them."""

    def save(self, path: Path) -> None:
        """Write the store as one file."""
