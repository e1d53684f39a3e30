"""Learning: bad examples are named, what is learned is what is read, and what is right is preferred."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from assistant.answering import reading_choice
from assistant.answering.classifiers import Act, Classifier
from assistant.answering.judge import TAUGHT, Evidence, Judge
from assistant.answering.reading_choice import ReadingCandidate
from assistant.answering.readings import ReadingKind
from assistant.answering.training import learning
from assistant.answering.training.calibration import Case, GradedTurn, Option, learn_choice, learn_judge
from assistant.errors import AssistantError
from index.ranking import FEATURES
from tests.fakes import HashEncoder

THANKS = [
    "merci",
    "merci bien",
    "merci beaucoup",
    "un grand merci",
    "merci à vous",
    "mille mercis",
    "merci pour tout",
    "ok merci",
]
ASKED = ["quel est le taux ?", "qui signe la convention ?", "combien de communes ?", "quand finit l'aide ?", "où déposer ?",
         "quel plafond pour le poste ?", "qui paie le poste ?", "combien dure l'ORT ?"]  # fmt: skip
GREETED = [
    "bonjour",
    "bonjour madame",
    "bonjour à tous",
    "salut",
    "salut bonjour",
    "hello bonjour",
    "coucou bonjour",
    "bonsoir bonjour",
]


def lines(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


# -- heads ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "said"), [
    ({"intent": "poesie", "text": "ô temps"}, "« poesie »"),
    ({"text": "merci"}, "intent"), ("{", "ligne 2"), ({"intent": "remerciement"}, "text"),
])  # fmt: skip
def test_a_message_that_cannot_be_learned_from_is_named_with_its_line(tmp_path: Path, row: object, said: str) -> None:
    path = lines(tmp_path / "messages.jsonl", {"intent": "question", "text": "qui paie ?"}, row)
    with pytest.raises(AssistantError, match="messages.jsonl, ligne 2") as refused:
        learning.messages(path)
    assert said in str(refused.value)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssistantError, match="absent.jsonl"):
        learning.messages(tmp_path / "absent.jsonl")


def test_questions_of_the_base_are_examples_of_questions(tmp_path: Path) -> None:
    path = lines(tmp_path / "messages.jsonl", {"intent": "remerciement", "text": "merci"})
    found = {example.text: example.label for example in learning.messages(path, ["Qui paie ?"])}
    assert found == {"merci": "remerciement", "Qui paie ?": "question"}


def test_a_head_learned_from_a_few_examples_tells_them_apart(tmp_path: Path) -> None:
    rows = [{"intent": "remerciement", "text": text} for text in THANKS] + [
        {"intent": "salutation", "text": text} for text in GREETED
    ]
    examples = learning.messages(lines(tmp_path / "messages.jsonl", *rows), ASKED)
    encoder = HashEncoder()
    arrays, worth = learning.learn(examples, encoder)
    assert worth["examples"] == len(examples) == 24 and worth["accuracy"] >= 0.8
    assert worth["labels"]["remerciement"]["n"] == 8
    learning.write("acts", arrays, tmp_path)
    head = Classifier.load("acts", tmp_path)
    assert (head.labels, head.encoder) == (("question", "remerciement", "salutation"), encoder.identity.sha256)
    new = ["merci infiniment", "quelle durée pour le poste ?", "bonjour monsieur"]
    features = [learning.features_of(text) for text in new]
    for hashed in (encoder.identity.sha256, "un autre encodeur"):  # with its vectors, and by its words alone
        found = head.probabilities(features, encoder.encode_queries(new), hashed)
        assert [max(row, key=row.get) for row in found] == [Act.THANKS, Act.QUESTION, Act.GREETING]


# -- judge and choice -------------------------------------------------------------------------------


def cases(decisive: str, count: int = 60) -> list[Case]:
    """Answers right when one number is high, the others noise."""
    draws = np.random.default_rng(7)
    found = []
    for number in range(count):
        right = number % 2 == 0
        noise = {field.name: float(draws.random()) for field in fields(Evidence)}
        found.append(Case(f"c{number}", Evidence(**{**noise, decisive: 0.9 if right else 0.1}), True, right))
    return found


@pytest.mark.parametrize("decisive", ["coverage", "heading_dense"])
def test_the_judge_reads_what_is_taught_and_nothing_else(decisive: str) -> None:
    model, worth = learn_judge(cases(decisive))
    assert set(model) == {*TAUGHT, "bias"}
    assert max(TAUGHT, key=lambda name: abs(model[name])) == decisive and model[decisive] > 0
    assert worth["cases"] == 60 and worth["auc"] > 0.95
    judge = Judge(model, model)
    told = {case.right: judge.probability(case.evidence, True) for case in cases(decisive)}
    assert told[True] > 0.5 > told[False]


def test_what_never_varies_weighs_nothing_and_what_only_rules_read_is_not_learned() -> None:
    flat = [
        Case(c.id, Evidence(coverage=c.evidence.coverage, dense=0.5, lacuna=float(c.right)), True, c.right)
        for c in cases("coverage")
    ]
    model, _ = learn_judge(flat)
    assert model["dense"] == 0.0 and "lacuna" not in model


def test_near_misses_lower_the_probability_by_their_share_and_no_more() -> None:
    """Ten times as many near misses as real questions are still a part of the weight."""
    seen = cases("coverage")
    missed = [Case(f"n{n}", Evidence(coverage=0.5), True, False, near_miss=True) for n in range(600)]
    judge = Judge(learn_judge([*seen, *missed])[0], {})
    right = [judge.probability(case.evidence, True) for case in seen if case.right]
    assert sum(right) / len(right) > 0.5


EVEN = Judge({"bias": 0.0, "coverage": 1.0}, {"bias": 0.0}, 0.8, 0.3)


def option(kind: ReadingKind, right: bool, evidence: Evidence = Evidence(), own: float = 0.5) -> Option:
    return Option(ReadingCandidate(kind, 0.5, own, 0.4, kind is ReadingKind.SUBJECT, False), evidence, True, right)


def turn(number: int, options: tuple[Option, ...], **signs: float) -> GradedTurn:
    return GradedTurn(f"t{number}", np.zeros((1, len(FEATURES))), np.array([True]), (), options, signs)


def turns(count: int = 30) -> list[GradedTurn]:
    """Turns whose right reading is the subject when the message points back, its own otherwise."""
    found = []
    for number in range(count):
        points = number % 2 == 0
        options = (option(ReadingKind.ALONE, not points), option(ReadingKind.SUBJECT, points))
        found.append(turn(number, options, anaphora=float(points)))
    return found


def test_the_choice_learned_prefers_what_is_right() -> None:
    weights, worth = learn_choice(turns(), EVEN)
    assert worth == {"turns": 30, "right": 1.0}
    for row in turns():
        rows = [reading_choice.features(one.candidate, row.signs) for one in row.options]
        assert row.options[reading_choice.best(rows, weights)].right
    assert weights["subject:anaphora"] > 0


def test_the_choice_is_learned_with_the_probabilities_that_the_judge_gives() -> None:
    """The right reading is the one this judge is surer of, which another judge does not tell."""
    draws, rows = np.random.default_rng(2), []
    for number in range(40):
        rights = (number % 3 == 0, number % 3 != 0)
        options = (
            option(kind, right, Evidence(coverage=3.0 if right else -3.0), float(draws.random()))
            for kind, right in zip((ReadingKind.ALONE, ReadingKind.SUBJECT), rights, strict=True)
        )
        rows.append(turn(number, tuple(options)))
    weights, worth = learn_choice(rows, EVEN)
    assert weights["logit"] > 0.5 and worth["right"] == 1.0
    blind, less = learn_choice(rows, Judge({"bias": 0.0}, {"bias": 0.0}))
    assert "logit" not in blind and less["right"] < 1.0


def test_turns_of_which_all_readings_are_right_or_none_teach_nothing() -> None:
    same = [turn(n, (option(ReadingKind.ALONE, n % 2 == 0), option(ReadingKind.SUBJECT, n % 2 == 0))) for n in range(10)]
    weights, worth = learn_choice(same, EVEN)
    assert weights == dict(reading_choice.DEFAULT) and worth["turns"] == 0
