"""Rights: what is kept of somebody's words can be taken, erased, and goes in time; a validated answer outlives its question."""

from __future__ import annotations

import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.answering.answer import Answer, Status
from assistant.records.accounts import Accounts, SignInRefused
from assistant.records.database import Database, now
from assistant.records.reviews import ReferenceState, key
from assistant.records.rights import Rights
from tests.assistant.conftest import FICHES

QUESTION = "Quel est le taux du plan Halles couvertes ?"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sub" / "j.sqlite"


@pytest.fixture
def rights(file: Path) -> Rights:
    return Rights(Database(f"sqlite:///{file}"), 30)


@pytest.fixture
def asked(rights, small):
    """An exchange with an opinion, a review and the answer validated from it."""
    assistant = small(FICHES)
    number = rights.journal.record(assistant.ask(QUESTION), "c1", 12)
    assert rights.journal.feedback(number, "down", ["incomplet"], "il manque la date")
    exchange = rights.journal.get(number)
    rights.reviews.save(exchange, [], "bien", "", "anne", "editeur")
    rights.reviews.validate(exchange, assistant.retriever.passages, "anne", "editeur")
    return exchange


def kept(file: Path) -> str:
    with sqlite3.connect(file) as connection:
        return "\n".join(connection.iterdump())


def test_an_exchange_is_taken_whole(rights, asked):
    data = rights.exported_exchange(asked)
    assert data["echange"]["question"] == QUESTION and "35" in data["echange"]["reponse"] and data["echange"]["sources"]
    assert data["avis"][0]["commentaire"] == "il manque la date" and data["verification"]["commentaire"] == "bien"
    assert data["reponse_validee"]["question"] == QUESTION and "anne" not in str(data)


def test_an_erased_exchange_leaves_no_word_and_its_validated_answer_is_still_given(rights, asked, file):
    before = rights.reviews.of(asked.id)
    assert rights.erase_exchange(asked.id) and not rights.erase_exchange(asked.id)
    assert rights.journal.get(asked.id) is None and rights.reviews.get(asked.id) is None
    reference = rights.reviews.reference(before.id)
    assert reference.answer.question == "" and reference.state is ReferenceState.ACTIVE
    assert (
        rights.reviews.find(QUESTION).text == before.answer.text
        and rights.reviews.find("Quel est le taux des fontaines ?") is None
    )
    left = kept(file)
    raw = b"".join(one.read_bytes() for one in file.parent.glob("j.sqlite*"))
    assert QUESTION.encode() not in raw and b"il manque la date" not in raw, "what is erased is overwritten"
    assert QUESTION not in left and "il manque" not in left


def test_the_purge_takes_the_words_of_validated_answers_and_withdrawn_ones_whole(rights, asked, file):
    reference = rights.reviews.of(asked.id)
    assert rights.purge().answers == 0, "while the exchange is kept, so are its words"
    with rights.journal._database.session() as session:
        session.execute(text("UPDATE exchanges SET created = :old"), {"old": (now() - timedelta(days=31)).isoformat(" ")})
    purged = rights.purge()
    assert (purged.exchanges, purged.answers) == (1, 1) and QUESTION not in kept(file)
    assert rights.reviews.find(QUESTION) and rights.purge().answers == 0
    assert rights.reviews.erase(reference.id) and rights.reviews.find(QUESTION) is None


def test_an_answer_that_is_no_longer_given_goes_with_its_exchange(rights, asked):
    reference = rights.reviews.of(asked.id)
    rights.reviews.withdraw(reference.id, "plus d'actualité")
    rights.erase_exchange(asked.id)
    assert rights.reviews.reference(reference.id) is None


def test_an_answer_validated_before_keys_were_hashes_is_found_and_forgotten(rights, asked):
    with rights.journal._database.session() as session:
        session.execute(text("UPDATE validated_answers SET key = :plain"), {"plain": key(QUESTION)})
    assert rights.reviews.find(QUESTION)
    rights.erase_exchange(asked.id)
    with rights.journal._database.session() as session:
        assert session.scalar(text("SELECT key FROM validated_answers")) != key(QUESTION)
    assert rights.reviews.find(QUESTION)


def test_a_question_to_the_team_is_taken_and_erased(rights):
    token = rights.questions.put("Qui paie le kiosque ?", "Qui paie le kiosque ?", "not_found")
    found = rights.questions.find(token)
    assert rights.exported_question(found)["question_a_l_equipe"]["question"] == "Qui paie le kiosque ?"
    assert rights.questions.erase(found.id) and not rights.questions.erase(found.id)
    assert rights.questions.find(token) is None


def test_without_a_database_nothing_is_erased(tmp_path):
    nothing = Rights(Database(""))
    assert nothing.purge().exchanges == 0 and not nothing.erase_exchange(1) and not nothing.questions.erase(1)


def test_the_database_is_readable_by_its_owner_only(rights, file):
    rights.journal.record(Answer("a", "a", Status.NOT_FOUND, "b"), "c", 1)
    beside = [file, *file.parent.glob("j.sqlite-*")]
    assert len(beside) == 3 and {stat.S_IMODE(one.stat().st_mode) for one in beside} == {0o600}


def test_a_database_that_others_could_read_is_closed_to_them(file):
    file.parent.mkdir()
    sqlite3.connect(file).close()
    file.touch()
    file.chmod(0o644)
    Rights(Database(f"sqlite:///{file}")).purge()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_failures_of_signing_in_leave_nothing_in_the_database(file):
    accounts = Accounts(Database(f"sqlite:///{file}"))
    with pytest.raises(SignInRefused):
        accounts.sign_in("marie.durand@mairie.fr", "cheval batterie agrafe", "198.51.100.7")
    kept = b"".join(one.read_bytes() for one in (file, *file.parent.glob("j.sqlite-*")))
    assert kept and b"marie" not in kept and b"198.51" not in kept
