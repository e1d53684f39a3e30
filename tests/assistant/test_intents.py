"""What is a question on the programme and what is not, by its words alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant import texts
from assistant.answer import Status
from assistant.calibration import learn_intents
from assistant.intents import FOREIGN, QUESTION, Intents, features
from tests.assistant.conftest import FICHES

MESSAGES = [json.loads(line) for line in Path("knowledge/messages.jsonl").read_text(encoding="utf-8").splitlines()]
DECLINED = ["tu me racontes une histoire drôle pour dormir ?", "mon voisin fait du bruit la nuit, je peux le poursuivre ?",
            "donne moi une recette de crêpes stp", "tu préfères la droite ou la gauche toi"]  # fmt: skip
ASKED = ["qui finance le poste de chef de projet ?", "quel est le taux de la DETR ?", "combien de communes dans le programme",
         "c'est quoi une opération de revitalisation de territoire"]  # fmt: skip


def test_the_examples_are_whole_and_each_is_there_once():
    assert all(set(row) == {"intent", "text"} and row["text"].strip() for row in MESSAGES)
    assert len({row["text"].casefold() for row in MESSAGES}) == len(MESSAGES) >= 1000
    assert sum(row["intent"] == QUESTION for row in MESSAGES) >= 500


def test_what_is_foreign_is_likelier_than_what_is_asked():
    model = Intents.load()
    assert min(map(model.probability, DECLINED)) > FOREIGN > max(map(model.probability, ASKED))


@pytest.mark.parametrize("message", ["", "?", "🙂", "12 000", "\ud800", "a" * 5000])
def test_any_message_has_a_probability(message):
    assert 0.0 <= Intents.load().probability(message) <= 1.0


def test_numbers_are_one_word():
    assert features("un poste à 60 000 €") & features("un poste à 45 000 €") >= {"#", "^ un"}


def test_learning_tells_messages_it_did_not_see():
    model, worth = learn_intents(MESSAGES)
    assert worth["auc"] > 0.85
    again, _ = learn_intents(MESSAGES)
    assert model == again


def test_a_foreign_message_is_said_to_be_none_of_the_matter(assistant):
    answer = assistant.ask("donne moi une recette de crêpes stp")
    assert answer.status is Status.OUT_OF_SCOPE and answer.text == texts.OUT_OF_SCOPE
    assert answer.citations == ()


@pytest.mark.parametrize(
    ("snack", "status"),
    [
        ("Donner des crêpes aux enfants est permis.", {Status.ANSWERED, Status.PARTIAL, Status.NOT_FOUND}),
        ("Le fournisseur des écoles affiche ses prix.", {Status.OUT_OF_SCOPE}),
    ],
)
def test_what_a_document_just_added_speaks_of_is_no_longer_foreign(snack, status, small):
    """Its words stand in two passages: neither alone covers the question."""
    base = small({**FICHES, "cantine.md": f"# Cantines\n\n## Menus\nChaque recette est affichée.\n\n## Goûters\n{snack}\n"})
    assert base.ask("donne moi la recette des crêpes").status in status
