"""Is a message a question on the programme, or something that no source should be asked to answer?

A linear model over the words of a message (stems, neighbouring pairs, question words), learned from
`knowledge/messages.jsonl` and the questions of the fiches, and kept beside this file. It is evidence for
`decision`, which also sees how well a passage answers: gossip, advice for one's own house, a dispute,
homework are what the patterns of `screening` do not foresee. Knows no passage and no rank.
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
QUESTION = "question"  # the intent of what the base should answer
FOREIGN = 0.6  # probability from which an unanswered message is told to be none of the base's matter
_NUMBER = "#"  # stands for any number


@dataclass(frozen=True)
class Intents:
    """A fitted model."""

    weights: Mapping[str, float]  # feature → log-odds
    bias: float

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls, path: Path = FILE) -> Intents:
        """The model that ships."""
        row = json.loads(path.read_text(encoding="utf-8"))
        return cls(row["weights"], float(row["bias"]))

    def probability(self, message: str) -> float:
        """Probability, 0..1, that a message is none that the base should answer."""
        found = features(message)
        total = self.bias + sum(self.weights.get(name, 0.0) for name in found) / math.sqrt(max(1, len(found)))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def features(message: str) -> frozenset[str]:
    """Names of the features a message has. Stop words count: « je », « tu », « mon » tell who is meant."""
    tokens = [_NUMBER if word[0].isdigit() else stem(word) for word in words(fold(message))]
    pairs = {f"{one} {two}" for one, two in zip(["^", *tokens], [*tokens, "$"], strict=True)}
    return frozenset({*tokens, *pairs, *(f"?{kind}" for kind in interrogatives(message))})
