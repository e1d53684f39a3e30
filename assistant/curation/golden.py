"""The golden questions: asked, graded, and the figures of the quality gate.

A record is a conversation and what some of its turns must answer:

    {"id": "G001", "kind": "fait", "turns": ["C'est quoi une ORT ?", "Qui la signe ?"],
     "expect": [{"turn": 0, "status": ["answered", "partial"], "must": [["20 000", "20 000 habitants"]], "must_not": ["ACV"]}]}

A turn, counted from 0, passes when its status is expected, every `must` group has an alternative in the text,
and no `must_not` string is there as a word. Comparison ignores case, accents, thousands separators and
markers. Knows nothing of versions: it asks the assistant it is given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from assistant.answering.answer import Answer, Status, Support
from assistant.answering.readings import Turn
from assistant.answering.service import Assistant
from assistant.errors import AssistantError
from index.french import fold, join_thousands

FILE = "questions.jsonl"
QUESTIONS = Path("knowledge") / FILE
REFUSING = {"not_found", "out_of_scope", "refused", "clarify"}
# Statuses in words, for whoever reads what is wrong.
_NAMES = {
    "answered": "répondu",
    "partial": "répondu en partie",
    "not_found": "pas trouvé",
    "clarify": "à préciser",
    "out_of_scope": "hors sujet",
    "refused": "refusé",
}


class GoldenUnreadable(AssistantError):
    """The file of golden questions cannot be used; names the line."""


@dataclass(frozen=True)
class Graded:
    """One graded turn."""

    id: str  # of its record
    kind: str  # of its record: « fait », « dialogue », « refus »…
    turn: int  # from 0
    question: str  # as typed
    answer: Answer
    why: tuple[str, ...]  # what is wrong, in French; empty when it passes
    refuse: bool  # the expected status is a refusal

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return not self.why

    @property
    def false_refusal(self) -> bool:
        """Whether a question that the base answers was refused."""
        return not self.refuse and str(self.answer.status) in REFUSING


def load(path: Path = QUESTIONS) -> list[dict[str, Any]]:
    """The records of a file; none when it is absent.

    Raises:
        GoldenUnreadable: a line is no record.
    """
    records = []
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            _ = record["id"], record["kind"], [str(turn) for turn in record["turns"]]
            _ = [(row["turn"], row["status"]) for row in record["expect"]]
        except (ValueError, KeyError, TypeError) as error:
            raise GoldenUnreadable(f"Ligne {number} de {path.name} illisible : LISEZMOI.md en donne la forme.") from error
        records.append(record)
    return records


def grade(assistant: Assistant, records: Iterable[Mapping[str, Any]]) -> Iterator[Graded]:
    """Ask every turn of each record in its conversation; yield those that its `expect` grades.

    Args:
        records: as `load` gives them.
    """
    for record in records:
        turns: list[Turn] = []
        expected = {row["turn"]: row for row in record["expect"]}
        for number, question in enumerate(record["turns"]):
            answer = assistant.ask(question, turns)
            turns.append(assistant.turn(answer))
            if number in expected:
                row = expected[number]
                refuse = "answered" not in row["status"]
                yield Graded(record["id"], record["kind"], number, question, answer, tuple(_faults(row, answer)), refuse)


def figures(assistant: Assistant, graded: Sequence[Graded]) -> dict[str, float]:
    """Shares of graded turns, 0..1, except `median_words`.

    `answerable` and `refusal` split the turns by what is expected; `follow_up` is every turn after
    the first; `false_refusal` is the share of answerable turns that got no answer; `support` is the
    share of shown sentences whose quotes carry them beyond doubt.
    """
    answerable = [row for row in graded if not row.refuse]
    answered = [row for row in answerable if row.answer.status in (Status.ANSWERED, Status.PARTIAL)]
    sentences = [sentence for row in graded for sentence in row.answer.sentences]
    return {
        "overall": passed(graded),
        "answerable": passed(answerable),
        "refusal": passed(row for row in graded if row.refuse),
        "follow_up": passed(row for row in graded if row.turn > 0),
        "false_refusal": 1 - _share(not row.false_refusal for row in answerable),
        "median_words": median(len(row.answer.text.split()) for row in answered) if answered else 0,
        "quotes_verbatim": quotes_verbatim(assistant, graded),
        "support": _share(sentence.support is Support.VERIFIED for sentence in sentences),
    }


def passed(graded: Iterable[Graded]) -> float:
    """Share of turns that pass."""
    return _share(row.passed for row in graded)


def quotes_verbatim(assistant: Assistant, graded: Iterable[Graded]) -> float:
    """Share of quotes found at their offsets in their document."""
    documents = assistant.retriever.documents
    citations = [citation for row in graded for citation in row.answer.citations]
    return _share(documents[c.passage.document].text[c.start : c.end] == c.quote for c in citations)


def _share(hold: Iterable[bool]) -> float:
    """Share of what holds; 1 when there is nothing to hold."""
    rows = list(hold)
    return sum(rows) / len(rows) if rows else 1.0


def _faults(expected: Mapping[str, Any], answer: Answer) -> Iterator[str]:
    """What is wrong with an answer, in French. With another status than expected, its words are not looked at."""
    if str(answer.status) not in expected["status"]:
        wanted = " ou ".join(_NAMES.get(status, status) for status in expected["status"])
        yield f"{_NAMES[str(answer.status)]} au lieu de {wanted}"
        return
    text = _plain(answer.text)
    for group in expected.get("must", []):
        if not any(_plain(choice) in text for choice in group):
            yield f"il manque : {' ou '.join(group)}"
    for wrong in expected.get("must_not", []):
        if re.search(rf"(?<!\w){re.escape(_plain(wrong))}(?!\w)", text):
            yield f"de trop : {wrong}"


def _plain(text: str) -> str:
    """A text as texts are compared: « **15 000 €** [1] » is « 15000 € »."""
    text = re.sub(r"\[\d+\]|[*_]", " ", join_thousands(fold(text)))
    return " ".join(text.replace("\u202f", " ").replace("%", " %").split())
