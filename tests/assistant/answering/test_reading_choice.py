"""Choice: the reading whose passage answers best, all signs weighed; pure numbers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import reading_choice
from assistant.answering.reading_choice import DEFAULT, ReadingCandidate, best, features
from assistant.answering.readings import ReadingKind, signs

ALONE = ReadingCandidate(ReadingKind.ALONE, probability=0.5, own=0.5, dense=0.4, stays=False, silent=False)
SUBJECT = replace(ALONE, kind=ReadingKind.SUBJECT, stays=True)


def chosen(message: str, *found: ReadingCandidate, weights=DEFAULT) -> ReadingKind:
    rows = [features(one, signs(message)) for one in found]
    return found[best(rows, weights)].kind


def test_the_reading_that_is_answered_more_surely_is_taken() -> None:
    assert (
        chosen("qui signe la convention ?", replace(ALONE, probability=0.95), replace(SUBJECT, probability=0.05))
        is ReadingKind.ALONE
    )
    assert (
        chosen("qui signe la convention ?", replace(ALONE, probability=0.05), replace(SUBJECT, probability=0.95))
        is ReadingKind.SUBJECT
    )


def test_words_that_point_back_lead_to_the_subject() -> None:
    assert chosen("elle dure combien ?", ALONE, SUBJECT) is ReadingKind.SUBJECT
    assert chosen("et le plafond ?", ALONE, SUBJECT) is ReadingKind.SUBJECT
    assert chosen("qui signe la convention ?", ALONE, SUBJECT) is ReadingKind.ALONE, "of equals, the first: a question of its own"


def test_a_passage_that_holds_the_typed_words_wins_over_one_that_only_has_the_context() -> None:
    assert chosen("et le cinéma ?", replace(SUBJECT, own=0.0), replace(ALONE, own=1.0)) is ReadingKind.ALONE


def test_features_are_named_after_the_reading_they_are_about() -> None:
    row = features(replace(SUBJECT, silent=True, probability=0.5), {"anaphora": 1.0, "opening": 0.0})
    assert row["subject"] == row["subject:anaphora"] == row["subject:stays"] == row["silent"] == 1.0
    assert row["subject:opening"] == 0.0 and row["logit"] == pytest.approx(0.0) and row["own"] == 0.5 and row["dense"] == 0.4
    assert "alone" not in row


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_surer_answer_never_counts_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    told = [features(replace(ALONE, probability=value), {})["logit"] for value in (low, high)]
    assert -3 < told[0] <= told[1] < 3


def test_the_weights_that_ship_are_numbers_and_without_a_file_the_default_holds(tmp_path) -> None:
    assert reading_choice.learned(tmp_path / "absent.json") == DEFAULT
    (tmp_path / "choice.json").write_text(json.dumps({"own": 2.5}), encoding="utf-8")
    assert reading_choice.learned(tmp_path / "choice.json") == {"own": 2.5}
    assert all(isinstance(value, int | float) for value in reading_choice.learned().values())
