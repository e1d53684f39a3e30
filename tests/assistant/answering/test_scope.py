"""What is declined: never done whatever is found, of another matter unless the base speaks of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assistant.answering.answer import Status
from assistant.answering.classifiers import Act
from assistant.answering.find import Finding
from assistant.answering.judge import Evidence
from assistant.answering.message import Message
from assistant.answering.readings import Reading, ReadingKind
from assistant.answering.scope import is_declined
from index.document import Hit, Passage
from index.search import Query
from index.tokens import UNKNOWN


def message(act: Act, probability: float) -> Message:
    return Message("?", ("?",), acts={act: probability, Act.QUESTION: 1 - probability})


def finding(status: Status, probability: float = 0.5, fiche: bool = True, document: str = "", **rest: float) -> Finding:
    passage = Passage("a#0", "a.md", "A", ("H",), "Texte.", 0, 6, is_fiche=fiche)
    reading = Reading(ReadingKind.SUBJECT if document else ReadingKind.ALONE, "?", "?", "ORT" if document else "", document)
    evidence = Evidence(unsaid=rest.get("unsaid", 0.0))
    vector = (np.zeros(2, dtype=np.float32), UNKNOWN)
    return Finding(reading, Query("?"), vector, (Hit(passage, 1.0),), probability, status, evidence, (), rest.get("own", 1.0))


NOT_FOUND, PARTIAL, ANSWERED = Status.NOT_FOUND, Status.PARTIAL, Status.ANSWERED


@pytest.mark.parametrize(("act", "probability", "status", "declined"), [
    (Act.OPINION, 0.8, NOT_FOUND, True), (Act.OPINION, 0.8, PARTIAL, False), (Act.OPINION, 0.95, PARTIAL, True),
    (Act.OPINION, 0.95, ANSWERED, False), (Act.INJECTION, 0.98, ANSWERED, True), (Act.DRAFTING, 0.9, ANSWERED, False),
    (Act.QUESTION, 1.0, NOT_FOUND, False),
])  # fmt: skip
def test_what_is_never_done_is_declined_the_surer_the_more_is_found(
    act: Act, probability: float, status: Status, declined: bool
) -> None:
    assert is_declined(message(act, probability), [finding(status)]) is declined


def test_a_follow_up_is_declined_only_when_it_surely_is_what_is_never_done() -> None:
    found = [finding(NOT_FOUND, document="a.md")]
    assert not is_declined(message(Act.OPINION, 0.96), found) and is_declined(message(Act.OPINION, 0.98), found)


def test_what_is_of_another_matter_is_declined_unless_a_fiche_answers() -> None:
    assert is_declined(message(Act.FOREIGN, 0.9), [finding(PARTIAL, 0.5)])
    assert not is_declined(message(Act.FOREIGN, 0.9), [finding(PARTIAL, 0.7)])
    assert not is_declined(message(Act.FOREIGN, 0.6), [finding(NOT_FOUND, 0.1)])


def test_what_was_asked_before_does_not_answer_what_is_of_another_matter() -> None:
    snow = finding(ANSWERED, 0.9, document="a.md", own=0.3, unsaid=0.7)
    assert is_declined(message(Act.FOREIGN, 0.95), [snow])
    assert not is_declined(message(Act.FOREIGN, 0.95), [replace(snow, own=0.6)])
    assert not is_declined(message(Act.FOREIGN, 0.95), [replace(snow, evidence=Evidence(unsaid=0.2))])


def test_a_document_was_put_in_the_base_to_be_asked_about() -> None:
    assert is_declined(message(Act.LEGAL, 0.9), [finding(NOT_FOUND, 0.1, fiche=False)])
    assert not is_declined(message(Act.LEGAL, 0.9), [finding(PARTIAL, 0.1, fiche=False)])
    assert not is_declined(message(Act.PERSON, 0.9), [finding(NOT_FOUND, 0.1, fiche=False)])
    assert is_declined(message(Act.PERSON, 0.98), [finding(NOT_FOUND, 0.1, fiche=False)])
