"""Learning clauses: bad examples are named, dictation loses its signs, what is learned is what is read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.answering.clauses import ClauseReader, ClauseRole
from assistant.answering.training import clause_learning, learning
from assistant.answering.training.clause_learning import as_dictated, labelled_clauses, tagged
from assistant.errors import AssistantError
from tests.fakes import HashEncoder

ROW = {"clauses": [
    {"role": "politesse", "text": "Bonjour,"},
    {"role": "contexte", "text": "Nous avons signé en 2021 avec l'État."},
    {"role": "demande", "text": "Quel délai pour la suite ?"},
]}  # fmt: skip


def lines(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "row",
    ["{", {"text": "sans clauses"}, {"clauses": [{"role": "refrain", "text": "la la la"}]}, {"clauses": [{"role": "demande"}]}],
    ids=["pas du JSON", "sans clauses", "rôle inconnu", "sans texte"],
)
def test_a_line_that_cannot_be_learned_from_is_named(tmp_path: Path, row: object) -> None:
    with pytest.raises(AssistantError, match="clauses.jsonl, ligne 2"):
        labelled_clauses(lines(tmp_path / "clauses.jsonl", ROW, row))


def test_each_word_is_taught_the_role_of_its_clause_and_where_clauses_begin(tmp_path: Path) -> None:
    (message,) = tagged(labelled_clauses(lines(tmp_path / "clauses.jsonl", ROW)), HashEncoder())
    roles = [list(ClauseRole)[at] for at in message.roles]
    assert roles[0] is ClauseRole.COURTESY and roles[1] is ClauseRole.CONTEXT and roles[-1] is ClauseRole.ASK
    assert [at for at, begins in enumerate(message.begins) if begins] == [0, 1, 9]
    assert len(message.words) == len(message.vectors) == 15


def test_dictation_has_neither_signs_nor_capitals_and_the_same_clauses(tmp_path: Path) -> None:
    (typed,) = labelled_clauses(lines(tmp_path / "clauses.jsonl", ROW))
    dictated = as_dictated(typed)
    assert dictated.text == "bonjour nous avons signé en 2021 avec l'État quel délai pour la suite"
    assert [role for _, role in dictated.ends] == [role for _, role in typed.ends]


def test_the_clauses_that_ship_teach_every_role() -> None:
    roles = [role for message in labelled_clauses(Path("knowledge/clauses.jsonl")) for _, role in message.ends]
    assert set(roles) == set(ClauseRole) and all(roles.count(role) > 500 for role in ClauseRole)


def test_requests_are_one_clause(tmp_path: Path) -> None:
    rows = [{"text": f"quelle aide pour la rue des tanneurs numéro {n}", "intent": "question"} for n in range(6)]
    rows += [
        {"text": "merci bien", "intent": "remerciement"},
        {"text": "un, puis deux, puis trois et enfin quatre", "intent": "question"},
    ]
    found = clause_learning.whole_requests(lines(tmp_path / "messages.jsonl", *rows), most=4)
    assert [[role for _, role in message.ends] for message in found] == [[ClauseRole.ASK]] * 4
    assert all(message.text.startswith("quelle aide") for message in found)


def test_a_model_learned_from_a_few_messages_is_read_as_it_was_learned(tmp_path: Path) -> None:
    """The arrays that ship give what the network gave, to the 16 bits they are kept in."""
    messages = labelled_clauses(lines(tmp_path / "clauses.jsonl", *[ROW] * 10))
    encoder = HashEncoder()
    arrays, worth = clause_learning.learn_clauses(messages, encoder)
    assert worth["messages"] == 10 and worth["typed"]["roles"] == 1.0
    path = learning.write("clauses", arrays, tmp_path)
    reader = ClauseReader.load(path)
    sentences = reader.read(messages[0].text, encoder, 0.5)
    assert [clause.role for sentence in sentences for clause in sentence] == list(ClauseRole)[::-1]
    network = clause_learning._Trained(
        clause_learning._fitted([*tagged(messages, encoder), *tagged([as_dictated(m) for m in messages], encoder)])
    )
    own = tagged(messages[:1], encoder)[0]
    for mine, its in zip(reader.predict(own.words, own.vectors), network.predict(own.words, own.vectors), strict=True):
        assert np.allclose(mine, its, atol=0.02)
