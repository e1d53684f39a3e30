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
_NOTHING: Floats = np.zeros(0, dtype=np.float32)
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
        told = [tokens for tokens in passages if len(tokens)]
        logits, starts = self._forward(question, told) if told else (_NOTHING, _NOTHING)
        found = iter(zip(logits.tolist(), np.split(starts, np.cumsum([len(own) for own in told])[:-1]), strict=False))
        return [_believed(*next(found)) if len(tokens) else AnswerPrediction(0.0, _NOTHING) for tokens in passages]

    def _forward(self, question: QuestionTokens, passages: Sequence[PassageTokens]) -> tuple[Floats, Floats]:
        """A question and n passages, none empty → logits, (n,), and starts, (n_told,), passage after passage.

        The tokens of all passages stand one after the other, (n_told, d): none is padded, and one product serves them all. The
        question stands n times, (n, n_asked, d): it becomes another before each passage.
        """
        ends = np.cumsum([len(own) for own in passages])
        firsts = ends - [len(own) for own in passages]
        cuts = [slice(first, end) for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)]
        states = np.concatenate([own["read"] for own in passages]) * self.weights["step"]
        same = np.concatenate([own["id"] for own in passages]) == question.ids[:, None]  # (n_asked, n_told)
        again = np.logical_or.reduceat(same, firsts, axis=1).T
        cosines = _unit(question.comprehension) @ _unit(states).T
        best = np.maximum.reduceat(cosines, firsts, axis=1).T
        q = question.comprehension + self._linear("asked_signs", np.stack([again, best, best * best], axis=-1))
        p = states + self._linear("told_signs", np.stack([same.any(axis=0), cosines.max(axis=0)], axis=-1))
        p = p + self._look(self._norm("look.told_norm", p), self._norm("look.asked_norm", q), cuts)
        p = self._norm("told_norm", p + self._fed("told_feed", p))
        for number in range(self.layers):
            name = f"layers.{number}"
            q = q + self._cross(f"{name}.cross", self._norm(f"{name}.cross_norm", q), p, cuts)
            q = q + self._self(f"{name}.self", self._norm(f"{name}.self_norm", q))
            q = q + self._fed(f"{name}.feed", q)
        q = self._norm("last_norm", q)
        shares = _softmax(self._linear("importance", q)[..., 0])
        seen = np.einsum("nad,na->nd", q, shares)
        hidden = np.maximum(self._linear("verdict.first", np.concatenate([seen, q.mean(axis=1)], axis=-1)), 0)
        sought = self._linear("start", seen) / np.float32(math.sqrt(self.dimension))
        starts = np.concatenate([_softmax(p[cut] @ own) for own, cut in zip(sought, cuts, strict=True)])
        return self._linear("verdict.second", hidden)[:, 0], starts

    def _look(self, p: Floats, q: Floats, cuts: Sequence[slice]) -> Floats:
        """The tokens of passages, (n_told, d), look at the question as it stands before each, (n, n_asked, d)."""
        asking = _heads(self._linear("look.query", p))
        keys, values = (_heads(part) for part in np.split(self._linear("look.key_value", q), 2, axis=-1))
        found = [_attended(asking[:, cut], k, v) for k, v, cut in zip(keys, values, cuts, strict=True)]
        return self._linear("look.output", np.concatenate([_joined(own) for own in found]))

    def _cross(self, name: str, q: Floats, p: Floats, cuts: Sequence[slice]) -> Floats:
        """The question, (n, n_asked, d), looks at the tokens of each passage, (n_told, d)."""
        asking = _heads(self._linear(f"{name}.query", q))
        keys, values = (_heads(part) for part in np.split(self._linear(f"{name}.key_value", p), 2, axis=-1))
        found = [_attended(own, keys[:, cut], values[:, cut]) for own, cut in zip(asking, cuts, strict=True)]
        return self._linear(f"{name}.output", _joined(np.stack(found)))

    def _self(self, name: str, q: Floats) -> Floats:
        """The tokens of the question, (n, n_asked, d), look at each other."""
        keys, values = (_heads(part) for part in np.split(self._linear(f"{name}.key_value", q), 2, axis=-1))
        return self._linear(f"{name}.output", _joined(_attended(_heads(self._linear(f"{name}.query", q)), keys, values)))

    def _fed(self, name: str, x: Floats) -> Floats:
        return self._linear(f"{name}.second", np.maximum(self._linear(f"{name}.first", self._norm(f"{name}.norm", x)), 0))

    def _norm(self, name: str, x: Floats) -> Floats:
        return _normal(x) * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def _linear(self, name: str, x: Floats) -> Floats:
        weight = self.weights[f"{name}.weight"]
        product: Floats = (x.reshape(-1, x.shape[-1]) @ weight.T).reshape(*x.shape[:-1], len(weight))  # one product, not n
        bias = self.weights.get(f"{name}.bias")
        return product if bias is None else product + bias


def _believed(logit: float, starts: Floats) -> AnswerPrediction:
    return AnswerPrediction(1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))), starts)


def _heads(x: Floats) -> Floats:
    """(…, n, d) → (…, heads, n, d / heads)."""
    return np.swapaxes(x.reshape(*x.shape[:-1], HEADS, -1), -2, -3)


def _joined(x: Floats) -> Floats:
    """What `_heads` parted."""
    return np.swapaxes(x, -2, -3).reshape(*x.shape[:-3], x.shape[-2], -1)


def _attended(asking: Floats, keys: Floats, values: Floats) -> Floats:
    """Attention, (…, n_asking, d) from (…, n_keys, d)."""
    found: Floats = _softmax(asking @ np.swapaxes(keys, -1, -2) / np.float32(math.sqrt(asking.shape[-1]))) @ values
    return found


def _normal(x: Floats) -> Floats:
    """Mean 0 and variance 1 over the last axis."""
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = np.einsum("...d,...d->...", centred, centred)[..., None] / np.float32(x.shape[-1])
    found: Floats = centred / np.sqrt(variance + np.float32(1e-5))
    return found


def _unit(x: Floats) -> Floats:
    found: Floats = x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), _TINY)
    return found


def _softmax(x: Floats) -> Floats:
    raised: Floats = np.exp(x - x.max(axis=-1, keepdims=True))
    raised /= raised.sum(axis=-1, keepdims=True)
    return raised
