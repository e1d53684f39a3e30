"""Reading a passage with a question in mind: does it answer, and where?

A vector says what a passage is about, late interaction that each word asked has one near to it; neither sees that the passage
gives the fee of adults where that of children was asked. Here the tokens of both texts, as the encoder left them, look at each
other: those of the passage at the question, then those of the question at the passage, twice (attention, Vaswani et al. 2017,
arXiv 1706.03762). What the question has seen gives the probability that the passage answers, and the token where an answer
begins. States that do not depend on the other text are computed once and kept in the index, as in MORES (Gao, Dai and Callan
2020, arXiv 2010.05406): a passage costs a question 2 to 3 ms, not a pass of a transformer.

A model folder that holds `comprehension.safetensors` has it; `index/training/comprehension.py` learns it. Knows nothing of
texts, stores, other evidence or what is done with a probability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from index.arrays import Floats
from index.tokens import PassageTokens, QuestionTokens

FILE = "comprehension.safetensors"
HEADS = 4
_NEVER = np.float32(-1e4)  # what is masked
_TINY = np.float32(1e-9)


class AnswerPrediction(NamedTuple):
    """What reading a passage gives."""

    probability: float  # that it answers, 0..1
    starts: Floats  # (n_tokens,), share of the belief that an answer begins there, of sum 1


@dataclass(frozen=True)
class Comprehension:
    """Its weights, by name, as `index/training/comprehension.py` names them."""

    weights: Mapping[str, Floats]

    @classmethod
    def load(cls, folder: Path) -> Comprehension | None:
        """Of a model folder; None when it has none.

        Raises:
            KeyError, OSError, safetensors.SafetensorError: the file is damaged.
        """
        path = folder / FILE
        return cls(load_file(path)) if path.is_file() else None

    @property
    def dimension(self) -> int:
        """Of what is read of each token."""
        return len(self.weights["input.weight"])

    @property
    def layers(self) -> int:
        """How many times the question looks at the passage, then at itself."""
        return sum(name.endswith(".self.output.weight") for name in self.weights)

    def projected(self, states: Floats) -> Floats:
        """States of tokens, (n, hidden) → what is read, (n, dimension)."""
        return self._linear("input", _normal(states))

    def kept(self, states: Floats) -> NDArray[np.int8]:
        """The same in 8 bits, (n, dimension), in steps of `weights["step"]`; beyond 127 steps, cut."""
        return np.clip(np.rint(self.projected(states) / self.weights["step"]), -127, 127).astype(np.int8)

    def predict(self, question: QuestionTokens, passages: Sequence[PassageTokens]) -> list[AnswerPrediction]:
        """Whether each passage answers a question, and where, in their order.

        Of a passage without tokens nothing is believed: probability 0, no starts.

        Args:
            question: with what `projected` gives of its tokens, and their ids.
            passages: records of `tokens.kind`, whose « read » is what `kept` gives.
        """
        if not passages:
            return []
        longest = max(1, *map(len, passages))
        real = np.zeros((len(passages), longest), dtype=bool)
        passage_states = np.zeros((len(passages), longest, self.dimension), dtype=np.float32)
        same = np.zeros((len(passages), longest), dtype=np.float32)
        again = np.zeros((len(passages), len(question.ids)), dtype=np.float32)
        for row, own in enumerate(passages):
            real[row, : len(own)] = True
            passage_states[row, : len(own)] = own["read"] * self.weights["step"]
            same[row, : len(own)] = np.isin(own["id"], question.ids)
            again[row] = np.isin(question.ids, own["id"])
        question_states = np.broadcast_to(question.comprehension, (len(passages), *question.comprehension.shape))
        logits, starts = self._forward(question_states, passage_states, real, again, same)
        return [
            AnswerPrediction(0.0, own[:0])
            if not len(tokens)
            else AnswerPrediction(float(1 / (1 + math.exp(-max(-30.0, min(30.0, float(logit)))))), own[: len(tokens)])
            for logit, own, tokens in zip(logits, starts, passages, strict=True)
        ]

    def _forward(
        self, question: Floats, passage: Floats, real: NDArray[np.bool_], again: Floats, same: Floats
    ) -> tuple[Floats, Floats]:
        """Tokens of questions, (n, n_asked, d), of passages, (n, n_told, d), which of the latter are real, and which of either
        the other has too → logits, (n,), and starts, (n, n_told)."""
        cosines = _unit(question) @ _unit(passage).transpose(0, 2, 1)
        best = np.where(real[:, None, :], cosines, -1).max(axis=2)
        q = question + self._linear("asked_signs", np.stack([again, best, best * best], axis=-1))
        p = passage + self._linear("told_signs", np.stack([same, cosines.max(axis=1)], axis=-1))
        p = p + self._attention("look", self._norm("look.told_norm", p), self._norm("look.asked_norm", q), None)
        p = self._norm("told_norm", p + self._fed("told_feed", p))
        for number in range(self.layers):
            name = f"layers.{number}"
            q = q + self._attention(f"{name}.cross", self._norm(f"{name}.cross_norm", q), p, real)
            own = self._norm(f"{name}.self_norm", q)
            q = q + self._attention(f"{name}.self", own, own, None)
            q = q + self._fed(f"{name}.feed", q)
        q = self._norm("last_norm", q)
        shares = _softmax(self._linear("importance", q)[..., 0])
        seen = np.einsum("nad,na->nd", q, shares)
        hidden = np.maximum(self._linear("verdict.first", np.concatenate([seen, q.mean(axis=1)], axis=-1)), 0)
        begin = np.einsum("njd,nd->nj", p, self._linear("start", seen)) / np.float32(math.sqrt(self.dimension))
        return self._linear("verdict.second", hidden)[:, 0], _softmax(np.where(real, begin, _NEVER))

    def _attention(self, name: str, x: Floats, y: Floats, real: NDArray[np.bool_] | None) -> Floats:
        """`x`, (n, a, d), looks at `y`, (n, b, d)."""
        n, a, d = x.shape
        q = self._linear(f"{name}.query", x).reshape(n, a, HEADS, -1).transpose(0, 2, 1, 3)
        k, v = np.split(self._linear(f"{name}.key_value", y), 2, axis=-1)
        k, v = (part.reshape(n, y.shape[1], HEADS, -1).transpose(0, 2, 1, 3) for part in (k, v))
        weights = q @ k.transpose(0, 1, 3, 2) / np.float32(math.sqrt(d // HEADS))
        if real is not None:
            weights = np.where(real[:, None, None, :], weights, _NEVER)
        found = _softmax(weights) @ v
        return self._linear(f"{name}.output", found.transpose(0, 2, 1, 3).reshape(n, a, d))

    def _fed(self, name: str, x: Floats) -> Floats:
        return self._linear(f"{name}.second", np.maximum(self._linear(f"{name}.first", self._norm(f"{name}.norm", x)), 0))

    def _norm(self, name: str, x: Floats) -> Floats:
        return _normal(x) * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def _linear(self, name: str, x: Floats) -> Floats:
        product: Floats = x @ self.weights[f"{name}.weight"].T
        bias = self.weights.get(f"{name}.bias")
        return product if bias is None else product + bias


def _normal(x: Floats) -> Floats:
    """Mean 0 and variance 1 over the last axis."""
    centred = x - x.mean(axis=-1, keepdims=True)
    found: Floats = centred / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-5))
    return found


def _unit(x: Floats) -> Floats:
    found: Floats = x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), _TINY)
    return found


def _softmax(x: Floats) -> Floats:
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    found: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return found
