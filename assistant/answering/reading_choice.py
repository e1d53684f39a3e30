"""Readings searched → the one that the message means: the reading whose passage answers best, all signs weighed.

A linear model over what the search found for each reading and what the words of the message say of the conversation
(« et… », a pronoun, a name), learned on graded conversations by `python -m assistant calibrate`. Pure numbers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.answering.readings import ReadingKind

FILE = Path(__file__).with_name("models") / "choice.json"
# Used until some were learned: the surer answer, an anaphora for the subject, a name for a new one.
DEFAULT: Mapping[str, float] = {
    "logit": 1.0,
    "own": 3.0,
    "subject:anaphora": 1.5,
    "subject:opening": 1.0,
    "replaced": 0.5,
    "inherits:unheard": -4.0,
}


@dataclass(frozen=True)
class ReadingCandidate:
    """What the search of one reading gave."""

    kind: ReadingKind
    probability: float  # that the best passage answers this reading
    own: float  # share of the words of the message that the best passage holds, 0..1
    dense: float  # cosine of the reading and the best passage
    stays: bool  # the best passage is of the document that the reading is about
    silent: bool  # a figure is asked for what the passage does not speak of
    unheard: float = 0.0  # share of the words of the message that nothing in the base carries


def features(candidate: ReadingCandidate, signs: Mapping[str, float]) -> dict[str, float]:
    """Named numbers about one reading.

    A sign counts by kind of reading: « subject:anaphora » is 1 for the reading on the last subject of « et elle dure combien de
    temps ? ».

    Args:
        signs: those of `readings.signs`.
    """
    probability = min(0.999, max(0.001, candidate.probability))
    kind = str(candidate.kind)
    return {
        "logit": math.log(probability / (1 - probability)) / 3,
        "own": candidate.own,
        "dense": candidate.dense,
        "silent": float(candidate.silent),
        "inherits:unheard": candidate.unheard if candidate.kind not in (ReadingKind.ALONE, ReadingKind.TOLD) else 0.0,
        f"{kind}:stays": float(candidate.stays),
        kind: 1.0,
        **{f"{kind}:{name}": value for name, value in signs.items()},
    }


def best(rows: Sequence[Mapping[str, float]], weights: Mapping[str, float]) -> int:
    """The place of the reading with the highest score, of equals the first.

    Args:
        rows: `features` of each reading.
        weights: by name of feature; 0 when absent.
    """
    scores = [sum(weights.get(name, 0.0) * value for name, value in row.items()) for row in rows]
    return max(range(len(rows)), key=lambda at: (scores[at], -at))


@lru_cache(maxsize=1)
def learned(path: Path = FILE) -> Mapping[str, float]:
    """The weights that ship; `DEFAULT` when none do."""
    if not path.is_file():
        return DEFAULT
    rows: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return rows
