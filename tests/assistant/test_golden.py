"""The quality gate: golden questions against floors pinned in tests/golden/floors.json.

A floor is raised by hand, and lowered only with its reason in the change that does it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.golden import Graded, figures
from assistant.service import Assistant

pytestmark = pytest.mark.slow

FLOORS = json.loads((Path(__file__).parents[1] / "golden" / "floors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def measured(assistant: Assistant, graded: list[Graded]) -> dict[str, float]:
    return figures(assistant, graded)


def failures(graded: list[Graded]) -> str:
    """One line for each failed turn, for whoever reads a red test."""
    rows = (
        f"{row.id} [{row.kind}] {row.question} → {row.answer.status}: {', '.join(row.why)}" for row in graded if not row.passed
    )
    return "\n".join(rows)


@pytest.mark.parametrize("name", [name for name in FLOORS if not name.endswith("_max")])
def test_no_figure_is_under_its_floor(graded: list[Graded], measured: dict[str, float], name: str) -> None:
    assert measured[name] >= FLOORS[name], f"{name}: {measured[name]:.3f} < {FLOORS[name]}\n{failures(graded)}"


@pytest.mark.parametrize("name", [name for name in FLOORS if name.endswith("_max")])
def test_no_figure_is_over_its_ceiling(graded: list[Graded], measured: dict[str, float], name: str) -> None:
    value = measured[name.removesuffix("_max")]
    refused = "\n".join(f"{row.id} {row.question} → {row.answer.status}" for row in graded if row.false_refusal)
    assert value <= FLOORS[name], f"{name}: {value:.3f} > {FLOORS[name]}\n{refused}"


def test_the_gate_measures_enough(graded: list[Graded]) -> None:
    assert {"overall", "answerable", "refusal", "follow_up", "false_refusal_max", "median_words_max", "quotes_verbatim"} == set(
        FLOORS
    )
    assert FLOORS["quotes_verbatim"] == 1.0
    assert sum(row.refuse for row in graded) >= 40 and sum(row.turn > 0 for row in graded) >= 30


def test_one_answer_for_all_fails_the_gate(graded: list[Graded]) -> None:
    """The gate can fail: refusing everything, and answering everything, both fall under a floor."""
    refusing = sum(row.refuse for row in graded) / len(graded)
    assert refusing < FLOORS["overall"] and 1 - refusing < FLOORS["overall"]
