"""Sentences as a language model writes them, faithful or altered, by writers who did not know the checker.

`tests/golden/faithfulness_learn.jsonl` teaches and may be read; `faithfulness_counted.jsonl` is only ever counted: nobody reads
its cases, and nothing is learned on it. Its figures are what to expect of sentences nobody has seen. Both are hard: the altered
ones keep most words of their passage, the faithful ones few.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering.spelling import Lexicon
from assistant.generation.support import SupportChecker
from assistant.generation.training.support_learning import support_cases
from index.embedding import SentenceEncoder
from tests.judged import GOLDEN

pytestmark = pytest.mark.slow
FLOORS = json.loads((GOLDEN / "faithfulness_floors.json").read_text(encoding="utf-8"))
Shares = dict[str, float]


@pytest.fixture(scope="module", params=list(FLOORS))
def judged(request: pytest.FixtureRequest) -> Iterator[tuple[str, Shares]]:
    """The name of a set, and the share withheld, by kind and in all; « precision »: of those withheld, the altered ones."""
    checker = SupportChecker(SentenceEncoder(), Lexicon.load(Path("knowledge/lexique.yaml")).meaning)
    withheld: dict[str, list[bool]] = defaultdict(list)
    for case in support_cases(GOLDEN / f"faithfulness_{request.param}.jsonl"):
        is_withheld = not checker.check(case.sentence, case.passages).supported
        withheld[case.kind].append(is_withheld)
        withheld["faithful" if case.faithful else "altered"].append(is_withheld)
    shares = {kind: sum(own) / len(own) for kind, own in withheld.items()}
    every = sum(sum(withheld[kind]) for kind in ("altered", "faithful"))
    yield request.param, shares | {"precision": sum(withheld["altered"]) / every}


def test_altered_sentences_are_withheld(judged: tuple[str, Shares]) -> None:
    name, withheld = judged
    assert {kind: share for kind, share in FLOORS[name]["caught"].items() if withheld[kind] < share} == {}


def test_faithful_sentences_are_not_withheld_more_than_before(judged: tuple[str, Shares]) -> None:
    name, withheld = judged
    assert {kind: share for kind, share in FLOORS[name]["withheld_at_most"].items() if withheld[kind] > share} == {}


def test_what_is_withheld_is_altered_as_often_as_before(judged: tuple[str, Shares]) -> None:
    name, withheld = judged
    assert withheld["precision"] >= FLOORS[name]["precision"]
