"""Judged conversations of `tests/golden`: read, asked and graded, for tests that count and benchmarks that compare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from assistant.answering.answer import Answer
from assistant.answering.readings import Turn
from assistant.answering.service import Assistant
from assistant.answering.training.calibration import says

GOLDEN = Path(__file__).parent / "golden"


def judged_records(name: str) -> list[dict[str, Any]]:
    """The conversations of a file, whose `grade` says in regular expressions what their answers must hold."""
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def graded_turns(assistant: Assistant, records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Answer, bool]]:
    """Ask every conversation; the answer of each graded turn, and whether it is right."""
    for record in records:
        answers = converse(assistant, record["turns"])
        for expected in record["grade"]:
            answer = answers[expected["turn"]]
            yield answer, is_right(expected, answer)


def converse(assistant: Assistant, questions: Iterable[str]) -> list[Answer]:
    """The answers of one conversation."""
    turns: list[Turn] = []
    answers: list[Answer] = []
    for question in questions:
        answers.append(assistant.ask(question, turns))
        turns.append(assistant.turn(answers[-1]))
    return answers


def is_right(expected: Mapping[str, Any], answer: Answer) -> bool:
    """Whether an answer has a status that is expected and all that it must say, and nothing that it must not."""
    wrong = any(says(answer.text, [[one]], patterns=True) for one in expected.get("must_not", []))
    return str(answer.status) in expected["status"] and says(answer.text, expected.get("must", []), patterns=True) and not wrong
