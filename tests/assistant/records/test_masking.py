"""Masking: personal data never stays in what is kept, and every other figure and name does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.records.masking import mask

FICHES = sorted((Path(__file__).parents[3] / "knowledge" / "fiches").glob("*.md"))

MASKED = [
    ("téléphone", "Appelez le 06 12 34 56 78.", "Appelez le [téléphone]."),
    ("téléphone à points", "06.12.34.56.78", "[téléphone]"),
    ("téléphone collé", "0612345678", "[téléphone]"),
    ("indicatif", "+33 6 12 34 56 78", "[téléphone]"),
    ("indicatif et zéro", "+33 (0)6 12 34 56 78", "[téléphone]"),
    ("double zéro", "0033612345678", "[téléphone]"),
    ("courriel", "écrire à jean.dupont+pvd@mairie-luzy.fr", "écrire à [courriel]"),
    ("NIR", "1 85 05 78 006 084 36", "[numéro]"),
    ("NIR collé", "185057800608436", "[numéro]"),
    ("NIR corse", "2 85 05 2A 006 084", "[numéro]"),
    ("IBAN", "FR76 3000 6000 0112 3456 7890 189", "[compte]"),
    ("IBAN collé", "FR7630006000011234567890189", "[compte]"),
    ("voisin", "mon voisin Dupont touche une aide", "mon voisin [nom] touche une aide"),
    ("voisin en tête de phrase", "Mon voisin Dupont touche une aide", "Mon voisin [nom] touche une aide"),
    ("prénom et nom", "la locataire Julie Martin-Roux", "la locataire [nom]"),
    ("civilités", "M. Martin et Mme Le Goff demandent", "M. [nom] et Mme [nom] demandent"),
    ("deux à la fois", "Mme Petit, 0612345678, a@b.fr", "Mme [nom], [téléphone], [courriel]"),
]


@pytest.mark.parametrize(("text", "masked"), [case[1:] for case in MASKED], ids=[case[0] for case in MASKED])
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


KEPT = [
    "un poste à 60 000 € dans une ville de 2 500 habitants en 2026",
    "3 Md€, 1 646 communes, 75 %, 45 000 €",
    "L. 303-2 du code de la construction",
    "M. le maire et Mme la préfète",
    "la commune voisine d'Avallon",
    "le 31 mars 2026 à 12 h 30",
    "SIRET 130 026 032 00016",
]


@pytest.mark.parametrize("text", KEPT)
def test_other_figures_and_names_are_kept(text: str) -> None:
    assert mask(text) == text


def test_masking_the_fiches_hides_no_figure_of_the_programme() -> None:
    for path in FICHES:
        body = path.read_text(encoding="utf-8").partition("\n## ")[2]
        assert not re.search(r"\[(?:numéro|compte)\]", mask(body)), path.name


@given(st.text(max_size=200))
def test_any_text_is_masked(text: str) -> None:
    assert isinstance(mask(text), str)


@pytest.mark.parametrize("piece", ["mon voisin ", "a@", "06 ", "M. A"])
def test_a_long_text_is_masked_at_once(piece: str) -> None:
    """No pattern may take more than linear time or so: a text this long would never end."""
    assert mask(piece * 4000)
