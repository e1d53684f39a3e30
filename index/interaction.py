"""Late interaction: each token of a question looks for the one of a passage that is nearest to it, and matters as it matters.

The vector of a whole passage says what it is about; « à qui on envoie les papiers ? » is answered by six words of it. ColBERT
(Khattab and Zaharia 2020, arXiv 2004.12832) compares token by token, over states that do not depend on the other text, so that
those of passages are computed once. Here the encoder stays as it is: one linear layer brings its states to a few dimensions,
another says how much a token of a question matters. A model folder that holds `interaction.safetensors` has both;
`index/training/interaction.py` learns them. Knows nothing of texts, stores or the other evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

FILE = "interaction.safetensors"
TOKENS = "tokens.npy"  # in the folder of a version
_UNIT = 127  # 8-bit value of a coordinate of 1: the rounding moves a similarity by less than .01
Floats = NDArray[np.float32]
Tokens = NDArray[np.int8]  # (n_tokens, dimension), unit vectors times `_UNIT`


class Asked(NamedTuple):
    """A question, token by token: unit vectors, (n, dimension), and the share of the question that each is, (n,), of sum 1."""

    tokens: Floats
    shares: Floats


UNKNOWN = Asked(np.zeros((0, 0), dtype=np.float32), np.zeros(0, dtype=np.float32))  # of a model without projection
NO_TOKENS = np.zeros((0, 0), dtype=np.int8)


@dataclass(frozen=True)
class Projection:
    """States of tokens, (n, hidden) → what is compared.

    Args:
        weight, bias: of the layer that brings states to `dimension`, (dimension, hidden) and (dimension,).
        importance, importance_bias: of the layer that says how much a token of a question matters, (hidden,) and (1,).
    """

    weight: Floats
    bias: Floats
    importance: Floats
    importance_bias: Floats

    @classmethod
    def load(cls, folder: Path) -> Projection | None:
        """Of a model folder; None when it has none.

        Raises:
            KeyError, OSError, safetensors.SafetensorError: the file is damaged.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        rows = load_file(path)
        return cls(rows["weight"], rows["bias"], rows["importance"], rows["importance_bias"])

    def asked(self, states: Floats) -> Asked:
        """The tokens of a question."""
        weights = np.logaddexp(0.0, states @ self.importance + self.importance_bias)  # softplus: none weighs less than nothing
        return Asked(self._projected(states), (weights / weights.sum()).astype(np.float32))

    def told(self, states: Floats) -> Tokens:
        """The tokens of a passage, in 8 bits."""
        return np.rint(self._projected(states) * _UNIT).astype(np.int8)

    def _projected(self, states: Floats) -> Floats:
        projected = states @ self.weight.T + self.bias
        unit: Floats = projected / np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), np.float32(1e-9))
        return unit


class Interaction:
    """The tokens of every passage of a version, left on the disk and read where a question needs them.

    Args:
        tokens: of all passages, one after the other.
        ends: where those of each passage end.
    """

    def __init__(self, tokens: Tokens, ends: NDArray[np.int64]) -> None:
        self._tokens = tokens
        self._starts = np.concatenate([np.zeros(1, dtype=np.int64), ends])[:-1]
        self._ends = ends

    def similarities(self, asked: Asked, rows: NDArray[np.int64]) -> Floats:
        """How far each passage holds what a question asks, (n_rows,), -1..1; 0 of a passage without tokens.

        The mean, by share, of the best cosine of each token of the question with those of the passage.
        """
        found = np.zeros(len(rows), dtype=np.float32)
        counts = self._ends[rows] - self._starts[rows]
        known = np.flatnonzero(counts > 0)
        if not len(asked.shares) or not len(known):
            return found
        own = [self._tokens[self._starts[row] : self._ends[row]] for row in rows[known].tolist()]
        cosines = np.concatenate(own).astype(np.float32) @ asked.tokens.T
        firsts = np.cumsum(counts[known]) - counts[known]
        found[known] = np.maximum.reduceat(cosines, firsts, axis=0) @ asked.shares / _UNIT
        return found


def load_tokens(folder: Path) -> Tokens:
    """The tokens of a version, not read before they are needed.

    Raises:
        OSError, ValueError: the file is missing or damaged.
    """
    path = folder / TOKENS
    try:
        return np.asarray(np.load(path, mmap_mode="r"))
    except ValueError:  # what is empty cannot be mapped
        tokens: Tokens = np.load(path)
        return tokens


def stacked(tokens: Sequence[Tokens]) -> tuple[Tokens, NDArray[np.int64]]:
    """Tokens of passages one after the other, and where those of each end."""
    some = [own for own in tokens if len(own)]
    return (np.concatenate(some) if some else NO_TOKENS), np.cumsum([len(own) for own in tokens], dtype=np.int64)
