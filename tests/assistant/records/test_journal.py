"""The journal: what is kept, what is masked, what goes, and that its failures stay its own."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from assistant.answering.answer import Answer, Citation, Sentence, Status
from assistant.errors import ConfigurationError
from assistant.records.database import Database, DatabaseUnavailable
from assistant.records.journal import Filters, Journal, mark_checked
from index.document import Note, Passage

TEXT = "L'État finance 75 % du poste, dans la limite de 45 000 €."


def answer(question="Qui paie le chef de projet ?", status=Status.ANSWERED, text=TEXT, sentences=True) -> Answer:
    passage = Passage(
        "a.md#0-60",
        "a.md",
        "Chef de projet",
        ("Quel soutien ?",),
        TEXT,
        0,
        len(TEXT),
        notes=(Note(10, "1", "ANCT", "2024", "https://exemple.gouv.fr/a"),),
    )
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


# -- what staff look for -------------------------------------------------------------------------


def ids(page) -> list[int]:
    return [exchange.id for exchange in page.exchanges]


def test_pages_go_through_every_exchange_once_and_back(journal):
    kept = [journal.record(answer(f"Question {n} ?"), "c", 1) for n in range(7)][::-1]
    first = journal.search(size=3)
    second = journal.search(before=first.older, size=3)
    third = journal.search(before=second.older, size=3)
    assert [*ids(first), *ids(second), *ids(third)] == kept
    assert (first.newer, third.older) == (None, None)
    assert ids(journal.search(after=third.newer, size=3)) == ids(second)
    back = journal.search(after=second.newer, size=3)
    assert ids(back) == ids(first) and back.newer is None
    journal.record(answer("Posée entre deux pages ?"), "c", 1)
    assert ids(journal.search(before=first.older, size=3)) == ids(second)  # nothing is seen twice nor missed
    assert journal.search(before=kept[-1]).exchanges == ()


def test_each_filter_keeps_what_it_says(journal, tmp_path):
    asked = {
        "plain": answer("Qui paie le chef de projet ?"),
        "refused": answer("Le code postal ?", Status.NOT_FOUND, "La base ne le dit pas.", sentences=False),
        "judged": answer("Combien pour un chef de projet à l'année ?"),
    }
    kept = {name: journal.record(said, "c", 1) for name, said in asked.items()}
    journal.feedback(kept["judged"], "down")
    with sqlite3.connect(tmp_path / "sub" / "journal.sqlite") as file:
        file.execute("UPDATE exchanges SET probability = 0.2, document = 'b.md' WHERE id = ?", (kept["refused"],))
        file.execute("UPDATE exchanges SET created = ? WHERE id = ?", ("2026-01-05 11:30:00", kept["plain"]))

    def found(**filters) -> set[str]:
        names = {number: name for name, number in kept.items()}
        assert journal.count(Filters(**filters)) == len(journal.search(Filters(**filters)).exchanges)
        return {names[number] for number in ids(journal.search(Filters(**filters)))}

    assert found() == set(asked)
    assert found(status="not_found") == {"refused"} and found(opinion="down") == {"judged"}
    assert found(lowest=0.1, highest=0.5) == {"refused"} and found(highest=0.1) == set()
    assert found(documents=("b.md",)) == {"refused"} and found(documents=()) == set()
    assert found(text="POSTAL code") == {"refused"} and found(text="chef annee") == {"judged"}
    assert found(text="45000") == {"plain", "judged"}  # « 45 000 » in the answer
    assert found(text="100%_") == set()
    assert found(since=date(2026, 1, 5), until=date(2026, 1, 5)) == {"plain"}
    assert found(since=date(2026, 1, 6)) == {"refused", "judged"} and found(until=date(2026, 1, 4)) == set()
    with journal._database.session() as session:
        mark_checked(session, kept["plain"])
    assert found(unchecked=True) == {"refused", "judged"} and journal.get(kept["plain"]).checked


def test_every_goes_past_a_page_and_stops_at_its_limit(journal):
    kept = [journal.record(answer(), "c", 1) for _ in range(60)][::-1]
    assert [exchange.id for exchange in journal.every()] == kept
    assert [exchange.id for exchange in journal.every(limit=55)] == kept[:55]


def test_a_journal_of_before_the_searches_is_completed(tmp_path):
    journal = Journal(Database(f"sqlite:///{tmp_path}/old.sqlite"))
    old = journal.record(answer(), "c", 1)
    journal.feedback(old, "down")
    with sqlite3.connect(tmp_path / "old.sqlite") as file:
        file.execute("DROP INDEX ix_exchange_filters")
        for column in ("document", "opinion", "checked", "searched", "asked"):
            file.execute(f"ALTER TABLE exchanges DROP COLUMN {column}")
    journal = Journal(Database(f"sqlite:///{tmp_path}/old.sqlite"))
    new = journal.record(answer("Une autre question ?"), "c", 1)
    assert ids(journal.search(Filters(text="finance", documents=("a.md",), unchecked=True))) == [new, old]
    assert ids(journal.search(Filters(text="finance", published=frozenset({"a.md"})))) == [new, old]
    assert journal.count(Filters(text="finance", published=frozenset({"b.md"}))) == 0
    assert ids(journal.search(Filters(opinion="down"))) == [old]
    with sqlite3.connect(tmp_path / "old.sqlite") as file:
        assert ("ix_exchange_filters",) in file.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()


def test_words_of_a_withdrawn_document_find_nothing_and_pages_stay_whole(journal):
    kept = [journal.record(answer("Qui paie le poste ?" if n % 2 else "Qui paie 75 % ?"), "c", 1) for n in range(10)]
    kept.append(journal.record(answer(sentences=False), "c", 1))
    both = Filters(text="finance 75", published=frozenset({"a.md"}))
    assert ids(journal.search(both)) == kept[::-1] and journal.count(both) == 11
    gone = Filters(text="paie 75", published=frozenset({"b.md"}))
    asked = kept[8::-2]
    assert ids(journal.search(gone)) == asked and journal.count(gone) == 5, "by the question only"
    first = journal.search(gone, size=3)
    second = journal.search(gone, before=first.older, size=3)
    assert ids(first) + ids(second) == asked and second.older is None
    assert journal.count(Filters(text="finance", published=frozenset())) == 0
    assert journal.count(Filters(published=frozenset())) == 11, "without words, all are listed"


def test_a_purge_forgets_what_was_cited(journal, tmp_path):
    journal.record(answer(), "c", 1)
    with sqlite3.connect(tmp_path / "sub" / "journal.sqlite") as file:
        file.execute("UPDATE exchanges SET created = '2020-01-01 00:00:00+00:00'")
    assert journal.purge() == 1
    with sqlite3.connect(tmp_path / "sub" / "journal.sqlite") as file:
        assert file.execute("SELECT count(*) FROM cited_documents").fetchone() == (0,)


def test_filters_read_the_narrow_index_only(journal, tmp_path):
    journal.record(answer(), "c", 1)
    with sqlite3.connect(tmp_path / "sub" / "journal.sqlite") as file:
        plan = file.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM exchanges WHERE status = 'x' AND probability BETWEEN 0 AND 1 AND id < 9 "
            "ORDER BY id DESC LIMIT 51"
        ).fetchall()
    assert "COVERING INDEX ix_exchange_filters" in plan[0][3]


def test_nothing_kept_is_nothing_found():
    journal = Journal(Database(""))
    assert journal.search().exchanges == () and journal.count() == 0 and list(journal.every()) == []


def test_an_error_of_the_database_tells_no_question_to_the_log(journal, tmp_path, caplog):
    journal.record(answer(), "c", 12)
    with sqlite3.connect(tmp_path / "sub/journal.sqlite") as database:
        database.execute("DROP TABLE exchanges")
    asked = "Le maire de Trifouillis doit-il 3 000 € ?"
    assert journal.record(answer(asked), "c", 12) is None
    assert "exchanges" in caplog.text and "Trifouillis" not in caplog.text
