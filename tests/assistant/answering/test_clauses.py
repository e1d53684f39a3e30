"""Clauses: where they begin and what they are there for, with punctuation and without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.bounds import BOUNDS
from assistant.answering.clauses import FILE, ClauseReader, ClauseRole, sentence_spans, words_of
from assistant.answering.training.clause_learning import as_dictated, labelled_clauses, tagged, worth_of
from index.embedding import SentenceEncoder
from index.french import analyse
from tests.fakes import HashEncoder

COUNTED = Path("tests/golden/clauses.jsonl")  # of another writer, taught nothing


@pytest.fixture(scope="module")
def shipped() -> SentenceEncoder:
    return SentenceEncoder()


def test_the_model_that_ships_was_learned_for_the_encoder_that_ships(shipped: SentenceEncoder) -> None:
    assert ClauseReader.load().encoder == shipped.identity.sha256 and FILE.is_file()
    assert {*analyse("bonjour cordialement")} <= ClauseReader.load().polite


@pytest.mark.parametrize(("manner", "least"), [
    ("typed", {"roles": 0.83, "ask_precision": 0.75, "ask_recall": 0.80}),
    ("dictated", {"roles": 0.82, "ask_precision": 0.73, "ask_recall": 0.79}),
])  # fmt: skip
def test_messages_that_taught_nothing_are_read_with_punctuation_and_without(
    shipped: SentenceEncoder, manner: str, least: dict[str, float]
) -> None:
    messages = labelled_clauses(COUNTED)
    if manner == "dictated":
        messages = [as_dictated(message) for message in messages]
    worth = worth_of(ClauseReader.load(), tagged(messages, shipped), BOUNDS.clause_opens)
    assert all(worth[name] >= floor for name, floor in least.items()), worth


def test_with_another_encoder_the_words_alone_are_read() -> None:
    encoder = HashEncoder()
    (sentence,) = ClauseReader.load().read(
        "bonjour je suis secrétaire de mairie et je voudrais savoir combien ça paie pour un chef de projet", encoder, 0.3
    )
    assert sentence[-1].role is ClauseRole.ASK and "combien ça paie" in sentence[-1].text


@pytest.mark.parametrize(("text", "sentences"), [
    ("c'est quoi une ORT ?", ["c'est quoi une ORT ?"]),
    ("Bonjour. C'est quoi une ORT ?", ["Bonjour.", "C'est quoi une ORT ?"]),
    ("un taux de 3,5 % ?", ["un taux de 3,5 % ?"]),
    ("Je remercie M. Durand de la mairie. Quel est l'art. 4 de la convention ?",
     ["Je remercie M. Durand de la mairie.", "Quel est l'art. 4 de la convention ?"]),
    ("Bonjour\nqui paie ?", ["Bonjour", "qui paie ?"]),
])  # fmt: skip
def test_sentences_end_at_stops_and_lines_but_not_after_an_abbreviation(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


def test_an_elided_word_is_a_word_of_its_own() -> None:
    text = "l'Anah, c’est qui ?"
    assert [text[word.start : word.end] for word in words_of(text)] == ["l'", "Anah,", "c’", "est", "qui", "?"]


def test_what_stands_around_a_word_tells_it_apart() -> None:
    first, _, last = words_of("qui paie qui")
    assert set(first.features) != set(last.features) and "3 qui" in first.features and "3 qui" in last.features


def test_words_that_hold_nothing_make_no_clause() -> None:
    reader = ClauseReader.load()
    assert reader.read("", HashEncoder(), 0.3) == [] and reader.read("?! — …", HashEncoder(), 0.3) == []


@given(st.text(max_size=200), st.floats(0, 1))
def test_the_clauses_of_any_text_stand_in_it_in_order(text: str, opens: float) -> None:
    at = 0
    for sentence in ClauseReader.load().read(text, HashEncoder(), opens):
        for clause in sentence:
            at = text.index(clause.text, at) + len(clause.text)
            assert 0 <= clause.ask_probability <= 1 and 0 <= clause.courtesy_probability <= 1


def test_the_order_of_words_counts_both_ways() -> None:
    """A unit that forgot would say the same of the same words whatever follows."""
    reader = ClauseReader.load()
    near, far = words_of("on a signé la convention merci"), words_of("on a signé la convention combien de temps ça dure")
    assert not np.allclose(reader.predict(near, None)[1][0], reader.predict(far, None)[1][0])
