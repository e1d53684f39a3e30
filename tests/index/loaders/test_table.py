"""What is a table: which rows name the columns, what is said of each row. On rows of text, without files."""

from __future__ import annotations

import pytest

from index.loaders.tables.table import read_sheet, row_lines


def sheet(*rows: str) -> list[str]:
    """The records and lines of a sheet written « a|b|c » a row, values parted by « ; », titles between « = »."""
    entries = read_sheet([[cell.strip() for cell in row.split("|")] for row in rows])
    return [f"={entry.text}=" if entry.is_title else " ; ".join(entry.lines()) for entry in entries if entry.lines()]


def lines(*rows: str, header_rows: int | None = None) -> list[str]:
    return row_lines([[cell.strip() for cell in row.split("|")] for row in rows], header_rows)


@pytest.mark.parametrize(
    ("names", "values", "said"),
    [
        ("Poste|2024|2025", "Voirie|131500|145200", "Poste : Voirie ; 2024 : 131500 ; 2025 : 145200"),
        ("|2024|2025", "Voirie|9 345|1 990", "Voirie ; 2024 : 9 345 ; 2025 : 1 990"),
        ("Poste|2024-2025|2025-2026", "Voirie|12|14", "Poste : Voirie ; 2024-2025 : 12 ; 2025-2026 : 14"),
        ("|2025", "Voirie|145200", "Voirie ; 2025 : 145200"),
        ("Foyer|1 personne|2 personnes", "Plafond|12 €|15 €", "Foyer : Plafond ; 1 personne : 12 € ; 2 personnes : 15 €"),
        ("Tarif|3-11 ans|Adulte", "Piscine|2 €|4 €", "Tarif : Piscine ; 3-11 ans : 2 € ; Adulte : 4 €"),
        ("Bilan|1er semestre|2e semestre", "Prêts|120|98", "Bilan : Prêts ; 1er semestre : 120 ; 2e semestre : 98"),
        ("Plafond|Taux", "8 000 €|60 %", "Plafond : 8 000 € ; Taux : 60 %"),
    ],
)
def test_figures_name_columns_that_hold_other_things(names: str, values: str, said: str) -> None:
    assert sheet(names, values) == [said]
    assert lines(names, values) == [said]


def test_years_over_years_are_values() -> None:
    assert sheet("Halle|2023|1000", "École|2024|1200") == ["Halle ; 2023 ; 1000", "École ; 2024 ; 1200"]


@pytest.mark.parametrize("upper", ["Chapitre|Exercice 2025|Exercice 2025", "Chapitre|Exercice 2025|"])
def test_a_row_of_names_under_another_is_said_after_it(upper: str) -> None:
    said = ["Chapitre : Personnel ; Exercice 2025 › Prévu : 731000 ; Exercice 2025 › Réalisé : 728600"]
    assert sheet(upper, "|Prévu|Réalisé", "Personnel|731000|728600") == said


def test_three_rows_of_names_are_read() -> None:
    rows = ("Service|Budget|Budget|Budget|Budget", "|2024|2024|2025|2025", "|Voté|Payé|Voté|Payé", "Voirie|1|2|3|4")
    assert sheet(*rows)[0].endswith("Budget › 2025 › Voté : 3 ; Budget › 2025 › Payé : 4")


def test_tables_one_under_another_keep_their_own_names() -> None:
    rows = ("Commune|Population", "Valmorin|3120", "|", "Association|Adhérents", "Harmonie|46")
    assert sheet(*rows) == ["Commune : Valmorin ; Population : 3120", "Association : Harmonie ; Adhérents : 46"]


def test_a_blank_row_inside_a_table_keeps_its_names() -> None:
    rows = ("Poste|Montant", "Voirie|12", "|", "Écoles|14")
    assert sheet(*rows) == ["Poste : Voirie ; Montant : 12", "Poste : Écoles ; Montant : 14"]


def test_names_parted_from_their_rows_by_a_blank_one_still_name_them() -> None:
    assert sheet("Code|Commune", "|", "64008|Ahetze") == ["Code : 64008 ; Commune : Ahetze"]


def test_tables_side_by_side_are_read_apart() -> None:
    rows = ("Poste|Montant||Service|Agents", "Voirie|12||Accueil|3", "Parc|5||")
    assert sheet(*rows) == [
        "Poste : Voirie ; Montant : 12", "Poste : Parc ; Montant : 5", "Service : Accueil ; Agents : 3",
    ]  # fmt: skip


def test_a_blank_column_does_not_part_values_from_the_names_of_their_rows() -> None:
    said = ["Poste : Voirie ; Prévu : 1 ; Réalisé : 2 ; Écart : 3"]
    assert sheet("Poste|Prévu||Réalisé|Écart", "Voirie|1||2|3") == said


def test_the_line_above_a_table_is_its_title_and_others_are_notes() -> None:
    rows = ("Tarifs 2026||", "Source : régie||", "||", "Salle|Habitant|Extérieur", "Halle|10 €|20 €", "||", "* hors caution||")
    assert sheet(*rows) == [
        "=Tarifs 2026=", "Source : régie", "Salle : Halle ; Habitant : 10 € ; Extérieur : 20 €", "* hors caution",
    ]  # fmt: skip


def test_a_row_alone_is_said_of_the_rows_under_it() -> None:
    rows = ("Action|Échéance|Montant", "Axe 1||", "OPAH|2027|420000", "Axe 2||", "Halle|2027|905000")
    assert sheet(*rows) == [
        "Axe 1 ; Action : OPAH ; Échéance : 2027 ; Montant : 420000",
        "Axe 2 ; Action : Halle ; Échéance : 2027 ; Montant : 905000",
    ]


def test_a_row_that_lacks_its_values_is_not_said_of_others() -> None:
    rows = ("École|Téléphone|Courriel", "Jaurès|02 41|a@b.fr", "Ferry||", "Zola|02 42|c@d.fr")
    assert sheet(*rows)[1:] == ["École : Ferry", "École : Zola ; Téléphone : 02 42 ; Courriel : c@d.fr"]


def test_the_total_of_several_groups_is_in_none() -> None:
    rows = ("Action|Montant", "Axe 1|", "OPAH|420", "Axe 2|", "Halle|905", "Total|1325")
    assert sheet(*rows)[-1] == "Action : Total ; Montant : 1325"


def test_a_total_ends_its_group() -> None:
    rows = ("Action|Montant", "Axe 1|", "OPAH|420", "Sous-total|420", "Axe 2|", "Halle|905", "Sous-total|905", "Total|1325")
    assert sheet(*rows)[-2:] == ["Axe 2 ; Action : Sous-total ; Montant : 905", "Action : Total ; Montant : 1325"]


def test_names_written_again_are_not_a_record() -> None:
    assert lines("Rue|Arbres", "Haute|12", "Rue|Arbres", "Basse|7") == ["Rue : Haute ; Arbres : 12", "Rue : Basse ; Arbres : 7"]


def test_a_form_reads_label_then_value() -> None:
    assert lines("Montant|5 000 €", "Durée|6 mois") == ["Montant : 5 000 €", "Durée : 6 mois"]
    assert sheet("Commune :|Valmorin", "Maire :|Mme Roy") == ["Commune : Valmorin", "Maire : Mme Roy"]


def test_in_two_columns_words_as_long_as_those_under_them_name_nothing() -> None:
    form = ("Objet|Prêt de matériel", "Pour qui|Les associations", "Délai|Avant le 1er du mois")
    assert lines(*form) == ["Objet | Prêt de matériel", "Pour qui | Les associations", "Délai | Avant le 1er du mois"]
    assert lines("Question|Réponse", "Qui ?|Les commerçants installés", "Où ?|Dans le centre ancien")[0] == (
        "Question : Qui ? ; Réponse : Les commerçants installés"
    )
    assert lines("Critères|- deux ans - un salarié", "Montant|3 000 €")[1] == "Montant : 3 000 €"


def test_a_form_may_have_several_labels_on_a_row() -> None:
    rows = ("Nom :|Judo club||Tél. :|04 00", "Maire :|Mme Roy||Site :|")
    assert lines(*rows) == ["Nom : Judo club ; Tél. : 04 00", "Maire : Mme Roy ; Site :"]
    assert sheet(*rows) == ["Nom : Judo club ; Tél. : 04 00", "Maire : Mme Roy ; Site :"]


def test_a_label_and_its_value_do_not_name_the_columns_under_a_blank_row() -> None:
    said = sheet("Site :|valmorin.fr|valmorin.fr", "||", "Page|Titre|Adresse", "P1|Accueil|/accueil", "P2|Contact|/contact")
    assert said[0] == "Site : valmorin.fr"
    assert said[-1] == "Page : P2 ; Titre : Contact ; Adresse : /contact"


def test_units_under_the_names_are_said_with_them() -> None:
    said = lines("Poste|Montant|Part", "|(€)|%", "Voirie|120|35", "Écoles|50|15")
    assert said[0] == "Poste : Voirie ; Montant (€) : 120 ; Part › % : 35"


def test_a_row_of_another_width_takes_no_names() -> None:
    said = ["Jour : Lundi ; Matin : 8 h ; Soir : 18 h", "Mardi | fermé"]
    assert lines("Jour|Matin|Soir", "Lundi|8 h|18 h", "Mardi|fermé") == said


def test_a_source_says_how_many_rows_name_its_columns() -> None:
    assert lines("Porteur|Dépôt", "Commune|En ligne") == ["Porteur | Dépôt", "Commune | En ligne"]
    assert lines("Porteur|Dépôt", "Commune|En ligne", header_rows=1) == ["Porteur : Commune ; Dépôt : En ligne"]
