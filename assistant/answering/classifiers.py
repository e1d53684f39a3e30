"""What a text does, told by linear models learned on labelled examples: the act of a message, the role of a clause.

A classifier reads the encoder's vector of a text and its words (stems, neighbouring pairs, question words), and gives a
probability for each label. It is learned from `knowledge/messages.jsonl` and `knowledge/clauses.jsonl` by
`python -m assistant learn`. With an encoder that it was not learned for, it reads the words alone. Knows no passage.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.french import fold, interrogatives, stem, words

FOLDER = Path(__file__).with_name("models")
BUCKETS = 1 << 13  # words and pairs share them by hash; twice as many changed nothing
DENSE, SPARSE = 3.0, 2.0  # how large the two parts are: both of unit length, the words are many
_NUMBER = "#"  # stands for any number
Matrix = NDArray[np.float32]


class Act(StrEnum):
    """What a message does; the values are the labels of `knowledge/messages.jsonl`."""

    QUESTION = "question"
    THANKS = "remerciement"
    GREETING = "salutation"
    IDENTITY = "identite"  # « tu es qui ? »
    SOURCES = "sources"  # « d'où viennent tes infos ? »
    FRESHNESS = "fraicheur"  # « c'est à jour ? »
    COMPLAINT = "reproche"  # « ce n'est pas ma question »
    CHALLENGE = "doute"  # « vous êtes sûr ? »
    CORRECTION = "correction"  # « non, je voulais dire du chef de projet »
    REPEAT = "repetition"  # « plus simplement ? »
    CHATTER = "bavardage"
    FOREIGN = "etranger"  # none of a programme's matter
    PERSONAL_MATTER = "particulier"
    LEGAL = "juridique"
    PREDICTION = "prediction"
    OPINION = "opinion"
    DRAFTING = "redaction"
    CASE = "dossier"
    PERSON = "personne"
    HARM = "malveillant"
    DISTRESS = "urgence"
    INJECTION = "injection"


# Declined whatever the base holds, and those that a document may well speak of: « comment contester une décision ».
NEVER = frozenset({Act.OPINION, Act.DRAFTING, Act.CASE, Act.PERSON, Act.HARM, Act.DISTRESS, Act.INJECTION})
UNLESS_FOUND = frozenset({Act.FOREIGN, Act.PERSONAL_MATTER, Act.LEGAL, Act.PREDICTION})
ANYWHERE = frozenset({Act.HARM, Act.DISTRESS, Act.INJECTION})  # whatever else the message asks
FOREIGN_ACTS = NEVER | UNLESS_FOUND  # what a message does when it is none of the base's matter


@dataclass(frozen=True)
class WordClassifier:
    """A fitted model that reads words alone: weights of the buckets, (BUCKETS, labels), and biases, (labels,)."""

    labels: tuple[str, ...]
    weights: Matrix
    bias: Matrix

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, name: str, folder: Path = FOLDER) -> WordClassifier:
        """The one that ships under a name: « numbers »."""
        with np.load(folder / f"{name}.npz") as rows:
            return cls._of(rows)

    @classmethod
    def _of(cls, rows: Mapping[str, Any]) -> WordClassifier:
        return cls(
            tuple(map(str, rows["labels"])), rows["words_sparse"].astype(np.float32), rows["words_bias"].astype(np.float32)
        )

    def probabilities(self, features: Sequence[Iterable[str]]) -> list[Mapping[str, float]]:
        """For each text, label → probability."""
        totals = [values @ self.weights[at] + self.bias for at, values in map(_buckets, features)]
        return _shares(self.labels, np.stack(totals)) if totals else []


@dataclass(frozen=True)
class Classifier:
    """A fitted model: weights of the vector, (dimension, labels), of the buckets, (BUCKETS, labels), and biases, (labels,)."""

    labels: tuple[str, ...]
    encoder: str  # hash of the encoder that `dense` reads
    dense: Matrix
    sparse: Matrix
    bias: Matrix
    of_words: WordClassifier  # for any other encoder

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, name: str, folder: Path = FOLDER) -> Classifier:
        """The one that ships under a name: « acts »."""
        with np.load(folder / f"{name}.npz") as rows:
            dense, sparse, bias = (rows[key].astype(np.float32) for key in ("dense", "sparse", "bias"))
            words_alone = WordClassifier._of(rows)
            return cls(words_alone.labels, str(rows["encoder"]), dense, sparse, bias, words_alone)

    def probabilities(self, features: Sequence[Iterable[str]], vectors: Matrix, encoder: str) -> list[Mapping[str, float]]:
        """For each text, label → probability.

        Args:
            features: names of the features of each text (`features_of`).
            vectors: of the texts as questions, (n, dimension), by the encoder of hash `encoder`.
        """
        if encoder != self.encoder or not len(features):
            return self.of_words.probabilities(features)
        totals = DENSE * vectors @ self.dense + np.stack([values @ self.sparse[at] for at, values in map(_buckets, features)])
        return _shares(self.labels, totals + self.bias)


def _shares(labels: Sequence[str], totals: NDArray[Any]) -> list[Mapping[str, float]]:
    raised = np.exp(totals - totals.max(axis=1, keepdims=True))
    return [dict(zip(labels, row.tolist(), strict=True)) for row in raised / raised.sum(axis=1, keepdims=True)]


def features_of(text: str, place: str = "") -> frozenset[str]:
    """Names of the features of a text. Stop words count: « je », « tu », « mon » tell who is meant.

    Args:
        place: where a clause stands in its message (« first », « last »…).
    """
    tokens = [_NUMBER if word[0].isdigit() else stem(word) for word in words(fold(text))]
    pairs = {f"{one} {two}" for one, two in zip(["^", *tokens], [*tokens, "$"], strict=True)}
    signs = {f"={sign}" for sign in "?!:" if sign in text}
    kinds = {f"?{kind}" for kind in interrogatives(text)}
    return frozenset({*tokens, *pairs, *signs, *kinds, *({f"@{place}"} if place else ())})


def _buckets(features: Iterable[str]) -> tuple[NDArray[np.int64], Matrix]:
    """The buckets of some features and their values: unit length, times `SPARSE`."""
    at = np.array(sorted({zlib.crc32(name.encode()) % BUCKETS for name in features}), dtype=np.int64)
    return at, np.full(len(at), SPARSE / max(1, len(at)) ** 0.5, dtype=np.float32)


def design(features: Sequence[Iterable[str]]) -> NDArray[np.float32]:
    """The words part of what a head reads, (n, BUCKETS): what learning and reading share."""
    matrix = np.zeros((len(features), BUCKETS), dtype=np.float32)
    for row, own in enumerate(features):
        at, values = _buckets(own)
        matrix[row, at] = values
    return matrix
