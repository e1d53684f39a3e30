"""Masking: personal data never stays in what is kept, logged or told to a model, and every other figure and name does."""

from __future__ import annotations

import io
import logging
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.answer import Answer, Status
from assistant.privacy.identifiers import DataKind, identifiers
from assistant.privacy.masked_logs import MaskedFormatter
from assistant.privacy.masking import Masker
from assistant.privacy.public_words import PublicWords
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.records.reviews import Reviews
from assistant.records.team_questions import TeamQuestions

FICHES = sorted((Path(__file__).parents[3] / "knowledge" / "fiches").glob("*.md"))
mask = Masker().mask

MASKED = [
    ("téléphone", "Appelez le 06 12 34 56 78.", "Appelez le [téléphone]."),
    ("téléphone à points", "06.12.34.56.78", "[téléphone]"),
    ("téléphone à barres", "06/12/34/56/78 ou 06 - 12 - 34 - 56 - 78", "[téléphone] ou [téléphone]"),
    ("téléphone collé", "0612345678", "[téléphone]"),
    ("téléphone d'outre-mer", "0692 00 41 87, +262 692 00 41 87", "[téléphone], [téléphone]"),
    ("indicatif et zéro", "+33 (0)6 12 34 56 78", "[téléphone]"),
    ("double zéro", "0033612345678", "[téléphone]"),
    ("téléphone étranger", "+32 475 12 34 56", "[téléphone]"),
    ("téléphone dicté", "zéro six douze trente-quatre cinquante-six soixante-dix-huit", "[téléphone]"),
    ("courriel", "écrire à jean.dupont+pvd@orange.fr", "écrire à [courriel]"),
    ("courriel dicté", "jean point dupont arobase orange point fr", "[courriel]"),
    ("courriel espacé", "dupont . jean @ orange . fr", "[courriel]"),
    ("NIR", "1 85 05 78 006 084 36", "[numéro]"),
    ("NIR collé", "185057800608436", "[numéro]"),
    ("NIR corse", "2-85-05-2A-006-084", "[numéro]"),
    ("IBAN", "FR76 3000 6000 0112 3456 7890 189 pour la prime", "[compte] pour la prime"),
    ("IBAN belge collé", "BE68539007547034", "[compte]"),
    ("carte", "4970 1098 7654 3213", "[carte]"),
    ("plaque", "ma voiture AB-123-CD, avant 7314 VK 48", "ma voiture [plaque], avant [plaque]"),
    ("plaque en minuscules", "plaque bx 291 rt", "plaque [plaque]"),
    ("SIRET d'un artisan", "artisan, SIRET 801 234 568 00013", "artisan, SIRET [entreprise]"),
    ("naissance", "née le 3 mai 1951 à Luzy", "née le [naissance] à Luzy"),
    ("adresse", "j'habite 14bis chemin de la Fontaine à Luzy", "j'habite [adresse] à Luzy"),
    ("adresse sans numéro", "J'habite rue des Tanneurs", "J'habite [adresse]"),
    ("voisin", "mon voisin Dupont touche une aide", "mon voisin [nom] touche une aide"),
    ("prénom et nom", "la locataire Julie Martin-Roux", "la locataire [nom]"),
    ("civilités", "M. Martin et Mme Le Goff demandent", "M. [nom] et Mme [nom] demandent"),
    ("civilité sans point", "M Dupont ou mme petit", "M [nom] ou mme [nom]"),
    ("je m'appelle", "je mapel kevin rigal et jai 22 ans", "je mapel [nom] et jai 22 ans"),
    ("étiquettes", "Nom : VAN DEN BERGHE\nPrénom : Liesbeth", "Nom : [nom]\nPrénom : [nom]"),
    ("signature", "Merci.\nCordialement,\nHervé Castagnier", "Merci.\nCordialement,\n[nom]"),
    ("initiale", "Bien à vous,\nL. Roumégous", "Bien à vous,\n[nom]"),
    ("prénom seul", "J'ai eu Sandrine au téléphone", "J'ai eu [nom] au téléphone"),
    ("nom puis prénom", "dossier de BOUZID Nassim", "dossier de [nom]"),
    ("deux noms", "les locataires sont Wei Zhang et Mei Lin", "les locataires sont [nom] et [nom]"),
    ("tout en capitales", "BONJOUR JE SUIS PATRICE LAVERGNE ET JE VEUX OUVRIR UN COMMERCE",
     "BONJOUR JE SUIS [nom] ET JE VEUX OUVRIR UN COMMERCE"),
    ("répété", "Mme Castanet attend. Rappelez Castanet demain.", "Mme [nom] attend. Rappelez [nom] demain."),
    ("trois à la fois", "Mme Petit, 0612345678, a@b.fr", "Mme [nom], [téléphone], [courriel]"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "masked"), [case[1:] for case in MASKED], ids=[case[0] for case in MASKED])
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


KEPT = [
    "un poste à 60 000 € dans une ville de 2 500 habitants en 2026",
    "3 Md€, 1 646 communes, 75 %, 45 000 €",
    "L. 303-2 du code de la construction, décret n° 2019-498 du 22 mai 2019",
    "M. le maire et Mme la préfète",
    "la commune voisine d'Avallon",
    "le 31 mars 2026 à 12 h 30, dossier 2023-06-12-345",
    "SIRET 130 026 032 00016",
    "La commune (SIRET 214701955 00012)",
    "contact@anct.gouv.fr, le 3939, le 0 800 130 130",
    "Adresse de la mairie : 1 place de l'Hôtel-de-Ville",
    "1 place de stationnement pour 60 m²",
    "les parcelles AB 123, AB 124 et AC 56",
    "rue Victor-Hugo, lycée Jean-Moulin, loi Malraux, place du Général-de-Gaulle",
    "La ministre Jacqueline Gourault et le secrétaire d'État Joël Giraud",
    "Est-ce que Albert dans la Somme et Saint-Flour en font partie ?",
    "le cofinancement ira-t-il jusqu'en 2028 ?",
]


@pytest.mark.parametrize("text", KEPT)
def test_other_figures_and_names_are_kept(text: str) -> None:
    assert mask(text) == text


def test_what_the_base_says_itself_is_public() -> None:
    said = PublicWords.of(["Le rapport de Zoran Petrović : z.petrovic@exemple.fr, 04 66 00 11 22."])
    question = "que dit zoran petrović ? z.petrovic@exemple.fr ou +33 4 66 00 11 22"
    assert Masker(lambda: said).mask(question) == question
    assert mask(question) == "que dit [nom] ? [courriel] ou [téléphone]"


def test_a_surname_alone_is_not_public_because_the_base_names_somebody_else() -> None:
    said = PublicWords.of(["La ministre Dominique Faure a annoncé 15 000 €."])
    assert Masker(lambda: said).mask("Dominique Faure, et ma voisine Mme Faure") == "Dominique Faure, et ma voisine Mme [nom]"


def test_masking_the_fiches_hides_no_figure_of_the_programme() -> None:
    for path in FICHES:
        body = path.read_text(encoding="utf-8").partition("\n## ")[2]
        found = {piece.kind for piece in identifiers(body)}
        assert not found & {DataKind.NIR, DataKind.ACCOUNT, DataKind.CARD, DataKind.PLATE, DataKind.BUSINESS}, path.name


@given(st.text(max_size=200))
def test_any_text_is_masked(text: str) -> None:
    pieces = Masker().find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in pieces)
    assert all(one.end <= two.start for one, two in zip(pieces, pieces[1:], strict=False))


@pytest.mark.parametrize(
    "piece", ["mon voisin ", "a@", "06 ", "M. A", "a . ", "zéro six ", "1 rue de la ", "FR76 ", "né le ", "Jean "]
)
def test_a_long_text_is_masked_at_once(piece: str) -> None:
    """No pattern may take more than linear time or so: a text this long would never end."""
    assert mask(piece * 4000)


SECRETS = ("Solinhac", "06 39 98 01 42", "o.ferrandis@courrielo.fr")
TYPED = f"Mme {SECRETS[0]}, {SECRETS[1]}, {SECRETS[2]} : quelle aide pour la halle ?"


def test_nothing_that_is_kept_holds_personal_data(tmp_path: Path) -> None:
    file = tmp_path / "j.sqlite"
    database = Database(f"sqlite:///{file}")
    journal, reviews, questions = Journal(database), Reviews(database), TeamQuestions(database)
    number = journal.record(Answer(TYPED, TYPED, Status.NOT_FOUND, f"Je n'ai rien trouvé sur « {TYPED} »."), "c", 1)
    assert journal.feedback(number, "down", ["autre"], TYPED)
    exchange = journal.get(number)
    reviews.save(exchange, [], TYPED, f"{TYPED} Voir la fiche.", "anne", "editeur")
    questions.put(TYPED, TYPED, "not_found")
    with sqlite3.connect(file) as connection:
        kept = "\n".join(connection.iterdump())
    assert "quelle aide pour la halle" in kept and not [secret for secret in SECRETS if secret.lower() in kept.lower()]


def test_a_log_holds_no_personal_data_even_in_a_trace() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskedFormatter(Masker()))
    log = logging.Logger("test")
    log.addHandler(handler)
    try:
        raise ValueError(f"cannot keep: {TYPED}")
    except ValueError:
        log.exception("Lost: %s", TYPED)
    said = stream.getvalue()
    assert "Traceback" in said and "raise ValueError" in said and not [secret for secret in SECRETS if secret in said]
