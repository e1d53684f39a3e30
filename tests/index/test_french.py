"""The French analyser: folding, elisions, amounts, stems, sentences."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.french import APOSTROPHES, STOP_WORDS, analyse, fold, join_thousands, pieces, sentences, stem, words

WORDS = [
    ("élision", "l'ORT et d'une", ["ort", "et", "une"]),
    ("apostrophe courbe", "l’aide qu’on", ["aide", "on"]),
    ("lorsqu'", "lorsqu'il", ["il"]),
    ("aujourd'hui n'est pas une élision", "aujourd'hui", ["aujourd", "hui"]),
    ("accents et ligatures", "Cœur de ville, Éligibilité", ["coeur", "de", "ville", "eligibilite"]),
    ("montant", "45 000 €", ["45000"]),
    ("montant, espace fine", "1\u202f500\u202f000 €", ["1500000"]),
    ("montant, points", "1.500.000 €", ["1500000"]),
    ("deux nombres voisins", "en 2024 15 000 €", ["en", "2024", "15000"]),
    ("décimale", "3,7 milliards", ["3,7", "milliards"]),
    ("le + d'une offre", "PVD+ et PVD", ["pvd+", "pvd", "et", "pvd"]),
    ("trait d'union", "centre-bourg", ["centre", "bourg"]),
    ("rien", " … ! ", []),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in WORDS], ids=[case[0] for case in WORDS])
def test_a_text_is_cut_into_its_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


SAME_TERMS = [
    ("pluriel", "les communes", "la commune"),
    ("sans accents", "l'éligibilité des communes", "eligibilite communes"),
    ("majuscules", "ORT", "ort"),
    ("mots vides", "à quoi on a droit pour le commerce", "droit commerce"),
    ("montants", "45 000 €", "45000 €"),
    ("genre", "territorial", "territoriale"),
]


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SAME_TERMS], ids=[case[0] for case in SAME_TERMS])
def test_what_means_the_same_has_the_same_search_terms(one: str, other: str) -> None:
    assert analyse(one) == analyse(other) != []


def test_terms_keep_order_and_repeats() -> None:
    assert analyse("Prêt, aide, prêt") == [stem("pret"), stem("aide"), stem("pret")]


def test_negations_and_figures_are_not_stemmed_away() -> None:
    assert stem("2026") == "2026"
    assert stem("pvd+") == "pvd+"


def test_pieces_let_a_misspelt_word_meet_the_right_one_and_never_cut_a_number() -> None:
    assert pieces("L'ORT en 2026") == ["_ort", "ort_", "2026"]
    shared = set(pieces("comerces")) & set(pieces("les commerces"))
    assert len(shared) >= 4 and not set(pieces("2026")) & set(pieces("20260"))


def test_stop_words_are_folded() -> None:
    assert {fold(word) for word in STOP_WORDS} == STOP_WORDS


SENTENCES = [
    ("deux phrases", "Une aide existe. Elle est de 50 %.", ["Une aide existe.", "Elle est de 50 %."]),
    ("abréviation", "Selon l'art. 5 du code. Fin.", ["Selon l'art. 5 du code.", "Fin."]),
    ("article L.", "Voir l'article L. 303-2 du code.", ["Voir l'article L. 303-2 du code."]),
    ("civilité", "M. Dupont décide. Il signe.", ["M. Dupont décide.", "Il signe."]),
    ("guillemets", "Il dit : « Oui. » Puis il part.", ["Il dit : « Oui. »", "Puis il part."]),
    ("liste", "Pièces :\n- un bail ;\n- un plan.", ["Pièces :", "- un bail ;", "- un plan."]),
    ("paragraphes", "Titre sans point\n\nTexte.", ["Titre sans point", "Texte."]),
    ("nombre décimal", "Le taux est de 3.5 % ici.", ["Le taux est de 3.5 % ici."]),
    ("vide", "  \n ", []),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in SENTENCES], ids=[case[0] for case in SENTENCES])
def test_a_text_is_cut_into_its_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(st.text(alphabet='aé. !?\n-•«»"LM12 ', max_size=200))
def test_sentences_lose_nothing_and_keep_order(text: str) -> None:
    spans = sentences(text)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))


@given(st.text(max_size=100))
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=100))
def test_terms_of_a_text_do_not_depend_on_its_case(text: str) -> None:
    assert analyse(fold(text)) == analyse(text)


@given(st.integers(min_value=0, max_value=10**12))
def test_thousands_are_joined(number: int) -> None:
    assert join_thousands(f"{number:,}".replace(",", " ")) == str(number)


def test_every_letter_is_folded_as_unicode_decomposes_it() -> None:
    """What folding is defined as, letter by letter and together."""

    def decomposed(text: str) -> str:
        plain = APOSTROPHES.sub("'", text.lower()).replace("œ", "oe").replace("æ", "ae")
        return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))

    letters = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    assert [letter for letter in letters if fold(letter) != decomposed(letter)] == []
    for text in ("L’été à Œuilly : « l`aître »", "e\u0301\u0323 ΑΣ Σ İ", "".join(letters[:5000])):
        assert fold(text) == decomposed(text)
