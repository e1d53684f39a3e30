"""Grounding: a sentence passes only when its source carries its figures, its names and its negation."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.answer import Support
from assistant.answering.grounding import support, unsupported_figures
from index.figures import euros

SOURCE = (
    "L'État finance 75 % du poste de chef de projet, dans la limite de 45 000 € par an, pendant trois ans. "
    "L'Anah n'intervient pas."
)
POST = "L'aide au poste de chef de projet"

CASES = [
    # verbatim
    ("mot pour mot", "L'État finance 75 % du poste de chef de projet", Support.VERIFIED),
    ("autres accents et majuscules", "l'etat finance 75% du poste", Support.VERIFIED),
    ("avec son numéro", "L'État finance 75 % du poste de chef de projet [3]", Support.VERIFIED),
    # figures
    ("k€", f"{POST} est limitée à 45 k€ par an.", Support.VERIFIED),
    ("euros en lettres", f"{POST} est limitée à 45000 euros par an.", Support.VERIFIED),
    ("espace fine", f"{POST} est limitée à 45\u202f000 € par an.", Support.VERIFIED),
    ("chiffre pour lettres", f"{POST} dans la limite de 3 ans, par an.", Support.VERIFIED),
    ("autre montant", f"{POST} est limitée à 55 000 € par an.", Support.UNSUPPORTED),
    ("autre ordre de grandeur", f"{POST} est limitée à 450 000 € par an.", Support.UNSUPPORTED),
    ("autre taux", "L'État finance 80 % du poste de chef de projet.", Support.UNSUPPORTED),
    ("année absente", "L'État finance le poste de chef de projet en 2026.", Support.UNSUPPORTED),
    ("article absent", "L'État finance le poste, art. L. 303-2.", Support.UNSUPPORTED),
    # names
    ("organisme inventé", "Le poste de chef de projet est financé par la Région.", Support.UNSUPPORTED),
    ("organisme présent", "Le poste de chef de projet est financé par l'État.", Support.VERIFIED),
    # wording
    ("autres mots", "Une subvention récompense chaque commune volontaire.", Support.WEAK),
]


@pytest.mark.parametrize(("sentence", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_sentence_is_supported_by_the_figures_names_and_words_of_its_source(sentence: str, expected: Support) -> None:
    assert support(sentence, [SOURCE]) is expected


NEGATIONS = [
    ("ajoutée", "L'État finance le poste.", "L'État ne finance pas le poste.", False),
    ("ajoutée par aucun", "L'État finance le poste.", "L'État n'a aucune aide au poste.", False),
    ("ajoutée par sans", "L'État finance le poste.", "L'État finance le poste sans projet.", False),
    ("prise à la phrase voisine", SOURCE, "L'État ne finance pas le poste de chef de projet.", False),
    ("retirée", "Le plan ne finance pas les études.", "Le plan finance les études.", False),
    ("retirée, jamais", "Le plan ne paie jamais les études de sol.", "Le plan paie les études de sol.", False),
    ("gardée", "Le plan ne finance pas les études, quelle que soit la commune.", "Les études, le plan ne les finance pas.", True),
    ("d'une autre phrase", "Le plan finance les halles. Il ne paie pas les études.", "Le plan Halles finance les halles.", True),
]


@pytest.mark.parametrize(("source", "sentence", "agrees"), [case[1:] for case in NEGATIONS], ids=[case[0] for case in NEGATIONS])
def test_negation_must_agree(source: str, sentence: str, agrees: bool) -> None:
    assert (support(sentence, [source]) is not Support.UNSUPPORTED) == agrees


def test_several_quotes_carry_a_sentence_together() -> None:
    sentence = "L'État finance 75 % du poste et la Région 10 % du poste."
    quotes = ["L'État finance 75 % du poste.", "La Région finance 10 % du poste."]
    assert support(sentence, quotes) is Support.VERIFIED
    assert support(sentence, quotes[:1]) is Support.UNSUPPORTED


@pytest.mark.parametrize("quotes", [[], [""], [" \n "]], ids=["aucune", "vide", "blanche"])
def test_nothing_carries_nothing(quotes: list[str]) -> None:
    assert support("L'État finance le poste.", quotes) is Support.UNSUPPORTED


def test_numbers_the_asker_gave_need_no_source() -> None:
    sentence = "75 % de 60 000 € = 45 000 €, dans la limite de 45 000 €."
    assert unsupported_figures(sentence, SOURCE) == {Decimal(60000).normalize()}
    assert unsupported_figures(sentence, SOURCE, [Decimal(60000).normalize()]) == set()
    assert support(sentence, [SOURCE]) is Support.UNSUPPORTED
    assert support(sentence, [SOURCE], [Decimal(60000).normalize()]) is not Support.UNSUPPORTED


def test_a_marker_is_no_figure() -> None:
    assert unsupported_figures("L'État finance [12] le poste [3].", SOURCE) == set()


@given(st.integers(min_value=17, max_value=10**9))
def test_an_amount_passes_only_where_it_stands(amount: int) -> None:
    sentence = f"Le poste de chef de projet reçoit {euros(Decimal(amount))}."
    carried = amount in (75, 45000)
    assert (support(sentence, [SOURCE]) is not Support.UNSUPPORTED) == carried
    assert support(sentence, [sentence]) is Support.VERIFIED


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_texts_are_judged(sentence: str, quote: str) -> None:
    assert support(sentence, [quote]) in Support
