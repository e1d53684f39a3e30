"""CSV files and the encodings of texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import UnreadableDocument
from index.loaders import load
from index.loaders.sheets import cells as sheet_grid
from index.loaders.text import encoding
from tests.index.loaders.conftest import assert_remarks

TEXT = "L'école élémentaire rouvre à la rentrée.\nCœur de bourg : 1 250 € versés l’été dernier.\n"


def read(tmp_path: Path, content: str | bytes, name: str = "a.csv") -> str:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(path, name).text


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|", "~"])
def test_the_delimiter_is_found(delimiter: str, tmp_path: Path) -> None:
    content = "\n".join(delimiter.join(row) for row in (["Rue", "Arbres", "Année"], ["Haute", "12", "2027"]))
    assert read(tmp_path, content).endswith("Année : 2027")


def test_a_sep_line_says_the_delimiter_and_is_not_content(tmp_path: Path) -> None:
    assert read(tmp_path, "sep=,\r\nRue,Note\r\nHaute,a;b\r\n") == "Rue : Haute\nNote : a;b"


def test_decimal_commas_do_not_part_columns(tmp_path: Path) -> None:
    assert read(tmp_path, "Nom;Taux\nA;1,5\nB;2,5\n") == "Nom : A\nTaux : 1,5\n\nNom : B\nTaux : 2,5"


def test_an_open_quote_swallows_no_row(tmp_path: Path) -> None:
    content = 'Lieu;Adresse;Places\nSalle;"Place du Foirail;220\nGymnase;"Rue\ndes Écoles";450\nFoyer;"Rue Basse;80\n'
    assert read(tmp_path, content).split("\n\n") == [
        "Lieu : Salle\nAdresse : Place du Foirail\nPlaces : 220",
        "Lieu : Gymnase\nAdresse : Rue\ndes Écoles\nPlaces : 450",
        "Lieu : Foyer\nAdresse : Rue Basse\nPlaces : 80",
    ]


def test_ragged_rows_keep_their_values(tmp_path: Path) -> None:
    assert read(tmp_path, "a;b;c\nx;1\ny;2;3;de plus\n").endswith("a : y\nb : 2\nc : 3\nde plus")


def test_a_failed_formula_is_not_a_value_and_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Poste;Total\nVoirie;#REF!\nParc;12\n", encoding="utf-8")
    document = load(tmp_path / "a.csv", "a.csv")
    assert "#REF" not in document.text
    assert_remarks(document, ("1 cellule", "erreur"))


def test_a_table_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.loaders.sheets.delimited.MAX_ROWS", 5)
    assert sheet_grid.MAX_ROWS > 5
    with pytest.raises(UnreadableDocument) as refusal:
        read(tmp_path, "a,b\n" + "1,2\n" * 10)
    assert refusal.value.status == "too_large"


@pytest.mark.parametrize("name", ["cp1252", "iso8859_15", "mac_roman", "utf_16_le", "utf_16_be", "utf_16", "utf_32", "utf_8_sig"])
def test_an_encoding_is_told_from_its_text(name: str) -> None:
    text = TEXT if name != "iso8859_15" else TEXT.replace("’", "'")
    assert encoding.decode(text.encode(name)) == text


def test_dos_and_mac_are_told_apart() -> None:
    text = "Société de pêche ; le président"
    assert (encoding.decode(text.encode("cp850")), encoding.decode(text.encode("mac_roman"))) == (text, text)


def test_lines_of_two_encodings_are_each_read_in_their_own() -> None:
    first, second = "Théâtre : 5 €\n", "École de pêche : 6 €\n"
    assert encoding.decode(first.encode() + second.encode("cp1252")) == first + second


def test_a_text_encoded_twice_is_repaired() -> None:
    assert encoding.decode("École à l’œuvre : 86 000 €".encode().decode("cp1252").encode()) == "École à l’œuvre : 86 000 €"


def test_signs_that_are_text_are_left_alone() -> None:
    text = "SÃO PAULO – « CAFÉ » à 20 °C, n° 12"
    assert encoding.decode(text.encode()) == text
