"""The vectors of the passages of a version: made, kept in its folder, and lent to the next one.

A passage has one vector of its own, one of each of its headings and sentences (« units »), and its tokens. Those of a passage
that did not change are taken from the previous version: encoding is what a build spends its time on. Knows nothing of files read
or of search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index import mapped_arrays
from index.arrays import Rows, Vectors
from index.document import Passage, embedded_text
from index.embedding import Encoder
from index.french import sentences
from index.progress import Progress
from index.stores.faiss_store import FaissStore
from index.term_lists import Cut
from index.tokens import PassageTokens, TokenStore, load_tokens

STORE, UNITS, _UNIT_ENDS = "vectors.npy", "units", "unit_ends"  # in the folder of a version
_FEW = 20_000  # units that are kept in memory in 32 bits: bringing those of every question to 32 bits is a tenth of a search
_BATCH = 128  # passages between two signs of progress

EncodedTexts = tuple[str, ...]  # all the texts that the vectors of a passage depend on


class PassageVectors(NamedTuple):
    """What is compared of one passage."""

    vector: Vectors  # (dimension,), unit length
    units: Vectors | NDArray[np.float16]  # (n_units, dimension): of its heading or title, its aliases, then its sentences
    tokens: PassageTokens


class UnitVectors(NamedTuple):
    """The units of all passages of a version, one after the other: left on the disk in 16 bits, unless they are few."""

    vectors: Vectors | NDArray[np.float16]  # (n_units, dimension)
    cut: Cut  # those of each passage

    def cosines(self, places: Rows, vector: Vectors) -> Vectors:
        """Of some units and a vector, (dimension,): (n_places,)."""
        found: Vectors = self.vectors[places].astype(np.float32, copy=False) @ vector
        return found


def headings_of(passage: Passage) -> list[str]:
    """The heading (or title) and its aliases: each has a vector, before those of the sentences."""
    return [passage.searched_heading or passage.subject, *passage.aliases]


def encoded_texts(passage: Passage) -> EncodedTexts:
    """The texts that the vectors of a passage are made of: equal texts have equal vectors."""
    return (embedded_text(passage), passage.text, *headings_of(passage))


def encode(
    passages: Sequence[Passage], encoder: Encoder, known: Mapping[EncodedTexts, PassageVectors], progress: Progress
) -> list[PassageVectors]:
    """The vectors of each passage, in order; those that are known are reused."""
    found = {row: known[texts] for row, passage in enumerate(passages) if (texts := encoded_texts(passage)) in known}
    missing = [row for row in range(len(passages)) if row not in found]
    missing.sort(key=lambda row: len(passages[row].text))  # a batch is as long as its longest passage
    of_heading: dict[str, Vectors] = {}  # a heading stands over many passages, a title over all of its document's
    for first in range(0, len(missing), _BATCH):
        progress("vecteurs", first, len(missing))
        rows = missing[first : first + _BATCH]
        batch = [passages[row] for row in rows]
        parts = encoder.encode_parts([embedded_text(passage) for passage in batch], [_sentence_spans(one) for one in batch])
        new = [text for text in dict.fromkeys(t for one in batch for t in headings_of(one)) if text not in of_heading]
        of_heading |= zip(new, encoder.encode_passages(new), strict=True)
        for row, passage, vector, of_sentences, tokens in zip(rows, batch, parts.vectors, parts.spans, parts.tokens, strict=True):
            of_headings = np.stack([of_heading[text] for text in headings_of(passage)])
            found[row] = PassageVectors(vector, np.concatenate([of_headings, of_sentences]), tokens)
    progress("vecteurs", len(missing), len(missing))
    return [found[row] for row in range(len(passages))]


def _sentence_spans(passage: Passage) -> list[tuple[int, int]]:
    """The spans of the sentences of a passage in the text that is encoded for it, which ends with the passage's own."""
    shift = len(embedded_text(passage)) - len(passage.text)
    return [(shift + start, shift + end) for start, end in sentences(passage.text)]


def save(vectors: Sequence[PassageVectors], folder: Path) -> None:
    """Keep the vectors of all passages, in order, in the folder of a version."""
    FaissStore.build(np.stack([own.vector for own in vectors])).save(folder / STORE)
    units = np.concatenate([own.units for own in vectors]).astype(np.float16)
    mapped_arrays.save(folder, {UNITS: units, _UNIT_ENDS: Cut.of(len(own.units) for own in vectors).ends})
    TokenStore.holding([own.tokens for own in vectors]).save(folder)


def load_units(folder: Path) -> UnitVectors:
    """The units of a version.

    Raises:
        OSError, ValueError: a file is missing or damaged.
    """
    vectors = mapped_arrays.load(folder, UNITS)
    return UnitVectors(
        vectors.astype(np.float32) if len(vectors) <= _FEW else vectors, Cut(mapped_arrays.load(folder, _UNIT_ENDS))
    )


def load(passages: Sequence[Passage], folder: Path) -> dict[EncodedTexts, PassageVectors]:
    """The vectors of a version, by the texts they were made of; errors as `load_units`.

    Args:
        passages: those of the version, in order.
    """
    kept, stored, tokens = load_units(folder), FaissStore.load(folder / STORE).vectors(), load_tokens(folder)
    units: list[Any] = np.split(kept.vectors, kept.cut.ends[:-1])  # in the 16 bits that they are kept in again
    return {encoded_texts(one): PassageVectors(stored[row], units[row], tokens.of(row)) for row, one in enumerate(passages)}
