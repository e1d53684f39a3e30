"""The journal: what is kept, what is masked, what goes, and that its failures stay its own."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import pytest

from assistant.answer import Answer, Citation, Sentence, Status
from assistant.database import Database, DatabaseUnavailable
from assistant.errors import ConfigurationError
from assistant.journal import Journal
from index.document import Note, Passage

TEXT = "L'État finance 75 % du poste, dans la limite de 45 000 €."


def answer(question="Qui paie le chef de projet ?", status=Status.ANSWERED, text=TEXT, sentences=True) -> Answer:
    passage = Passage("a.md#0-60", "a.md", "Chef de projet", ("Quel soutien ?",), TEXT, 0, len(TEXT),
                      notes=(Note(10, "1", "ANCT", "2024", "https://exemple.gouv.fr/a"),))
    said = (Sentence(TEXT, (1,)),) if sentences else ()
    return Answer(question, question, status, text, (Citation(1, passage, 0, len(TEXT)),), said, 0.91, 1, index_version="v1")


@pytest.fixture
def journal(tmp_path):
    return Journal(Database(f"sqlite:///{tmp_path}/sub/journal.sqlite"), retention_days=30)


def test_an_exchange_is_found_again(journal):
    kept = journal.get(journal.record(answer(), "c1", 42))
    assert kept.question == "Qui paie le chef de projet ?" and kept.conversation == "c1"
    assert (kept.status, kept.text, kept.milliseconds, kept.index_version) == ("answered", TEXT, 42, "v1")
    assert kept.citations[0]["quote"] == TEXT and kept.citations[0]["url"] == "https://exemple.gouv.fr/a"
    assert kept.sentences == [{"text": TEXT, "citations": [1], "support": "verified"}]
    assert kept.probability == pytest.approx(0.91) and kept.withheld == 1
    assert abs(datetime.now(UTC) - kept.created) < timedelta(seconds=10)


def test_recent_is_newest_first_and_bounded(journal):
    identifiers = [journal.record(answer(f"Question {n} ?"), "c", 1) for n in range(5)]
    assert [exchange.id for exchange in journal.recent(3)] == identifiers[:1:-1]
    assert journal.get(10_000) is None


@pytest.mark.parametrize(
    ("typed", "hidden"),
    [
        ("écrivez à jean.dupont@mairie.fr", "jean.dupont@mairie.fr"),
        ("appelez le 06 12 34 56 78 svp", "06 12 34 56 78"),
        ("mon voisin Paul Martin a-t-il droit au prêt ?", "Paul Martin"),
    ],
)
def test_personal_data_never_reaches_the_file(journal, tmp_path, typed, hidden):
    # A refusal repeats words of the question in its text: they are masked there too.
    refusal = f"La base ne donne pas la réponse (rien sur « {hidden.lower()} »)."
    identifier = journal.record(answer(typed, Status.NOT_FOUND, refusal, sentences=False), "c", 1)
    journal.feedback(identifier, "down", ["Incomplet"], f"voir {typed}")
    stored = b"".join(path.read_bytes() for path in (tmp_path / "sub").iterdir())
    for word in hidden.split() if " " in hidden and not hidden[0].isdigit() else [hidden]:
        assert word.encode() not in stored and word.lower().encode() not in stored


def test_an_answer_keeps_its_figures_even_when_the_question_is_masked(journal):
    kept = journal.get(journal.record(answer("Mme Durand demande 45 000 € : possible ? 06 12 34 56 78"), "c", 1))
    assert "Durand" not in kept.question and kept.text == TEXT


def test_the_last_opinion_replaces_the_one_before(journal):
    identifier = journal.record(answer(), "c", 1)
    assert journal.feedback(identifier, "up")
    assert journal.feedback(identifier, "down", ["Chiffre faux"], "  le taux est de 50 %  ")
    (opinion,) = journal.get(identifier).feedback
    assert (opinion.value, opinion.reasons, opinion.comment) == ("down", ("Chiffre faux",), "le taux est de 50 %")


def test_opinions_that_make_no_sense_are_refused(journal):
    identifier = journal.record(answer(), "c", 1)
    assert not journal.feedback(identifier, "peut-être")
    assert not journal.feedback(identifier + 1, "up")
    assert journal.get(identifier).feedback == ()


def test_purge_keeps_the_retention_and_nothing_older(journal, tmp_path):
    old, recent = journal.record(answer(), "c", 1), journal.record(answer(), "c", 1)
    journal.feedback(old, "up")
    with sqlite3.connect(tmp_path / "sub" / "journal.sqlite") as file:
        month_ago = (datetime.now(UTC) - timedelta(days=31)).isoformat(" ")
        file.execute("UPDATE exchanges SET created = ? WHERE id = ?", (month_ago, old))
    assert journal.purge() == 1
    assert journal.get(old) is None and journal.get(recent) is not None
    assert journal.purge() == 0


def test_an_empty_address_keeps_nothing(tmp_path):
    journal = Journal(Database(""))
    assert not journal.keeps
    assert journal.record(answer(), "c", 1) is None and not journal.feedback(1, "up")
    assert journal.recent() == [] and journal.get(1) is None and journal.purge() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_fails_says_so_and_raises_nothing(tmp_path, caplog):
    (tmp_path / "file").write_text("not a folder")
    journal = Journal(Database(f"sqlite:///{tmp_path}/file/journal.sqlite"))
    assert journal.record(answer(), "c", 1) is None
    assert not journal.feedback(1, "up")
    assert "could not be kept" in caplog.text
    with pytest.raises(DatabaseUnavailable, match="ASSISTANT_JOURNAL"):
        journal.recent()


def test_a_journal_recovers_when_its_place_does(tmp_path):
    blocked = tmp_path / "journal"
    blocked.write_text("in the way")
    journal = Journal(Database(f"sqlite:///{blocked}/j.sqlite"))
    assert journal.record(answer(), "c", 1) is None
    blocked.unlink()
    assert journal.record(answer(), "c", 1) is not None


@pytest.mark.parametrize("url", ["journal.sqlite", "oracle-de-delphes://x", "sqlite:/x"])
def test_a_malformed_address_is_refused_by_name(url):
    with pytest.raises(ConfigurationError, match="ASSISTANT_JOURNAL"):
        Journal(Database(url))


def test_many_writers_lose_nothing(journal):
    def write():
        for _ in range(10):
            assert journal.record(answer(), threading.current_thread().name, 1)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.recent(1000)) == 80


def test_sqlite_lets_readers_in_while_it_writes(journal, tmp_path):
    journal.record(answer(), "c", 1)
    with sqlite3.connect(tmp_path / "sub" / "journal.sqlite") as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
