"""Excel and OpenDocument spreadsheets: values as people see them, nothing hidden, what is lost said."""

# ruff: noqa: E501 - sample XML, whole on its line

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.workbook import Workbook

from index.document import Document
from index.loaders import load
from index.loaders.sheets.blank_rows import WithoutBlankRows
from index.loaders.sheets.number_format import shown_number, shown_text
from tests.index.loaders.conftest import assert_remarks


def workbook(*rows: list[object]) -> Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def saved(book: Workbook, tmp_path: Path, name: str = "a.xlsx") -> Document:
    book.save(tmp_path / name)
    return load(tmp_path / name, name)


# ------------------------------------------------------------------------------------- number formats


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (145200, "General", "145200"),
        (1250.5, "General", "1250,5"),
        (0.1 + 0.2, "General", "0,3"),
        (21340172201787, "General", "21340172201787"),
        (0.35, "0%", "35 %"),
        (0.425, "0.0%", "42,5 %"),
        (350, '#,##0" k€"', "350 k€"),
        (2400000, '#,##0.0,,"  M€"', "2,4 M€"),
        (18450.5, '#,##0.00\\ "€"', "18 450,50 €"),
        (1012.5, "#,##0.00\\ [$€-40C]", "1 012,50 €"),
        (1234567, "# ##0", "1 234 567"),
        (-1234, "#,##0;[Red]#,##0", "-1 234"),
        (-1234, "#,##0_);(#,##0)", "(1 234)"),
        (-0.05, "0%;-0%", "-5 %"),
        (2500, '[>=1000]0.0," k€";0" €"', "2,5 k€"),
        (0, '0;-0;"néant"', "néant"),
        (3, ";;;", ""),
        (233445566, '00" "00" "00" "00" "00', "02 33 44 55 66"),
        (2.75, "# ??/??", "2 3/4"),
        (12345678, "0.00E+00", "1,23E+07"),
        (1.005, "0.00", "1,01"),
        (45720, "yyyy-mm-dd", "04/03/2025"),
        (45720, "m/d/yy", "04/03/2025"),
        (45720.5, "dd/mm/yyyy hh:mm", "04/03/2025 12:00"),
        (45720, "[$-40C]d mmmm yyyy", "4 mars 2025"),
        (45720, "mmm-yy", "mars-25"),
        (45720, "jj/mm/aaaa", "04/03/2025"),
        (0.354166667, 'h"h"mm', "8h30"),
        (1.5, "[h]:mm", "36:00"),
    ],
)
def test_a_number_reads_as_its_cell_shows_it(value: float, code: str, shown: str) -> None:
    assert shown_number(value, code) == shown


def test_a_format_dresses_or_hides_a_text() -> None:
    assert (shown_text("12 bis", '"Lot "@'), shown_text("secret", ";;;"), shown_text("mot", "0.00")) == ("Lot 12 bis", "", "mot")


def test_the_formats_of_cells_are_read(tmp_path: Path) -> None:
    book = workbook(["Aide", "Taux", "Voté le", "Versée"], ["Façade", 0.35, datetime.date(2025, 3, 4), True])
    book.active["B2"].number_format = "0%"
    assert saved(book, tmp_path).text == "Aide : Façade\nTaux : 35 %\nVoté le : 04/03/2025\nVersée : oui"


# --------------------------------------------------------------------------------------- what is seen


def test_a_merged_cell_is_said_in_each_row_and_column(tmp_path: Path) -> None:
    book = workbook(["Axe", "Lundi", "Mardi"], ["Axe 1", "8 h", "9 h"], [None, "Fermé", None])
    book.active.merge_cells("A2:A3")
    book.active.merge_cells("B3:C3")
    assert saved(book, tmp_path).text.endswith("Axe : Axe 1\nLundi : Fermé\nMardi : Fermé")


def test_hidden_sheets_rows_and_columns_are_left_out_and_said(tmp_path: Path) -> None:
    book = workbook(["Salle", "Secret", "Prix"], ["Halle", "x1", "240 €"], ["Vieux", "x2", "195 €"])
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    for name, state in (("Brouillon", "hidden"), ("Paie", "veryHidden")):
        book.create_sheet(name).append(["x3"])
        book[name].sheet_state = state
    document = saved(book, tmp_path)
    assert document.text == "Salle : Halle\nPrix : 240 €"
    assert_remarks(document, ("1 ligne", "1 colonne"), ("Brouillon", "Paie"))


def test_struck_text_is_left_out_and_said(tmp_path: Path) -> None:
    rich = CellRichText([TextBlock(InlineFont(strike=True), "355 €"), TextBlock(InlineFont(), " 372 €")])
    book = workbook(["Logement", "Loyer", "Charges"], ["T2", rich, "40 €"])
    book.active["C2"].font = Font(strike=True)
    document = saved(book, tmp_path)
    assert document.text == "Logement : T2\nLoyer : 372 €"
    assert_remarks(document, ("1 cellule", "barré"))


def test_raised_figures_are_never_glued_to_a_number(tmp_path: Path) -> None:
    rich = CellRichText(["15 000", TextBlock(InlineFont(vertAlign="superscript"), "2"), " €"])
    assert saved(workbook(["Aide", "Plafond"], ["Toiture", rich]), tmp_path).text == "Aide : Toiture\nPlafond : 15 000² €"


def test_characters_that_excel_writes_as_codes_are_read(tmp_path: Path) -> None:
    book = workbook(["Service", "Horaires"], ["Mairie", "Lundi 9 h_x000D_\nMardi 14 h"])
    assert saved(book, tmp_path).text == "Service : Mairie\nHoraires : Lundi 9 h\nMardi 14 h"


def test_the_boxes_drawn_on_a_sheet_are_read_after_its_rows(tmp_path: Path) -> None:
    book = workbook(["Salle", "Tarif"], ["Foyer", "90 €"])
    book.active.add_chart(BarChart(), "D2")  # gives the sheet a drawing
    book.save(tmp_path / "chart.xlsx")
    shape = "<xdr:sp><xdr:txBody><a:p><a:r><a:t>Caution de </a:t></a:r><a:r><a:t>300 €</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    declared = 'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    with zipfile.ZipFile(tmp_path / "chart.xlsx") as source, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as target:
        for name in source.namelist():
            content = f"<xdr:wsDr {declared}>{shape}</xdr:wsDr>" if name.endswith("drawing1.xml") else source.read(name)
            target.writestr(name, content)
    assert load(tmp_path / "a.xlsx", "a.xlsx").text == "Salle : Foyer\nTarif : 90 €\n\nCaution de 300 €"


def test_labels_in_bold_stand_before_their_values(tmp_path: Path) -> None:
    book = workbook(["Commune", "Valmorin"], ["Maire", "Mme Roy"])
    book.active["A1"].font = book.active["A2"].font = Font(bold=True)
    assert saved(book, tmp_path).text == "Commune : Valmorin\n\nMaire : Mme Roy"


def test_a_comment_stands_under_the_value_it_is_pinned_on(tmp_path: Path) -> None:
    book = workbook(["Local", "Loyer"], ["Cellule B", "380 €"])
    book.active["B2"].comment = Comment("Régie:\nGratuit les six premiers mois.", "Régie")
    assert saved(book, tmp_path).text == "Local : Cellule B\nLoyer : 380 €\nCommentaire (Régie) : Gratuit les six premiers mois."


def test_a_formula_without_value_is_said_and_never_zero(tmp_path: Path) -> None:
    document = saved(workbook(["Recette", "Montant"], ["Buvette", 640], ["Total", "=SUM(B2:B2)"]), tmp_path)
    assert document.text == "Recette : Buvette\nMontant : 640\n\nRecette : Total"
    assert_remarks(document, ("1 formule",))


def test_a_failed_formula_shows_nothing_and_is_said(tmp_path: Path) -> None:
    document = saved(workbook(["Poste", "Total"], ["Voirie", "#DIV/0!"], ["Parc", 12]), tmp_path)
    assert "#" not in document.text
    assert_remarks(document, ("1 cellule", "erreur"))


@pytest.mark.parametrize("name", ["a.xlsm", "a.xltx"])
def test_workbooks_with_macros_and_templates_are_read(name: str, tmp_path: Path) -> None:
    assert saved(workbook(["Rue", "Arbres"], ["Haute", 12]), tmp_path, name).text == "Rue : Haute\nArbres : 12"


def test_formatted_cells_without_value_cost_nothing(tmp_path: Path) -> None:
    book = workbook(["Don", "Montant"], ["Orgue", 41200])
    book.active["A1048576"].font = Font(bold=True)
    assert saved(book, tmp_path).text == "Don : Orgue\nMontant : 41200"


# ---------------------------------------------------------------------------------------- OpenDocument

_CONTENT = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"><office:automatic-styles>
<style:style style:name="off" style:family="table"><style:table-properties table:display="false"/></style:style>
<style:style style:name="old" style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/></style:style>
</office:automatic-styles><office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"""


def calc(tmp_path: Path, sheets: str) -> Document:
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("content.xml", _CONTENT.format(sheets))
    return load(tmp_path / "a.ods", "a.ods")


def row(*cells: str, said: str = "") -> str:
    return f"<table:table-row {said}>{''.join(cells)}</table:table-row>"


def cell(text: str, said: str = "", inside: str = "") -> str:
    return f"<table:table-cell {said}>{inside}<text:p>{text}</text:p></table:table-cell>"


def table(*rows: str, said: str = "") -> str:
    return f'<table:table table:name="F" {said}>{"".join(rows)}</table:table>'


def test_blank_rows_are_cut_before_they_are_parsed_and_hidden_ones_kept() -> None:
    hidden = '<row r="4" hidden="1"/><row r="5" spans="1:2" ht="0"/>'
    filled = '<row r="6"><c r="A6"/><c r="B6"><v>1</v></c></row>'
    blank = '<row r="1" ht="15"/><x:row r="2"> <x:c r="A2" s="1"/></x:row><row r="3"></row>' * 100_000
    source = WithoutBlankRows(io.BytesIO(f"<sheetData>{blank}{hidden}{blank}{filled}</sheetData>".encode()))
    read = b"".join(iter(source.read, b"")).decode()
    assert len(read) < 2_000
    assert hidden in read
    assert read.endswith(f"{filled}</sheetData>")


def test_the_boxes_drawn_on_an_opendocument_sheet_are_read_after_its_rows(tmp_path: Path) -> None:
    box = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    shapes = f"<table:shapes>{box.format('Caution de 300 €')}</table:shapes>"
    price = f"<table:table-cell><text:p>90 €</text:p>{box.format('Nouveau prix')}</table:table-cell>"
    document = calc(tmp_path, table(shapes, row(cell("Salle"), cell("Tarif")), row(cell("Foyer"), price)))
    assert document.text == "Salle : Foyer\nTarif : 90 €\n\nNouveau prix\n\nCaution de 300 €"


def test_an_annotation_of_opendocument_is_left_out_and_said(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>ancien loyer 355 €</text:p></office:annotation>"
    document = calc(tmp_path, table(row(cell("Logement"), cell("Loyer")), row(cell("T2"), cell("372 €", inside=note))))
    assert document.text == "Logement : T2\nLoyer : 372 €"
    assert_remarks(document, ("1 commentaire",))


def test_hidden_and_struck_content_of_opendocument_is_left_out(tmp_path: Path) -> None:
    rows = [
        row(cell("Salle"), cell("Prix")),
        row(cell("Halle"), cell("240 €")),
        row(cell("Foyer"), cell("195 €"), said='table:visibility="collapse"'),
        row(cell("Préau"), cell("90 €", 'table:style-name="old"')),
    ]
    document = calc(tmp_path, table(*rows) + table(row(cell("Brouillon"), cell("x")), said='table:style-name="off"'))
    assert document.text == "Salle : Halle\nPrix : 240 €\n\nSalle : Préau"


def test_a_value_written_without_its_text_is_shown(tmp_path: Path) -> None:
    value = '<table:table-cell office:value-type="percentage" office:value="0.3812"/>'
    assert (
        calc(tmp_path, table(row(cell("Taxe"), cell("Taux")), row(cell("Foncier"), value))).text
        == "Taxe : Foncier\nTaux : 38,12 %"
    )
    time = '<table:table-cell office:value-type="time" office:time-value="PT14H30M00S"/>'
    assert (
        calc(tmp_path, table(row(cell("Car"), cell("Départ")), row(cell("Ligne 2"), time))).text
        == "Car : Ligne 2\nDépart : 14:30"
    )


def test_cells_repeated_and_merged_keep_their_columns(tmp_path: Path) -> None:
    empty = '<table:table-cell table:number-columns-repeated="60"/>'
    rows = [
        row(cell("Axe"), cell("Action"), empty, cell("Note")),
        row(cell("1", 'table:number-rows-spanned="2"'), cell("a"), empty, cell("n1")),
    ]
    rows += [row("<table:covered-table-cell/>", cell("b"), empty, cell("n2"))]
    assert calc(tmp_path, table(*rows)).text.endswith("Axe : 1\nAction : b\nNote : n2")
