"""A message read once: a letter, a dictated story or a text message leaves its question intact. By the encoder that ships."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.classifiers import Act
from assistant.answering.clauses import ClauseRole
from assistant.answering.message import Message, parse_message, questions_in
from index.embedding import SentenceEncoder
from tests.fakes import HashEncoder

LETTER = """Madame, Monsieur,

Adjointe aux finances d'une commune de 3 200 habitants, je me permets de vous solliciter afin de connaître l'interlocuteur à \
contacter pour le cofinancement du poste de chef de projet.

Avec mes remerciements anticipés,
Jeanne Tessier"""
SIGNED = """Bonjour,
Nous avons signé notre convention d'adhésion en 2021 et le chef de projet nous quitte.
Quel est le délai pour signer la convention-cadre ?
Cordialement,
Le secrétariat de mairie"""
DICTATED = (
    "alors voilà moi je suis secrétaire de mairie dans un petit village et le maire m'a demandé de regarder donc on voudrait "
    "savoir combien ça paie pour un chef de projet"
)


@pytest.fixture(scope="module")
def shipped() -> SentenceEncoder:
    return SentenceEncoder()


def test_a_letter_asks_what_it_asks_and_nothing_of_the_rest(shipped: SentenceEncoder) -> None:
    found = parse_message(LETTER, shipped)
    assert "l'interlocuteur à contacter pour le cofinancement du poste de chef de projet" in found.question
    assert "remerciements" not in found.question and "Madame" not in found.question and "Tessier" not in found.question
    assert "commune de 3 200 habitants" in f"{found.question} {found.context}" and "Tessier" not in found.context


def test_what_is_told_before_a_signed_question_is_context_and_the_signature_is_nothing(shipped: SentenceEncoder) -> None:
    found = parse_message(SIGNED, shipped)
    assert found.questions == ("Quel est le délai pour signer la convention-cadre ?",) and found.act is Act.QUESTION
    assert "adhésion en 2021" in found.context
    assert not any(word in found.question + found.context for word in ("Bonjour", "Cordialement", "secrétariat"))


def test_a_dictated_line_without_punctuation_is_cut_where_it_breathes(shipped: SentenceEncoder) -> None:
    found = parse_message(DICTATED, shipped)
    assert "combien ça paie pour un chef de projet" in found.question and "secrétaire de mairie" not in found.question
    assert "secrétaire de mairie" in found.context


def test_a_greeting_before_a_question_is_no_greeting(shipped: SentenceEncoder) -> None:
    for typed in ("Bonjour. C'est quoi une ORT ?", "Bonjour, c'est quoi une ORT ?", "bonjour quel est le taux de la DETR, merci"):
        found = parse_message(typed, shipped)
        assert found.act is Act.QUESTION, (typed, found.act)


def test_thanks_around_a_request_thank_nobody(shipped: SentenceEncoder) -> None:
    assert parse_message("merci de m'indiquer le taux de la DETR", shipped).act is Act.QUESTION
    assert parse_message("Merci beaucoup. Bonne journée à vous. Cordialement.", shipped).act is Act.THANKS


def test_a_text_message_keeps_its_question(shipped: SentenceEncoder) -> None:
    found = parse_message("slt, c koi l'aide pr un vta, merci", shipped)
    assert found.act is Act.QUESTION and "c koi l'aide pr un vta" in found.question


def test_a_statement_that_asks_is_what_is_asked(shipped: SentenceEncoder) -> None:
    assert parse_message("Le plafond, c'est bien par an", shipped).question == "Le plafond, c'est bien par an"


def test_two_questions_in_one_message_are_two(shipped: SentenceEncoder) -> None:
    assert parse_message("Quelles missions a le chef de projet et qui l'embauche ?", shipped).questions == (
        "Quelles missions a le chef de projet", "qui l'embauche ?",
    )  # fmt: skip
    assert parse_message("C'est quoi une ORT ? Combien de communes en ont signé une ?", shipped).questions == (
        "C'est quoi une ORT ?", "Combien de communes en ont signé une ?",
    )  # fmt: skip


def test_what_cannot_be_seen_breaks_no_word(shipped: SentenceEncoder) -> None:
    plain = parse_message("c'est quoi le plafond du poste de chef de projet ?", shipped)
    hidden = parse_message("c'est quoi le pla\u00adfond du poste de chef de pro\u200bjet ?\ufeff", shipped)
    assert hidden == plain and "plafond" in hidden.question and "projet" in hidden.question


def test_the_acts_of_a_message_are_those_of_what_it_asks(shipped: SentenceEncoder) -> None:
    assert parse_message("Merci pour tout. Bonne journée. Quel est le taux de la DETR ?", shipped).act is Act.QUESTION


def test_what_would_be_declined_by_its_last_words_is_not_when_all_is_read(shipped: SentenceEncoder) -> None:
    alone = parse_message("Quel est son nom ?", shipped)
    told = parse_message("L'ADEME a mis en ligne un outil qui rafraîchit les places en été. Quel est son nom ?", shipped)
    assert told.foreign < 0.3 < alone.foreign


def test_a_request_in_the_middle_of_dictation_is_found_without_a_question_word(shipped: SentenceEncoder) -> None:
    found = parse_message(
        "dites pour mon exposé au ccas la part des plus de soixante-quinze ans dans les petites villes de demain j'avais noté "
        "les chiffres sur un post-it il s'est envolé littéralement la fenêtre était ouverte",
        shipped,
    )
    assert "la part des plus de soixante-quinze ans" in found.question and "fenêtre" not in found.question


# -- pure parts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "asked"), [
    ("Quelles missions et qui l'embauche ?", ("Quelles missions", "qui l'embauche ?")),
    ("C'est quoi une ORT et combien de communes en ont une ?", ("C'est quoi une ORT", "combien de communes en ont une ?")),
    ("Quand finit l'aide ou combien reste-t-il ?", ("Quand finit l'aide", "combien reste-t-il ?")),
    ("Qui signe la convention et le maire ?", ("Qui signe la convention et le maire ?",)),
    ("Où et quand ?", ("Où et quand ?",)), ("Le chef de projet et qui l'embauche ?", ("Le chef de projet et qui l'embauche ?",)),
])  # fmt: skip
def test_each_question_of_two_keeps_a_question_word_of_its_own(text: str, asked: tuple[str, ...]) -> None:
    assert questions_in(text) == asked


def test_a_message_without_acts_is_a_question() -> None:
    assert Message("?", ("?",)).act is Act.QUESTION
    assert Message("a b", ("a", "b"), acts={"doute": 0.6, "question": 0.4}).act is Act.CHALLENGE
    assert Message("a b", ("a", "b")).question == "a b"


@given(st.text(max_size=200))
def test_any_message_is_read(typed: str) -> None:
    found = parse_message(typed, HashEncoder())
    assert found.questions and found == parse_message(typed, HashEncoder())
    assert all(clause.role in ClauseRole and 0 <= clause.ask_probability <= 1 for clause in found.clauses)
