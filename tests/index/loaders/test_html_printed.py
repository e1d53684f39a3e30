"""Pages made by pdf2htmlEX: lines, columns, headings and tables from their places."""

from __future__ import annotations

from pathlib import Path

from index.document import Document
from index.loaders import load
from tests.index.loaders.conftest import assert_remarks

SIZES = {"title": 30, "body": 12, "small": 6}


def line(text: str, x: int, y: int, size: str = "body") -> str:
    """A printed line: its text, its left side and its foot, in pixels."""
    return f'<div class="t m0 x{x:x} y{y:x} fs{list(SIZES).index(size)}">{text}</div>'


def read(tmp_path: Path, *pages: list[str]) -> Document:
    numbers = range(1000)
    rules = [f".x{n:x}{{left:{n}.0px;}}.y{n:x}{{bottom:{n}.0px;}}" for n in numbers]
    rules += [f".fs{i}{{font-size:{size * 4}.0px;}}" for i, size in enumerate(SIZES.values())]
    rules += [".m0{transform:matrix(0.250000,0.000000,0.000000,0.250000,0,0);}", "._f{width:400.0px;}", ".w0{width:600.0px;}"]
    sheets = "".join(f'<div class="pf w0 h0">{"".join(page)}</div>' for page in pages)
    style = "".join([*rules, ".h0{height:900.0px;}"])
    path = tmp_path / "guide.html"
    path.write_text(f"<html><head><meta charset='utf-8'><style>{style}</style></head><body>{sheets}</body></html>", "utf-8")
    return load(path, path.name)


def paragraph(x: int, y: int, *lines: str) -> list[str]:
    return [line(text, x, y - 16 * i) for i, text in enumerate(lines)]


BODY = paragraph(50, 300, "La commune aide les ménages qui", "rénovent leur logement, selon leurs", "revenus de l’année passée.")


def test_a_row_of_a_table_has_the_names_of_its_columns(tmp_path: Path) -> None:
    names = [*paragraph(50, 700, "NOMBRE DE", "PERSONNES"), *paragraph(200, 700, "REVENUS", "MODESTES")]
    names += [line("FORFAIT", 350, 692), line("AUTRES", 450, 692)]
    rows = [line(text, x, 520) for text, x in (("de plus", 50), ("+ 6 970 €", 200), ("12 €", 350), ("+ 8 486 €", 450))]
    for count, (modest, other) in enumerate([("23 541 €", "28 657 €"), ("34 551 €", "42 058 €"), ("41 493 €", "50 513 €")], 1):
        y = 680 - 40 * count
        rows += [line(str(count), 70, y), line(modest, 200, y), line("12 €", 350, y)]
        rows += [line("plus de", 450, y + 8), line(other, 450, y - 8)]
    text = read(tmp_path, [*names, *rows, *BODY]).text
    assert "NOMBRE DE PERSONNES : 2 ; REVENUS MODESTES : 34 551 € ; FORFAIT : 12 € ; AUTRES : plus de 42 058 €" in text


def test_a_wide_gap_parts_two_cells(tmp_path: Path) -> None:
    rows = [line("Nom<span class='_ _f'> </span>Prix<span class='_ _f'> </span>Caution", 50, 600)]
    rows += [
        line(f"Salle {n}<span class='_ _f'> </span>{n}0 €<span class='_ _f'> </span>{n}00 €", 50, 600 - 30 * n) for n in (1, 2, 3)
    ]
    assert "Nom : Salle 2 ; Prix : 20 € ; Caution : 200 €" in read(tmp_path, [*rows, *BODY]).text


def test_large_lines_are_headings(tmp_path: Path) -> None:
    document = read(tmp_path, [line("Guide des aides", 50, 700, "title")], [line("Les plafonds", 50, 350, "title"), *BODY])
    assert document.headings_at(document.text.index("La commune")) == ("Les plafonds",)


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = paragraph(50, 600, "Le premier texte commence ici et", "continue sur cette ligne jusqu’à", "la fin de sa colonne.")
    right = paragraph(330, 600, "Le second texte commence là et", "se poursuit de même façon sur", "la colonne de droite.")
    crossed = [piece for pair in zip(left, right, strict=True) for piece in pair]
    text = read(tmp_path, crossed).text
    assert text.index("la fin de sa colonne.") < text.index("Le second texte")


def test_raised_letters_join_their_word(tmp_path: Path) -> None:
    page = [line("Au 1", 50, 600), line("er", 74, 606, "small"), line("janvier 2024, surface de 8 m", 88, 600), *BODY]
    assert "Au 1er janvier 2024" in read(tmp_path, page).text


def test_glyphs_without_a_letter_are_spaces_and_unreadable_ones_are_told(tmp_path: Path) -> None:
    document = read(tmp_path, [line("Prime : 40\ue61e€, si R \ufffd 7", 50, 600), *BODY])
    assert "Prime : 40 €" in document.text
    assert_remarks(document, ("signe", "1", "\ufffd"))
