"""The tokens of questions and passages, as late interaction compares them and comprehension reads them.

An index keeps one record a token: what `index/interaction.py` compares, what `index/comprehension.py` reads, which token it is
and where it begins in the text that was encoded. Records are left on the disk and read where a question needs them. Knows
nothing of models or texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import mapped_arrays
from index.arrays import Floats, Ids, Rows
from index.term_lists import Cut

FOLDER = "tokens"  # in the folder of a version
_FIELDS, _ENDS = ("near", "read", "id", "start"), "ends"
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
    """The tokens of every passage of a version, left on the disk: what is compared of them apart from what is read.

    Args:
        fields: the fields of `kind`, of all passages, one after the other.
        cut: those of each passage.
    """

    def __init__(self, fields: Mapping[str, NDArray[Any]], cut: Cut) -> None:
        self._fields = fields
        self._cut = cut
        self._kind = kind(*(fields[name].shape[1] for name in ("near", "read")))

    @classmethod
    def holding(cls, tokens: Sequence[PassageTokens]) -> TokenStore:
        """Those of some passages, in order."""
        some: Any = [own for own in tokens if len(own)]
        flat = np.concatenate(some) if some else NO_TOKENS
        return cls({name: np.ascontiguousarray(flat[name]) for name in _FIELDS}, Cut.of(map(len, tokens)))

    def save(self, folder: Path) -> None:
        """Keep them in the folder of a version."""
        mapped_arrays.save(folder / FOLDER, {**self._fields, _ENDS: self._cut.ends})

    def near(self, rows: Rows) -> tuple[NDArray[np.int8], Rows]:
        """What is compared of some passages, one after the other, and how many tokens each has, (n_rows,)."""
        starts, ends = (bounds.tolist() for bounds in self._cut.bounds(rows))
        runs = [self._fields["near"][start:end] for start, end in zip(starts, ends, strict=True)]
        return np.concatenate(runs), np.array(ends, dtype=np.int64) - np.array(starts, dtype=np.int64)

    def of(self, row: int) -> PassageTokens:
        """Those of one passage."""
        (start,), (end,) = (bounds.tolist() for bounds in self._cut.bounds(np.array([row])))
        own: PassageTokens = np.empty(end - start, dtype=self._kind)
        for name, values in self._fields.items():
            own[name] = values[start:end]
        return own


def load_tokens(folder: Path) -> TokenStore:
    """The tokens of a version, not read before they are needed.

    Raises:
        OSError, ValueError: a file is missing or damaged.
    """
    fields = {name: mapped_arrays.load(folder / FOLDER, name) for name in _FIELDS}
    return TokenStore(fields, Cut(mapped_arrays.load(folder / FOLDER, _ENDS)))
