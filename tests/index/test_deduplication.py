"""Deduplication: the same paragraph is indexed once; a figure, a negation or a name keeps two apart."""

from __future__ import annotations

import pytest

from index.deduplication import find_duplicates
from index.document import Document, Place, Section

LONG = (
    "Le fonds finance la moitié du poste de chef de projet dans les communes lauréates du programme, pendant toute "
    "la durée de la convention signée avec l'État, dans la limite de 45 000 € par an et par commune, à condition que "
    "la collectivité ait délibéré avant le dépôt du dossier auprès de la préfecture de la Nièvre, qui instruit la "
    "demande, vérifie les pièces et transmet son avis au comité de suivi, lequel rend sa décision sous deux mois, et "
    "l'aide est versée en deux fois, un acompte à la signature puis le solde lorsque le bilan est remis aux services "
    "de l'État par la commune ou par son intercommunalité, pour toutes les dépenses engagées depuis le dépôt."
)


def document(path: str, text: str, heading: str = "") -> Document:
    sections = (Section(heading, 2, 0),) if heading else ()
    return Document(path, path, text, sections=sections)


def merged(one: str, other: str, headings: tuple[str, str] = ("", "")) -> bool:
    """True when the second text is left out for the first."""
    found = find_duplicates([document("a.md", one, headings[0]), document("b.md", other, headings[1])])
    return found.skip == {"b.md": {(0, len(other))}}


SAME = [
    ("copie", LONG, LONG),
    ("ponctuation et casse", LONG, LONG.replace(", qui instruit", " - qui instruit").replace("Le fonds", "LE FONDS")),
    ("un mot outil ajouté", LONG, LONG.replace("pour toutes les dépenses", "et ce pour toutes les dépenses")),
    ("une faute corrigée", LONG, LONG.replace("vérifie les pièces", "vérifié les pièces")),
]

DIFFERENT = [
    ("un montant", LONG.replace("45 000 €", "55 000 €")),
    ("une unité", LONG.replace("45 000 €", "45 000 habitants")),
    ("un nombre en lettres", LONG.replace("deux mois", "trois mois")),
    ("une négation", LONG.replace("l'aide est versée", "l'aide n'est pas versée")),
    ("une négation de plus", LONG.replace("rend sa décision", "ne rend pas sa décision")),
    ("un département", LONG.replace("Nièvre", "Creuse")),
    ("un sigle", LONG.replace("comité de suivi", "comité ANCT de suivi")),
    ("un autre texte", "La boutique à l'essai permet à un commerçant de tester son activité dans un local vacant du centre."),
]


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_the_same_paragraph_is_left_out_once(one: str, other: str) -> None:
    assert merged(one, other)


@pytest.mark.parametrize("other", [case[1] for case in DIFFERENT], ids=[case[0] for case in DIFFERENT])
def test_what_changes_the_meaning_keeps_two_apart(other: str) -> None:
    assert not merged(LONG, other)
    assert not merged(other, LONG)


SHORT = [
    ("unité", "Le taux de l'aide est fixé à 50 % pour la commune.", "Le taux de l'aide est fixé à 50 € pour la commune."),
    ("signe", "Le prix évolue de + 5 % par an pour la commune.", "Le prix évolue de - 5 % par an pour la commune."),
    ("comparaison", "Ouvert aux communes si elles ont < 20 000 hab..", "Ouvert aux communes si elles ont > 20 000 hab.."),
]


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SHORT], ids=[case[0] for case in SHORT])
def test_words_alone_do_not_make_a_copy(one: str, other: str) -> None:
    assert not merged(one, other)


SWAPPED = LONG + " Le taux est de 50 % pour les études et de 80 % pour les travaux."


def test_swapped_figures_keep_two_apart() -> None:
    assert not merged(SWAPPED, SWAPPED.replace("50 %", "x").replace("80 %", "50 %").replace("x", "80 %"))


def test_different_headings_are_kept() -> None:
    assert merged(LONG, LONG, ("Quel soutien ?", "Quel soutien ?"))
    assert not merged(LONG, LONG, ("Denormandie", "Villages d'avenir"))


def test_short_labels_are_not_duplicates() -> None:
    assert not merged("Voir la préfecture.", "Voir la préfecture.")


def test_the_kept_paragraph_knows_every_other_place() -> None:
    prefix = "Un tout autre paragraphe en tête de document, sans rapport.\n\n"
    base = [document("a.md", LONG), document("b.md", prefix + LONG), document("c.md", LONG)]
    found = find_duplicates(base)
    start = len(prefix)
    assert found.also == {"a.md": {(0, len(LONG)): (Place("b.md", start, start + len(LONG)), Place("c.md", 0, len(LONG)))}}
    assert found.skip == {"b.md": {(start, start + len(LONG))}, "c.md": {(0, len(LONG))}}


def test_a_paragraph_repeated_within_one_document_is_kept_once() -> None:
    found = find_duplicates([document("a.md", LONG + "\n\n" + LONG)])
    assert found.skip == {"a.md": {(len(LONG) + 2, 2 * len(LONG) + 2)}}
