"""The quality gate: golden questions against floors pinned in tests/golden/floors.json.

A floor is raised by hand, and lowered only with its reason in the change that does it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.answering.answer import Status
from assistant.answering.service import Assistant
from assistant.curation.golden import FILE, Graded, figures, grade, load
from tests.assistant.conftest import PROJECT
from tests.assistant.faithful import assert_faithful

pytestmark = pytest.mark.slow

GOLDEN = load(PROJECT / "knowledge" / FILE)
FLOORS = json.loads((Path(__file__).parents[2] / "golden" / "floors.json").read_text(encoding="utf-8"))


def rows_of(graded: list[Graded], part: str) -> list[Graded]:
    """« first »: written with the fiches (G…); « all »: and from the facts alone (A… to E…); « near »: near misses (N-…)."""
    near = [row for row in graded if row.id.startswith("N-")]
    return near if part == "near" else [row for row in graded if row not in near and (part == "all" or row.id.startswith("G"))]


@pytest.fixture(scope="module")
def graded(assistant: Assistant) -> list[Graded]:
    """Every golden question, asked and graded once."""
    return list(grade(assistant, GOLDEN))


@pytest.fixture(scope="module")
def measured(assistant: Assistant, graded: list[Graded]) -> dict[str, dict[str, float]]:
    return {part: figures(assistant, rows_of(graded, part)) for part in FLOORS}


def failures(graded: list[Graded]) -> str:
    """One line for each failed turn, for whoever reads a red test."""
    rows = (
        f"{row.id} [{row.kind}] {row.question} → {row.answer.status}: {', '.join(row.why)}" for row in graded if not row.passed
    )
    return "\n".join(rows)


FLOORED = [(part, name) for part in FLOORS for name in FLOORS[part] if not name.endswith("_max")]
CAPPED = [(part, name) for part in FLOORS for name in FLOORS[part] if name.endswith("_max")]


@pytest.mark.parametrize(("part", "name"), FLOORED)
def test_no_figure_is_under_its_floor(graded: list[Graded], measured: dict[str, dict[str, float]], part: str, name: str) -> None:
    value, floor = measured[part][name], FLOORS[part][name]
    assert value >= floor, f"{part}, {name}: {value:.3f} < {floor}\n{failures(rows_of(graded, part))}"


@pytest.mark.parametrize(("part", "name"), CAPPED)
def test_no_figure_is_over_its_ceiling(graded: list[Graded], measured: dict[str, dict[str, float]], part: str, name: str) -> None:
    value, ceiling = measured[part][name.removesuffix("_max")], FLOORS[part][name]
    refused = "\n".join(f"{row.id} {row.question} → {row.answer.status}" for row in graded if row.false_refusal)
    assert value <= ceiling, f"{part}, {name}: {value:.3f} > {ceiling}\n{refused}"


def test_the_gate_measures_enough(graded: list[Graded]) -> None:
    asked = {"overall", "answerable", "refusal", "follow_up", "false_refusal_max", "median_words_max", "quotes_verbatim"}
    assert list(FLOORS) == ["first", "all", "near"] and all(set(FLOORS[part]) == asked for part in ("first", "all"))
    assert all(floors["quotes_verbatim"] == 1.0 for floors in FLOORS.values()) and len(rows_of(graded, "near")) >= 300
    assert sum(row.refuse for row in graded) >= 120 and sum(row.turn > 0 for row in graded) >= 180


def test_one_answer_for_all_fails_the_gate(graded: list[Graded]) -> None:
    """The gate can fail: refusing everything, and answering everything, both fall under a floor."""
    for part in ("first", "all"):
        rows = rows_of(graded, part)
        refusing = sum(row.refuse for row in rows) / len(rows)
        assert refusing < FLOORS[part]["overall"] and 1 - refusing < FLOORS[part]["overall"]


def test_every_golden_answer_is_faithful(assistant: Assistant, graded: list[Graded]) -> None:
    assert len(graded) > 200
    asked = {record["id"]: record["turns"] for record in GOLDEN}
    for row in graded:
        if row.answer.status is not Status.CLARIFY:  # what it says of itself counts the documents of the base
            assert_faithful(assistant, row.answer, asked[row.id][: row.turn])


def test_answers_of_golden_questions_have_sources(graded: list[Graded]) -> None:
    for row in graded:
        if row.answer.status in (Status.ANSWERED, Status.PARTIAL):
            assert row.answer.citations and row.answer.sentences, row.question
        if row.answer.status in (Status.REFUSED, Status.OUT_OF_SCOPE, Status.CLARIFY):
            assert not row.answer.citations and not row.answer.sentences, row.question
