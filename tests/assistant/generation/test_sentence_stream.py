"""Pieces of text become sentences as soon as they are complete, the same ones however the text is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.generation.sentence_stream import LONGEST, SentenceStream, WrittenSentence

CASES = [
    ("mark before the stop", "Il est de 35 % [1]. Il dure un an [2].", [("Il est de 35 %.", (1,)), ("Il dure un an.", (2,))]),
    ("mark after the stop", "Il est de 35 %. [1] Il dure un an. [2][3]", [("Il est de 35 %.", (1,)), ("Il dure un an.", (2, 3))]),
    ("marks in one bracket", "Il dure un an [1, 3].", [("Il dure un an.", (1, 3))]),
    ("decimals", "Le taux est de 3.5 puis 3,5 % [1].", [("Le taux est de 3.5 puis 3,5 %.", (1,))]),
    ("abbreviations", "Voir l'art. L. 303-2 et M. le préfet, p. 4 [1].", [("Voir l'art. L. 303-2 et M. le préfet, p. 4.", (1,))]),
    ("an address", "Écrire à mairie.exemple.fr dès demain [1].", [("Écrire à mairie.exemple.fr dès demain.", (1,))]),
    ("a quotation", "La loi dit « jamais. » [2] Puis rien [1].", [("La loi dit « jamais. »", (2,)), ("Puis rien.", (1,))]),
    ("a list with one mark", "Il porte sur :\n- le toit ;\n- le sol. [1]", [("Il porte sur :\n- le toit ;\n- le sol.", (1,))]),
    ("a list with its marks", "- le toit [1]\n- le sol [2]\n", [("le toit", (1,)), ("le sol", (2,))]),
    ("a numbered list", "1. Déposer [1].\n2. Attendre [2].", [("Déposer.", (1,)), ("Attendre.", (2,))]),
    ("an introduction", "Voici :\n\nLe taux est de 35 % [1].", [("Le taux est de 35 %.", (1,))]),
    ("a heading", "## Taux\nLe taux est de 35 % [1].", [("Le taux est de 35 %.", (1,))]),
    ("bold", "Le taux est de **35 %** [1].", [("Le taux est de 35 %.", (1,))]),
    ("no mark", "Le taux est de 35 %. Il dure un an", [("Le taux est de 35 %.", ()), ("Il dure un an", ())]),
    ("a thought", "<think>Un. Deux [1].</think>Trois [2].", [("Trois.", (2,))]),
    ("a thought without end", "<think>Un. Deux [1].", []),
    ("controls", "Le\x00 taux\u202e est \x1bhaut [1].", [("Le taux est haut.", (1,))]),
    ("nothing", " \n ", []),
]  # fmt: skip


def cut(text: str, size: int) -> list[WrittenSentence]:
    stream = SentenceStream()
    found = [one for start in range(0, len(text), size) for one in stream.feed(text[start : start + size])]
    return found + list(stream.close())


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_sentences_are_the_same_however_the_text_is_cut(text, expected, size):
    assert [(one.text, one.markers) for one in cut(text, size)] == expected


def test_a_sentence_is_given_as_soon_as_nothing_more_belongs_to_it():
    stream = SentenceStream()
    assert [one.text for one in stream.feed("Le taux est de 35 % [1].")] == ["Le taux est de 35 %."]
    assert list(stream.feed(" Il dure un an.")) == [], "a mark may follow"
    assert [one.text for one in stream.feed(" [2] E")] == ["Il dure un an."]


def test_paragraphs_and_items_stay_where_they_were():
    found = cut("Un [1]. Deux [1].\n\nTrois [1].\n- Quatre [1].\n- Cinq [1].", 3)
    assert [one.opens for one in found] == [" ", " ", "\n\n", "\n- ", "\n- "]


def test_a_sentence_without_end_is_given_up_as_too_long():
    found = cut("halle " * LONGEST, 5)
    assert len(found) >= 2 and all(len(one.text) > LONGEST for one in found[:-1])


@given(st.text(alphabet="ab .[]123\n-:«»;%<>#*", max_size=80), st.integers(1, 9))
def test_no_word_is_lost_or_made_up(text, size):
    whole, pieces = cut(text, 1000), cut(text, size)
    assert [one.text for one in whole] == [one.text for one in pieces]
    assert "".join(c for one in whole for c in one.text if c in "ab").__len__() <= sum(c in "ab" for c in text)
