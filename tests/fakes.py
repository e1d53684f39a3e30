"""Honest stand-ins: small classes that really do the work, in a simpler way than the real parts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pebble import ProcessFuture

from index.arrays import Span, Vectors
from index.comprehension import AnswerPrediction
from index.embedding import EncoderIdentity, Parts
from index.errors import IndexingError
from index.french import analyse
from index.tokens import PassageTokens, QuestionTokens, kind
from index.workers import Workers


@lru_cache(maxsize=100_000)
def direction(term: str, dimension: int) -> NDArray[np.float64]:
    """The pseudo-random direction of a stem, not of unit length; drawn once, since the tests ask for a few stems very often."""
    seed = int.from_bytes(hashlib.sha256(term.encode()).digest()[:8], "big")
    drawn = np.random.default_rng(seed).standard_normal(dimension)
    drawn.flags.writeable = False
    return drawn


class HashEncoder:
    """Texts → unit vectors: each French stem adds a pseudo-random direction of its own.

    Deterministic, needs no model, and texts that share words are near each other. `seen` keeps the
    texts encoded as passages, so that a test can tell what was computed again.
    """

    def __init__(self, dimension: int = 64, name: str = "hachage") -> None:
        self.identity = EncoderIdentity(name, hashlib.sha256(f"{name}{dimension}".encode()).hexdigest(), dimension)
        self.seen: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(text) for text in texts]) if texts else self._none()

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        return np.stack([self._vector(text) for text in texts]) if texts else self._none()

    def encode_query_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[QuestionTokens]]:
        tokens = [self._tokens(text) for text in texts]
        nothing, ids = np.zeros((0, 0), dtype=np.float32), np.zeros(0, dtype=np.int32)
        questions = [QuestionTokens(own, np.full(len(own), 1 / len(own), dtype=np.float32), nothing, ids) for own in tokens]
        return self.encode_queries(texts), questions

    def predict_answers(self, question: QuestionTokens, passages: Sequence[PassageTokens]) -> list[AnswerPrediction]:
        return []

    def encode_parts(self, texts: Sequence[str], parts: Sequence[Sequence[Span]]) -> Parts:
        spans = [self.encode_queries([text[a:b] for a, b in own]) for text, own in zip(texts, parts, strict=True)]
        return Parts(self.encode_passages(texts), spans, [self._kept(text) for text in texts])

    def _kept(self, text: str) -> PassageTokens:
        states = self._tokens(text)
        tokens: PassageTokens = np.zeros(len(states), dtype=kind(self.identity.dimension, 0))
        tokens["near"] = np.rint(127 * states)
        return tokens

    def _tokens(self, text: str) -> Vectors:
        """The direction of each stem, (n_stems, dimension); those of a text without any: one."""
        rows = np.stack([direction(term, self.identity.dimension) for term in analyse(text) or [""]])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def _vector(self, text: str) -> Vectors:
        total = np.sum([direction(term, self.identity.dimension) for term in analyse(text) or [""]], axis=0)
        return (total / np.linalg.norm(total)).astype(np.float32)

    def _none(self) -> Vectors:
        return np.zeros((0, self.identity.dimension), dtype=np.float32)


class InlineWorkers(Workers):
    """Workers without children: each task is done at once, in this process; `tasks` are the arguments they had."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: list[tuple[Any, ...]] = []

    def submit(self, function: Callable[..., Any], *arguments: Any) -> ProcessFuture[Any]:
        self.tasks.append(arguments)
        future = ProcessFuture()
        try:
            future.set_result(function(*arguments))
        except (IndexingError, MemoryError) as error:
            future.set_exception(error)
        return future
