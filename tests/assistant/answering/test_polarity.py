"""Polarity: a yes or a no is kept for the question it answers, and for no other."""

from __future__ import annotations

import pytest

from assistant.answering.polarity import agrees, turns
from index.document import Passage


def passage(heading: str, text: str, *aliases: str) -> Passage:
    return Passage("a.md#0", "a.md", "DIIF", (heading,) if heading else (), text, 0, len(text), aliases=aliases)


NEEDED = passage("Faut-il une ORT pour utiliser le DIIF ?", "Oui, le DIIF s'utilise seulement en ORT.",
                 "le DIIF est-il réservé aux ORT ?", "peut-on utiliser le DIIF sans ORT ?")  # fmt: skip


@pytest.mark.parametrize("question", ["Faut-il une ORT pour le DIIF ?", "le diif, faut une ort ?"])
def test_the_question_of_the_heading_gets_its_yes(question: str) -> None:
    assert agrees(question, NEEDED)


@pytest.mark.parametrize("question", [
    "Peut-on utiliser le DIIF sans ORT ?",  # another wording of the heading, turned round
    "peut-on se passer d'une ORT pour le DIIF ?", "le DIIF est-il interdit hors ORT ?", "Le DIIF n'est pas réservé aux ORT ?",
])  # fmt: skip
def test_a_question_turned_round_does_not(question: str) -> None:
    assert not agrees(question, NEEDED)


def test_a_wording_that_turns_nothing_round_stands_for_its_heading() -> None:
    free = passage("Le Club est-il ouvert aux élus ?", "Oui, le Club est ouvert aux élus.", "un maire peut aller au Club ?")
    assert agrees("un maire peut-il aller au Club ?", free)


def test_a_number_of_the_askers_own_gets_no_yes() -> None:
    bound = passage("Faut-il moins de 20 000 habitants ?", "Oui, la commune a moins de 20 000 habitants.")
    assert agrees("Faut-il moins de 20 000 habitants ?", bound)
    assert not agrees("Faut-il moins de 25 000 habitants ?", bound)


def test_nothing_to_compare_is_no_agreement() -> None:
    assert not agrees("Faut-il une ORT ?", passage("", "Oui, il faut une ORT."))
    assert not agrees("est-ce ?", NEEDED)


@pytest.mark.parametrize(("text", "found"), [
    ("Faut-il plusieurs communes ?", {"must"}),
    ("Peut-on s'en passer ?", {"without"}), ("sans convention", {"without"}), ("Est-ce obligatoire ?", {"must"}),
    ("C'est interdit ?", {"forbidden"}), ("C'est seulement pour les élus", {"only"}), ("Le programme est-il fini ?", {"end"}),
    ("Est-ce toujours ouvert ?", {"already"}), ("C'est gratuit ?", {"free"}), ("Ce n'est pas ouvert", {"not"}),
    ("c'est ouvert, n'est-ce pas ?", set()), ("Qui signe la convention ?", set()),
])  # fmt: skip
def test_words_that_turn_a_question_round_are_found(text: str, found: set[str]) -> None:
    assert turns(text) == found
