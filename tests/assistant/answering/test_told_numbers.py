"""Numbers told: each has a role by the words around it; marked texts teach, and measure what is learned."""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.classifiers import WordClassifier
from assistant.answering.told_numbers import NumberRole, expense_of, labelled_figures, number_features, told_numbers

EXAMPLES = Path(__file__).parents[3] / "knowledge" / "numbers.jsonl"
UNSEEN = Path(__file__).parents[2] / "golden" / "numbers.jsonl"  # written by another hand; nothing was learned on it
RIGHT, FOUND, NONE = 0.80, 0.90, 0.82  # floors: roles told right; expenses found; messages without one that give none


def marked(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("text", "told"), [
    ("le poste coûte 80 000 € et on est 2 900 habitants", {"depense": 80000, "population": 2900}),
    ("soixante mille euros le poste, sur 3 ans", {"depense": 60000, "duree": 3}),
    ("un poste à 48k", {"depense": 48000}),
    ("un poste à 45 chargé", {"depense": 45000}),
    ("x3 ans ?", {"duree": 3}),
    ("75 % de 52 000 €", {"taux": 75, "depense": 52000}),
    ("en 2026", {"annee": 2026}),
])  # fmt: skip
def test_a_number_is_told_by_the_words_around_it(text: str, told: dict[str, int]) -> None:
    assert {str(number.role): int(number.value) for number in told_numbers(text)} == told


def test_a_text_without_numbers_tells_none() -> None:
    assert told_numbers("C'est quoi une ORT ?") == () and expense_of(()) is None


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    for number in told_numbers(text):
        assert number.role in NumberRole and number.value >= 0


def test_marked_numbers_keep_their_place_among_those_of_the_text() -> None:
    found = labelled_figures("en 2 mots : [soixante mille|depense] pour [2 900 hab|population], pas [50 000|ecarte]")
    assert [(figure.value.normalize(), role) for _, figure, role in found] == [
        (Decimal(value).normalize(), role) for value, role in ((60000, "depense"), (2900, "population"), (50000, "ecarte"))
    ]  # fmt: skip


def test_the_examples_are_labelled_with_known_roles_and_each_is_there_once() -> None:
    texts = marked(EXAMPLES)
    assert len(texts) == len(set(texts)) and not set(texts) & set(marked(UNSEEN))
    assert Counter(role for text in texts for _, _, role in labelled_figures(text)).keys() == set(map(str, NumberRole))


def test_numbers_of_messages_that_taught_nothing_are_told_right() -> None:
    model = WordClassifier.load("numbers")
    pairs = [pair for text in marked(UNSEEN) for pair in labelled_figures(text)]
    rows = model.probabilities([number_features(plain, figure) for plain, figure, _ in pairs])
    right = [max(row, key=lambda name: row[name]) == role for row, (_, _, role) in zip(rows, pairs, strict=True)]
    assert len(right) > 400 and sum(right) / len(right) >= RIGHT


def test_the_expense_of_messages_that_taught_nothing_is_found_and_none_where_none_is_told() -> None:
    found: Counter[bool] = Counter()
    for text in marked(UNSEEN):
        meant = {figure.value for _, figure, role in labelled_figures(text) if role == NumberRole.EXPENSE}
        plain = re.sub(r"\[([^|\[\]]+)\|[a-z]+\]", r"\1", text)
        expense = expense_of(told_numbers(plain))
        found[bool(meant), expense in meant | {value * 1000 for value in meant} if meant else expense is None] += 1
    assert found[True, True] / (found[True, True] + found[True, False]) >= FOUND
    assert found[False, True] / (found[False, True] + found[False, False]) >= NONE
