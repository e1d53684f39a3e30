"""Tables drawn with characters, in plain texts and in Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.loaders import load

ROW = "Salle : Foyer ; Journée : 95 € ; Week-end : 150 €"
LINE = "+-------+---------+----------+"
TABLES = {
    "grid": f"{LINE}\n| Salle | Journée | Week-end |\n{LINE.replace('-', '=')}\n"
    f"| Foyer | 95 €    | 150 €    |\n{LINE}\n| Halle | 40 €    | 70 €     |\n{LINE}",
    "psql": " Salle | Journée | Week-end \n-------+---------+----------\n Foyer | 95 €    | 150 €\n Halle | 40 €    | 70 €",
    "box": "┌───────┬─────────┬──────────┐\n│ Salle │ Journée │ Week-end │\n├───────┼─────────┼──────────┤\n"
    "│ Foyer │ 95 €    │ 150 €    │\n│ Halle │ 40 €    │ 70 €     │\n└───────┴─────────┴──────────┘",
    "aligned": "Salle     Journée     Week-end\nFoyer     95 €        150 €\nHalle     40 €        70 €",
    "tabs": "Salle\tJournée\tWeek-end\nFoyer\t95 €\t150 €\nHalle\t40 €\t70 €",
}


def text_of(tmp_path: Path, name: str, text: str) -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load(path, name).text


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_drawn_row_has_the_names_of_its_columns(table: str, tmp_path: Path) -> None:
    text = text_of(tmp_path, "note.txt", f"Tarifs de la salle.\n\n{table}\n\nCaution en plus.\n")
    assert text == f"Tarifs de la salle.\n\n{ROW}\nSalle : Halle ; Journée : 40 € ; Week-end : 70 €\n\nCaution en plus."


def test_a_cell_of_a_grid_goes_on_over_lines(tmp_path: Path) -> None:
    line = "+-------+-------+"
    grid = "\n".join([line, "| Salle | Prix  |", line, "| Foyer | 95 €  |", "| rural |       |", line, "| Halle | 40 €  |", line])
    assert "Salle : Foyer rural ; Prix : 95 €" in text_of(tmp_path, "note.txt", grid)


def test_markdown_reads_grids_and_leaves_its_own_tables(tmp_path: Path) -> None:
    text = text_of(tmp_path, "note.md", f"# Tarifs\n\n{TABLES['grid']}\n\n| Nom | Prix \\| jour |\n|---|---|\n| Étude | 2 € |\n")
    assert ROW in text
    assert "Nom : Étude ; Prix | jour : 2 €" in text


@pytest.mark.parametrize(
    "text", ["Le maire  est là.\nIl  signe ici même.\nPuis il  part.", "a | b\nc | d", "Un titre | une ville\n---\n\nTexte."]
)
def test_a_text_with_two_spaces_or_bars_is_no_table(text: str, tmp_path: Path) -> None:
    assert " : " not in text_of(tmp_path, "note.txt", text)
