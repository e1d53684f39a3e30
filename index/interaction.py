"""Late interaction: each token of a question looks for the one of a passage that is nearest to it, and matters as it matters.

The vector of a whole passage says what it is about, and hides the few words of it that answer: « à qui on envoie les papiers ? ».
ColBERT (Khattab and Zaharia 2020, arXiv 2004.12832) compares token by token, over states that do not depend on the other text, so
that those of passages are computed once. Here the encoder stays as it is: one linear layer brings its states to a few dimensions,
another says how much a token of a question matters. A model folder that holds `interaction.safetensors` has both;
`index/training/interaction.py` learns them. Knows nothing of texts, stores or the other evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from index.arrays import Floats
from index.tokens import QuestionTokens, TokenStore

FILE = "interaction.safetensors"
_UNIT = 127  # 8-bit value of a coordinate of 1: the rounding moves a similarity by less than .01


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

    @property
    def dimension(self) -> int:
        """Of what is compared of each token."""
        return len(self.weight)

    def shares(self, states: Floats) -> Floats:
        """The part of a question that each of its tokens is, (n,), of sum 1."""
        weights = np.logaddexp(0.0, states @ self.importance + self.importance_bias)  # softplus: none weighs less than nothing
        found: Floats = (weights / weights.sum()).astype(np.float32)
        return found

    def kept(self, states: Floats) -> NDArray[np.int8]:
        """What is compared, in 8 bits, (n, dimension): 127 stands for a coordinate of 1."""
        return np.rint(self.projected(states) * _UNIT).astype(np.int8)

    def projected(self, states: Floats) -> Floats:
        """What is compared, unit vectors, (n, dimension)."""
        projected = states @ self.weight.T + self.bias
        unit: Floats = projected / np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), np.float32(1e-9))
        return unit


def similarities(question: QuestionTokens, tokens: TokenStore, rows: NDArray[np.int64]) -> Floats:
    """How far each of some passages holds what a question asks, (n_rows,), -1..1; 0 of a passage without tokens.

    The mean, by share, of the best cosine of each token of the question with those of the passage.
    """
    best = np.zeros(len(rows), dtype=np.float32)
    if not len(question.shares) or not len(rows):
        return best
    near, counts = tokens.near(rows)
    known = np.flatnonzero(counts > 0)
    if not len(known):
        return best
    cosines = question.interaction @ near.astype(np.float32).T
    firsts = np.cumsum(counts[known]) - counts[known]
    best[known] = question.shares @ np.maximum.reduceat(cosines, firsts, axis=1) / _UNIT
    return best
