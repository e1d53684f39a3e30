"""Grades answers to the golden questions of `knowledge/questions.jsonl`.

A turn passes when its status is expected, every `must` group has an alternative in the text, and no
`must_not` string is there. Comparison ignores case, accents, thousands separators and markers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answer import Answer
from assistant.service import Assistant
from index.french import fold, join_thousands

QUESTIONS = Path("knowledge/questions.jsonl")
REFUSING = {"not_found", "out_of_scope", "refused", "clarify"}


@dataclass(frozen=True)
class Graded:
    """One graded turn."""

    id: str
    kind: str
    turn: int
    question: str
    answer: Answer
    why: tuple[str, ...]
    refuse: bool  # the expected status is a refusal

    @property
    def passed(self) -> bool:
        return not self.why

    @property
    def false_refusal(self) -> bool:
        return not self.refuse and str(self.answer.status) in REFUSING


def load(path: Path = QUESTIONS) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def grade(assistant: Assistant, records: list[dict[str, Any]]) -> Iterator[Graded]:
    """Ask every record's turns in order; yield the graded ones."""
    for record in records:
        turns, expected = [], {row["turn"]: row for row in record["expect"]}
        for number, question in enumerate(record["turns"]):
            answer = assistant.ask(question, turns)
            turns.append(assistant.turn(answer))
            if number in expected:
                row = expected[number]
                refuse = "answered" not in row["status"]
                yield Graded(record["id"], record["kind"], number, question, answer, tuple(_faults(row, answer)), refuse)


def _faults(expected: Mapping[str, Any], answer: Answer) -> Iterator[str]:
    if str(answer.status) not in expected["status"]:
        yield f"status {answer.status}, expected {'/'.join(expected['status'])}"
        return
    text = _plain(answer.text)
    for group in expected.get("must", []):
        if not any(_plain(choice) in text for choice in group):
            yield f"lacks {' | '.join(group)}"
    for wrong in expected.get("must_not", []):
        if re.search(rf"(?<!\w){re.escape(_plain(wrong))}(?!\w)", text):
            yield f"has {wrong}"


def _plain(text: str) -> str:
    text = re.sub(r"\[\d+\]|[*_]", " ", join_thousands(fold(text)))
    return " ".join(text.replace("\u202f", " ").replace("%", " %").split())
