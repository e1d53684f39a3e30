"""Is a message a question on the programme, or something that no source should be asked to answer?

A linear model over the words of a message (stems, neighbouring pairs, question words), learned from the examples
of `knowledge/messages.jsonl` and kept beside this file. It catches what the patterns of `screening`
do not foresee: gossip, advice for one's own house, a dispute, homework. Knows no passage and no rank.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.french import fold, interrogatives, stem, words

FILE = Path(__file__).with_name("intents.json")
QUESTION = "question"  # the intent of what is searched
_NUMBER = "#"  # stands for any number


@dataclass(frozen=True)
class Intents:
    """A fitted model: log-odds that a message is to be declined."""

    weights: Mapping[str, float]
    bias: float
    declined: float  # probability from which a message is declined

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls, path: Path = FILE) -> Intents:
        """The model that ships."""
        row = json.loads(path.read_text(encoding="utf-8"))
        return cls(row["weights"], float(row["bias"]), float(row["declined"]))

    def probability(self, message: str) -> float:
        """Probability, 0..1, that a message is none that the base should answer."""
        found = features(message)
        total = self.bias + sum(self.weights.get(name, 0.0) for name in found) / math.sqrt(max(1, len(found)))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def declines(self, message: str) -> bool:
        """True for a message that is not to be searched."""
        return self.probability(message) >= self.declined


def features(message: str) -> frozenset[str]:
    """Names of the features a message has. Stop words count: « je », « tu », « mon » tell who is meant."""
    tokens = [_NUMBER if word[0].isdigit() else stem(word) for word in words(fold(message))]
    pairs = {f"{one} {two}" for one, two in zip(["^", *tokens], [*tokens, "$"], strict=True)}
    return frozenset({*tokens, *pairs, *(f"?{kind}" for kind in interrogatives(message))})
