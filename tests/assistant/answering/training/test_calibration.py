"""Calibration: the ranking follows the turns for what stands under a heading, mostly judged sets for the rest."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.answering.training.calibration import GradedTurn, learn_ranking
from index.ranking import FEATURES, of_bare
from index.tuning import Judged


def candidates(decisive: str, draws: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Six candidates of a question: the first is relevant, and one feature says so."""
    features = draws.random((6, len(FEATURES)))
    features[:, FEATURES.index(decisive)] = [0.9, 0.1, 0.2, 0.1, 0.3, 0.2]
    return features, np.array([True] + [False] * 5)


@pytest.fixture
def turns() -> list[GradedTurn]:
    draws = np.random.default_rng(3)
    found = [candidates("heading_dense", draws) for _ in range(40)]
    return [GradedTurn(f"q{n}", *rows) for n, rows in enumerate(found)]


@pytest.fixture
def judged() -> list[Judged]:
    draws = np.random.default_rng(4)
    return [Judged(*candidates("lead_coverage", draws)) for _ in range(40)]


def most(weights: dict[str, float], names: list[str]) -> str:
    return max(names, key=lambda name: abs(weights[name]))


def test_turns_teach_what_stands_under_a_heading_and_judged_sets_the_rest(turns: list[GradedTurn], judged: list[Judged]) -> None:
    weights = learn_ranking(turns, [judged])
    assert most(weights, list(FEATURES)) == "heading_dense"
    bare = [of_bare(name) for name in FEATURES]
    assert most(weights, bare) == of_bare("lead_coverage")
    assert {name: weights[name] for name in FEATURES} == learn_ranking(turns)


def test_without_judged_sets_every_passage_is_weighed_alike(turns: list[GradedTurn]) -> None:
    assert set(learn_ranking(turns)) == set(FEATURES)


def test_a_large_set_teaches_no_more_than_a_small_one(turns: list[GradedTurn], judged: list[Judged]) -> None:
    draws = np.random.default_rng(5)
    other = [Judged(*candidates("numbers", draws)) for _ in range(40)]
    assert learn_ranking(turns, [judged, other * 5]) == pytest.approx(learn_ranking(turns, [judged, other]), abs=1e-2)
