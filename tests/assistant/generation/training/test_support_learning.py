"""Learning which sentences passages carry."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from assistant.generation.support import SupportReader
from assistant.generation.training.alteration import altered
from assistant.generation.training.support_learning import evidence_of, fitted, made_cases, support_cases
from tests.fakes import HashEncoder

ROW = {
    "id": "A1",
    "passages": [
        {
            "title": "CRTE — durée",
            "text": "Oui, un CRTE dure six ans. La commune signe avec l'État en 2024.",
            "date": "2024-05-01",
        }
    ],
    "sentence": "Le CRTE court sur six ans [1].",
    "faithful": True,
    "kind": "paraphrase",
}


def test_cases_are_read_with_their_passages_numbered(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(ROW, ensure_ascii=False) + "\n\n", encoding="utf-8")
    (case,) = support_cases(path)
    assert (case.passages[0].number, case.faithful, case.family) == (1, True, "CRTE")
    assert case.passages[0].date is not None and case.passages[0].date.year == 2024


def test_made_cases_quote_their_passage_or_alter_it(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(ROW, ensure_ascii=False), encoding="utf-8")
    written = support_cases(path)
    made = made_cases(written, random.Random(1))
    text = written[0].passages[0].text
    assert made == made_cases(written, random.Random(1)) and all(case.made for case in made)
    for case in made:
        quoted = case.sentence.removesuffix(" [1]")
        assert (quoted[1:] in text) is (case.kind == "verbatim") is case.faithful


@pytest.mark.parametrize("seed", range(20))
def test_an_alteration_changes_the_sentence(seed: int) -> None:
    sentence = "La commune reçoit 15 000 € avant mars 2024, sauf en ORT, selon Localtis."
    assert altered(sentence, ["Anah", "Cerema"], random.Random(seed)) not in (None, sentence)


def test_nothing_to_alter_gives_nothing() -> None:
    assert altered("Rien.", [], random.Random(0)) is None


def test_a_weight_keeps_its_sign_though_the_cases_say_otherwise() -> None:
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(200, 2))
    faithful = rows[:, 0] - rows[:, 1] < 0  # the first speaks against, the second for
    for speaks_for, learned in (([True, False], [False, False]), ([False, True], [True, True])):
        weights, _ = fitted(rows, faithful, np.ones(200), np.array(speaks_for))
        assert [abs(weight) > 0.1 for weight in weights] == learned


def test_a_case_gives_evidence_by_words_alone(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(ROW, ensure_ascii=False), encoding="utf-8")
    evidence = evidence_of(support_cases(path)[0], SupportReader(HashEncoder(), {}, compares=False))
    assert not evidence.missing_figures and not evidence.is_whole and evidence.signs["by form or sense"] > 0.4
