"""The header of a fiche: every key by its type, and a fault says what to write."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from index.document import Document
from index.fiche import Criterion, FicheHeader, Grant, faults, header

NAMED = {"dispositif": "Fonds Halles"}
WHOLE: dict[str, Any] = {
    "titre": "Le fonds Halles",
    "theme": "Commerce",
    "dispositif": "Fonds Halles",
    "aussi_appele": ["halles", "FH"],
    "organisme": "Région",
    "public": "communes",
    "contact": "la Région",
    "mis_a_jour": "2026-01-30",
    "a_revoir_le": "2026-12-31",
    "eligibilite": [
        {"critere": "population", "max": 20000, "strict": True, "texte": "moins de 20 000 habitants", "preuve": "Qui ?"},
        {"critere": "zone", "valeur": ["frr", "montagne"], "exclu": True, "texte": "hors zone", "preuve": "Qui ?"},
        {"critere": "programme", "valeur": "PVD", "texte": "la commune est PVD", "preuve": "Qui ?"},
    ],
    "aide": [
        {"nom": "poste", "depense": "coût", "taux": 12.5, "plafond": 3000, "periode": "an", "annees": 2, "preuve": "Combien ?"}
    ],
}


def one_fault(**metadata: object) -> str:
    (found,) = faults(NAMED | metadata)
    return found.text


def test_every_key_of_a_fiche_has_its_type() -> None:
    none = None
    assert header(WHOLE, "halles.md") == FicheHeader(
        title="Le fonds Halles",
        theme="Commerce",
        scheme="Fonds Halles",
        other_names=("halles", "FH"),
        organisation="Région",
        public="communes",
        contact="la Région",
        updated=date(2026, 1, 30),
        review_by=date(2026, 12, 31),
        criteria=(
            Criterion("population", "moins de 20 000 habitants", (), none, 20000, True, False, "Qui ?", "halles.md"),
            Criterion("zone", "hors zone", ("frr", "montagne"), excluded=True, proof="Qui ?", document="halles.md"),
            Criterion("programme", "la commune est PVD", ("PVD",), proof="Qui ?", document="halles.md"),
        ),
        grants=(Grant("poste", "coût", Decimal("12.5"), Decimal(3000), none, "an", "", "Combien ?", most_years=Decimal(2)),),
    )
    assert faults(WHOLE) == []


@pytest.mark.parametrize("empty", [{}, dict.fromkeys(WHOLE), {"aide": [], "eligibilite": [], "aussi_appele": []}])
def test_what_is_not_given_is_empty_and_no_fault(empty: dict[str, Any]) -> None:
    assert header(empty, "x.md") == FicheHeader()
    assert faults(NAMED | {key: value for key, value in empty.items() if key != "dispositif"}) == []


WRONG = [
    ("date à la française", {"a_revoir_le": "31/12/2026"}, "« a_revoir_le: 31/12/2026 »", "« a_revoir_le: 2026-12-31 »"),
    ("date en mots", {"mis_a_jour": "octobre 2025"}, "« mis_a_jour: octobre 2025 »", "« mis_a_jour: AAAA-MM-JJ »"),
    ("jour qui n'existe pas", {"a_revoir_le": "2026-02-30"}, "« a_revoir_le: 2026-02-30 »", "« a_revoir_le: AAAA-MM-JJ »"),
    ("taux avec son signe", {"aide": [{"taux": "50 %"}]}, "« taux: 50 % »", "« taux: 50 »"),
    ("taux en mots", {"aide": [{"taux": "la moitié"}]}, "« taux: la moitié »", "chiffres"),
    ("taux trop grand", {"aide": [{"taux": 500}]}, "« taux: 500 »", "0 à 100"),
    ("pas un nombre", {"aide": [{"plafond": float("nan")}]}, "« plafond: nan »", "positif"),
    ("plafond avec son unité", {"aide": [{"plafond": "20 000 €"}]}, "« plafond: 20 000 € »", "« plafond: 20000 »"),
    ("habitants", {"eligibilite": [{"max": "3 500"}]}, "« max: 3 500 »", "« max: 3500 »"),
    ("oui", {"eligibilite": [{"strict": "oui"}]}, "« strict: oui »", "« strict: true »"),
    ("critère", {"eligibilite": [{"critere": "populations"}]}, "« critere: populations »", "population, programme, convention"),
    ("noms sans crochets", {"aussi_appele": "halles, FH"}, "« aussi_appele: halles, FH »", "« aussi_appele: [halles, FH] »"),
    ("liste de listes", {"aussi_appele": [["halles"]]}, "« aussi_appele »", "« aussi_appele: ["),
    ("une aide sans tiret", {"aide": {"nom": "poste"}}, "« aide »", "« - nom: … »"),
    ("aide en mots", {"aide": "aucune"}, "« aide: aucune »", "« aide: [] »"),
    ("condition en mots", {"eligibilite": ["être PVD"]}, "élément 1", "« - critere: … »"),
    ("texte en liste", {"contact": ["Région"]}, "« contact »", "guillemets"),
    ("texte pris pour non", {"contact": False}, "« contact: false »", "guillemets"),
    ("clé accentuée", {"thème": "Commerce"}, "« thème »", "« theme »"),
    ("clé au pluriel", {"contacts": "Région"}, "« contacts »", "« contact »"),
    ("clé avec des espaces", {"Mis à jour": "2026-01-30"}, "« Mis à jour »", "« mis_a_jour »"),
    ("clé d'une aide", {"aide": [{"dépense": "coût"}]}, "« dépense »", "« depense »"),
]  # fmt: skip


@pytest.mark.parametrize(("metadata", "said", "how"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_fault_repeats_what_is_written_and_says_what_to_write(metadata: dict[str, Any], said: str, how: str) -> None:
    told = one_fault(**metadata)
    assert said in told and how in told and told.endswith(".")


@pytest.mark.parametrize("other", ["title", "date", "tags", "publie", "auteur", "layout", "description"])
def test_keys_of_other_programs_are_left_alone(other: str) -> None:
    assert faults(NAMED | {other: "x"}) == []


def test_a_key_like_one_that_is_given_is_another() -> None:
    assert faults(NAMED | {"theme": "Commerce", "themes": ["Commerce"]}) == []


@pytest.mark.parametrize("metadata", [case[1] for case in WRONG if "mis_a_jour" not in case[1]])
def test_nothing_is_expected_of_a_document_that_is_no_fiche(metadata: dict[str, Any]) -> None:
    assert faults(metadata) == []
    assert isinstance(Document("note.md", "Note", "", metadata=metadata).header, FicheHeader)


def test_a_wrong_value_takes_nothing_else_with_it() -> None:
    rows = [{"nom": "poste", "taux": "50 %", "plafond": 3000}, "texte", {"nom": "étude", "taux": 80}]
    document = Document("f.md", "Fiche", "", metadata=NAMED | {"aussi_appele": "halles", "a_revoir_le": "fin 2026", "aide": rows})
    assert [(grant.name, grant.rate, grant.ceiling) for grant in document.header.grants] == [
        ("poste", None, Decimal(3000)),
        ("étude", Decimal(80), None),
    ]
    assert document.names == ("Fonds Halles", "halles")
    assert document.review_date is None


def test_a_fiche_whose_date_is_wrong_is_still_a_fiche() -> None:
    document = Document("f.md", "Fiche", "", metadata={"mis_a_jour": "octobre 2025"})
    assert document.is_fiche and document.date is None


def test_the_dates_of_a_document_are_told_in_iso() -> None:
    document = Document("f.md", "Fiche", "", metadata={"mis_a_jour": "2026-01-30T10:00:00", "a_revoir_le": "2026-12-31"})
    assert (document.date, document.review_date) == ("2026-01-30", "2026-12-31")


def test_a_fault_says_where_it_stands() -> None:
    (found,) = faults(NAMED | {"aide": [{"nom": "a"}, {"taux": "x"}]})
    assert found.place == ("aide", 1, "taux")
