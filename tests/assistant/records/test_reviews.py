"""Verdicts and validated answers: what matches, what is refused, what a new version withdraws."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace

import pytest

from assistant import texts
from assistant.answering.answer import Status
from assistant.answering.service import Assistant
from assistant.records.database import Database
from assistant.records.journal import Exchange, Journal
from assistant.records.reviews import NotValidated, ReferenceState, Reviews, SentenceVerdict, key
from index.document import Document
from index.french import words
from index.loaders import load
from index.search import Retriever
from tests.assistant.conftest import FICHES, PROJECT

QUESTION = "Quel est le taux du plan Halles ?"


@pytest.fixture
def database(tmp_path) -> Database:
    return Database(f"sqlite:///{tmp_path}/journal.sqlite")


@pytest.fixture
def reviews(database) -> Reviews:
    return Reviews(database)


@pytest.fixture
def desk(database, reviews, small):
    """Makes an assistant on some fiches that serves the validated answers, and asks it as the page does."""

    class Desk:
        def publish(self, files: dict[str, str]) -> int:
            self.assistant = Assistant(small(files).retriever, validated=reviews)
            return reviews.compare(self.assistant.retriever.passages)

        @property
        def passages(self):
            return self.assistant.retriever.passages

        def ask(self, question=QUESTION, turns=()):
            return self.assistant.ask(question, turns)

        def kept(self, question=QUESTION) -> Exchange:
            journal = Journal(database)
            return journal.get(journal.record(self.ask(question), "c", 1))

    made = Desk()
    made.publish(FICHES)
    return made


def corrected(reviews, exchange, text):
    reviews.save(exchange, [], "", text, "anne", "relecteur")


# -- one question or two -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C'est quoi l'ORT ?", "c'est quoi une ort"),
        ("Quel est le taux du plan Halles ?", "le taux du Plan halles, quel est-il ?"),
        ("Qui peut signer une ORT ?", "Une ORT, qui peut la signer ?"),
    ],
)
def test_wordings_of_one_question_have_one_key(one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C'est quoi une ORT ?", "Comment faire une ORT ?"),
        ("Combien de temps dure une ORT ?", "Combien coûte une ORT ?"),
        ("Quelle aide avec l'Anah ?", "Quelle aide sans l'Anah ?"),
        ("Peut-on cumuler l'ORT et l'OPAH ?", "Peut-on ne pas cumuler l'ORT et l'OPAH ?"),
        ("Faut-il signer une ORT ?", "Peut-on signer une ORT ?"),
        ("Quelle aide pour 45 000 € ?", "Quelle aide pour 60 000 € ?"),
        ("Quel taux du plan Halles ?", "Quel taux du fonds Fontaines ?"),
    ],
)
def test_questions_that_differ_have_keys_of_their_own(one, other):
    assert key(one) != key(other)


def test_no_two_questions_of_the_fiches_are_taken_for_one():
    """Each `###` question of a fiche and its other wordings; two fiches may ask the very same thing."""
    seen: dict[str, tuple[str, str]] = {}
    confused = set()
    for path in sorted((PROJECT / "knowledge" / "fiches").glob("*.md")):
        document: Document = load(path, path.name)
        for section in (s for s in document.sections if s.heading.endswith("?") and s.level == 3):
            for question in (section.heading, *section.aliases):
                other, asked = seen.setdefault(key(question), (f"{path.name}#{section.start}", question))
                if other != f"{path.name}#{section.start}" and words(asked) != words(question):
                    confused.add((asked, question))
    assert len(confused) <= 15, confused  # each means one thing, asked of two fiches: « contact vta »


# -- verdicts ------------------------------------------------------------------------------------


def test_verdicts_are_kept_and_the_exchange_is_checked(reviews, desk, database):
    exchange = desk.kept()
    verdicts = [SentenceVerdict.SUPPORTED, SentenceVerdict.IMPRECISE]
    reviews.save(exchange, verdicts, "  voir 06 12 34 56 78 ", "Autre texte [1]\r\n", "anne", "relecteur")
    found = reviews.get(exchange.id)
    assert found.verdicts[: len(verdicts)] == tuple(verdicts)[: len(exchange.sentences)]
    assert (found.comment, found.correction) == ("voir [téléphone]", "Autre texte [1]")
    assert (found.reviewer, found.role) == ("anne", "relecteur")
    assert Journal(database).get(exchange.id).checked and reviews.among([exchange.id, 99]) == {exchange.id: found}
    reviews.save(exchange, [SentenceVerdict.FALSE], "", "", "paul", "editeur")
    assert reviews.get(exchange.id).verdicts[0] is SentenceVerdict.FALSE and reviews.get(exchange.id).reviewer == "paul"


def test_reviews_go_with_their_exchange_and_validated_answers_stay(reviews, desk, database, tmp_path):
    exchange = desk.kept()
    reviews.save(exchange, [SentenceVerdict.SUPPORTED], "", "", "anne", "relecteur")
    reviews.validate(exchange, desk.passages, "anne", "relecteur")
    with sqlite3.connect(tmp_path / "journal.sqlite") as file:
        file.execute("UPDATE exchanges SET created = '2020-01-01 00:00:00'")
    assert Journal(database).purge() == 1
    assert reviews.get(exchange.id) is None and desk.ask().validated


# -- validated answers ---------------------------------------------------------------------------


def test_a_validated_answer_serves_the_same_question_only(reviews, desk):
    computed = desk.ask()
    assert computed.validated is None and computed.status is Status.ANSWERED
    reference = reviews.validate(desk.kept(), desk.passages, "anne", "relecteur")
    served = desk.ask("le taux du Plan halles, quel est-il ?")
    assert served.validated.question == QUESTION and served.validated.role == "relecteur"
    assert (served.text, served.status) == (computed.text, Status.ANSWERED)
    assert [c.quote for c in served.citations] == [c.quote for c in computed.citations]
    assert "anne" not in repr(served) and reference.state is ReferenceState.ACTIVE
    assert desk.ask("À quoi servent les travaux du plan Halles ?").validated is None


def test_a_correction_is_served_with_the_passages_it_cites(reviews, desk):
    exchange = desk.kept()
    text = "Le plan Halles paie 35 % des travaux, jamais les études. [1]"
    corrected(reviews, exchange, text)
    reviews.validate(exchange, desk.passages, "anne", "editeur")
    served = desk.ask()
    assert served.text == text and served.sentences[0].citations == (1,)
    assert served.citations[0].quote == served.citations[0].passage.text


def test_staleness_is_told_of_the_day_it_is_served(reviews, desk):
    fresh = FICHES["halles.md"]
    stale = fresh.replace("contact:", "a_revoir_le: 2021-01-01\ncontact:")
    desk.publish(FICHES | {"halles.md": stale})
    exchange = desk.kept()
    corrected(reviews, exchange, f"35 % au plus. [1]\n\n{texts.STALE}")
    reviews.validate(exchange, desk.passages, "anne", "relecteur")
    assert desk.ask().text == f"35 % au plus. [1]\n\n{texts.STALE}"
    assert desk.publish(FICHES) == 0
    assert desk.ask().validated and desk.ask().text == "35 % au plus. [1]"


def test_a_follow_up_is_recognised_by_its_standalone_question(reviews, desk):
    reviews.validate(desk.kept(), desk.passages, "anne", "relecteur")
    first = desk.ask("C'est quoi le plan Halles ?")
    follow = desk.ask("et quel est son taux ?", [desk.assistant.turn(first)])
    assert bool(follow.validated) == (key(follow.standalone_question) == key(QUESTION))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Le plan Halles paie 40 % des travaux. [1]", "40\u00a0%"),
        ("Le plan Halles paie 35 % des travaux. [1]\n\nSoit 12 500 € au plus.", "12\u202f500\u00a0€"),
        ("Le plan Halles paie 35 % des travaux.", texts.REVIEW_NO_SOURCE),
        ("Le plan Halles paie 35 % des travaux. [7]", "[7]"),
    ],
)
def test_what_its_sources_do_not_carry_is_refused_by_name(reviews, desk, text, told):
    exchange = desk.kept()
    corrected(reviews, exchange, text)
    with pytest.raises(NotValidated) as refused:
        reviews.validate(exchange, desk.passages, "anne", "relecteur")
    assert told in str(refused.value)
    assert reviews.references() == [] and desk.ask().validated is None


def test_an_answer_judged_wrong_is_not_validated_as_it_is(reviews, desk):
    exchange = desk.kept()
    reviews.save(exchange, [SentenceVerdict.FALSE], "", "", "anne", "relecteur")
    with pytest.raises(NotValidated, match=re.escape(texts.REVIEW_UNCORRECTED)):
        reviews.validate(exchange, desk.passages, "anne", "relecteur")
    refusal = replace(exchange, status="not_found")
    reviews.save(exchange, [], "", "", "anne", "relecteur")
    with pytest.raises(NotValidated, match=re.escape(texts.REVIEW_NO_ANSWER)):
        reviews.validate(refusal, desk.passages, "anne", "relecteur")


def test_a_changed_passage_withdraws_the_answer_before_and_after_the_comparison(reviews, desk):
    exchange = desk.kept()
    reviews.validate(exchange, desk.passages, "anne", "relecteur")
    files = FICHES | {"halles.md": FICHES["halles.md"].replace("35 %", "40 %")}
    served = Assistant(
        Retriever.open(desk.assistant.retriever.folder.parents[1], desk.assistant.retriever.encoder), validated=reviews
    )
    assert served.ask(QUESTION).validated
    assert desk.publish(files) == 1
    assert desk.ask().validated is None and "40 %" in desk.ask().text
    (listed,) = reviews.references()
    assert listed.state is ReferenceState.EXPIRED and "halles.md" in listed.reason and "[1]" in listed.reason
    with pytest.raises(NotValidated, match=r"\[1\].*Plan Halles couvertes"):
        reviews.validate(exchange, desk.passages, "anne", "relecteur")
    reviews.validate(desk.kept(), desk.passages, "anne", "relecteur")
    assert desk.ask().validated and [r.state for r in reviews.references()] == [ReferenceState.ACTIVE, ReferenceState.REPLACED]


def test_an_answer_whose_passages_are_back_is_served_again(reviews, desk):
    reference = reviews.validate(desk.kept(), desk.passages, "anne", "relecteur")
    taken_off = reviews.validate(desk.kept("Quelle aide pour une fontaine ?"), desk.passages, "anne", "relecteur")
    reviews.withdraw(taken_off.id, "trop courte")
    assert desk.publish({"fontaines.md": FICHES["fontaines.md"]}) == 1
    assert reviews.of(reference.exchange).reason == texts.REVIEW_GONE.format(document="halles.md", marker=1)
    assert desk.publish(FICHES | {"halles.md": FICHES["halles.md"].replace("35 %", "40 %")}) == 0
    told = reviews.of(reference.exchange)
    now = texts.REVIEW_CHANGED.format(document="halles.md", marker=1)
    assert (told.state, told.reason) == (ReferenceState.EXPIRED, now), "what is true now"
    assert desk.publish(FICHES) == 0 and desk.ask().validated
    back = reviews.of(reference.exchange)
    assert back.state is ReferenceState.ACTIVE and back.reason == ""
    assert reviews.of(taken_off.exchange).state is ReferenceState.WITHDRAWN, "what a member took off stays off"


def test_the_service_never_waits_for_the_comparison(reviews, desk, small):
    reviews.validate(desk.kept(), desk.passages, "anne", "relecteur")
    changed = small({"fontaines.md": FICHES["fontaines.md"]})
    assert Assistant(changed.retriever, validated=reviews).ask(QUESTION).validated is None  # not compared yet
    assert reviews.compare(changed.retriever.passages) == 1
    assert reviews.references()[0].reason == texts.REVIEW_GONE.format(document="halles.md", marker=1)


def test_what_changes_elsewhere_withdraws_nothing(reviews, desk):
    reviews.validate(desk.kept(), desk.passages, "anne", "relecteur")
    added = "## Bon à savoir\n### Autre question ?\nAutre texte.\n\n## À savoir"
    files = {
        "fontaines.md": FICHES["fontaines.md"].replace("9 000", "8 000"),
        "kiosques.md": "# Kiosques\n\nUn kiosque.",
        "halles.md": FICHES["halles.md"].replace("## À savoir", added),
    }
    assert desk.publish(files) == 0 and desk.ask().validated


def test_an_answer_taken_off_by_hand_is_no_longer_given(reviews, desk):
    reference = reviews.validate(desk.kept(), desk.passages, "anne", "relecteur")
    assert reviews.withdraw(reference.id, "plus d'actualité") and not reviews.withdraw(reference.id)
    assert desk.ask().validated is None and reviews.references()[0].reason == "plus d'actualité"
    assert not reviews.withdraw(999) and reviews.of(reference.exchange).state is ReferenceState.WITHDRAWN


def test_a_database_that_fails_costs_no_answer(desk, tmp_path, caplog):
    (tmp_path / "file").write_text("not a folder")
    broken = Reviews(Database(f"sqlite:///{tmp_path}/file/journal.sqlite"))
    assert Assistant(desk.assistant.retriever, validated=broken).ask(QUESTION).status is Status.ANSWERED
    assert "could not be read" in caplog.text
    assert Reviews(Database("")).find(QUESTION) is None and Reviews(Database("")).compare([]) == 0
