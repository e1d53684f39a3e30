"""The tokens of questions and passages, as late interaction compares them and comprehension reads them.

An index keeps one record a token: what `index/interaction.py` compares, what `index/comprehension.py` reads, which token it is
and where it begins in the text that was encoded. Records are left on the disk and read where a question needs them. Knows
nothing of models or texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.arrays import Floats, Ids

FILE = "tokens.npy"  # in the folder of a version
PassageTokens = NDArray[np.void]  # (n_tokens,) of `kind`


class TokenStates(NamedTuple):
    """The tokens of one text as an encoder leaves them, special ones included."""

    row: int  # which of the texts that were encoded together
    states: Floats  # (n_tokens, hidden)
    offsets: NDArray[np.int64]  # (n_tokens, 2), in the text with its prompt
    ids: Ids  # (n_tokens,)


class QuestionTokens(NamedTuple):
    """A question, token by token: what late interaction compares, and what comprehension reads."""

    interaction: Floats  # (n_tokens, interaction dimension), unit vectors
    shares: Floats  # (n_tokens,), the part of the question that each token is, of sum 1
    comprehension: Floats  # (n_tokens, comprehension dimension)
    ids: Ids  # (n_tokens,)


def kind(interaction: int, comprehension: int) -> np.dtype[np.void]:
    """The record of a token of a passage, vectors in 8 bits; 0 for what a model does not have."""
    return np.dtype(
        [("near", np.int8, (interaction,)), ("read", np.int8, (comprehension,)), ("id", np.int32), ("start", np.int32)]
    )


NO_TOKENS: PassageTokens = np.zeros(0, dtype=kind(0, 0))
_NOTHING: Floats = np.zeros((0, 0), dtype=np.float32)
# The tokens of a question for a model without layers.
UNKNOWN = QuestionTokens(_NOTHING, np.zeros(0, dtype=np.float32), _NOTHING, np.zeros(0, dtype=np.int32))


class TokenStore:
    """The tokens of every passage of a version.

    Args:
        tokens: of all passages, one after the other.
        ends: where those of each passage end.
    """

    def __init__(self, tokens: PassageTokens, ends: NDArray[np.int64]) -> None:
        self._tokens = tokens
        self._starts = np.concatenate([np.zeros(1, dtype=np.int64), ends])[:-1]
        self._ends = ends

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many tokens each of some passages has, (n_rows,)."""
        found: NDArray[np.int64] = self._ends[rows] - self._starts[rows]
        return found

    def of(self, row: int) -> PassageTokens:
        """Those of one passage."""
        return self._tokens[self._starts[row] : self._ends[row]]


def load_tokens(folder: Path) -> PassageTokens:
    """The tokens of a version, not read before they are needed.

    Raises:
        OSError, ValueError: the file is missing or damaged.
    """
    path = folder / FILE
    try:
        return np.asarray(np.load(path, mmap_mode="r"))
    except ValueError:  # what is empty cannot be mapped
        tokens: PassageTokens = np.load(path)
        return tokens


def stacked(tokens: Sequence[PassageTokens]) -> tuple[PassageTokens, NDArray[np.int64]]:
    """Tokens of passages one after the other, (n_tokens,), and where those of each end, (n_passages,)."""
    some: Any = [own for own in tokens if len(own)]
    return (np.concatenate(some) if some else NO_TOKENS), np.cumsum([len(own) for own in tokens], dtype=np.int64)
