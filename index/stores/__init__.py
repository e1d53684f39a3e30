"""Vectors → neighbours: one contract for every vector store."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.aliases import Rows, Scores


class Store(Protocol):
    """Holds n unit vectors of one dimension, row i for passage i.

    `search` returns (rows, scores), both of shape (n_queries, min(k, n)): inner products — cosines
    for unit vectors — in decreasing order; larger is better. `vectors` gives back those of some rows, by default of all.
    """

    def __len__(self) -> int: ...

    def search(self, queries: NDArray[np.float32], k: int) -> tuple[Rows, Scores]: ...

    def vectors(self, rows: Rows | None = None) -> NDArray[np.float32]: ...

    def save(self, path: Path) -> None: ...
