"""Spreadsheets and CSV files → Documents in which a row is a record.

A record reads « Colonne : valeur », one line a column, so that a row found alone still says what its
figures are. Rows are read one by one (openpyxl read-only, lxml, csv). This module does not compute
formulas: it shows the value saved with them.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
from lxml import etree

from index.cleaning import one_line
from index.document import Document
from index.errors import UnreadableDocument
from index.loaders.assembly import Block, assemble, meaningful_title, readable_name
from index.loaders.encoding import read_text
from index.loaders.html import fragment_text
from index.loaders.opendocument import TABLE, cell_text, document_title, repeated

SUFFIXES = (".xlsx", ".ods", ".csv", ".tsv")

MAX_ROWS = 100_000  # a file; 155 MB of text with rows like those of the State's aid catalogue
MAX_COLUMNS = 500
MAX_CELL = 100_000  # characters; the longest of that catalogue has 9 238
_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 50
# Titles and notes stand above the column names; names further down than this were not seen.
MAX_ROWS_ABOVE = 15

Row = list[str]
_Spans = dict[int, tuple[str, int]]  # column → text of the merged cell above, rows it still covers


def load(path: Path, relative: str) -> Document:
    """Read a spreadsheet or a CSV file."""
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return _load_xlsx(path, relative)
    if suffix == ".ods":
        return _load_sheets(_ods_sheets(path), relative, document_title(path))
    return assemble(relative, readable_name(relative), _record_blocks(_bounded(_csv_rows(path))))


def _load_sheets(sheets: Iterable[tuple[str, Iterator[Row]]], relative: str, title: str) -> Document:
    """Sheets in order, each a section; the row limit counts for the whole file."""
    blocks: list[Block] = []
    for name, rows in sheets:
        blocks.append(Block(one_line(name) or "Feuille", 1))
        blocks += _record_blocks(_bounded(rows))
        if sum(block.record for block in blocks) > MAX_ROWS:
            _refuse_length()
    return assemble(relative, title or readable_name(relative), blocks)


def _bounded(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows with something in them, at most MAX_ROWS."""
    count = 0
    for row in rows:
        if any(row):
            count += 1
            if count > MAX_ROWS:
                _refuse_length()
            yield row


def _refuse_length() -> None:
    raise UnreadableDocument(f"Ce tableau a plus de {MAX_ROWS} lignes : découpez-le.", "too_large")


# ---------------------------------------------------------------------------------- rows → records


def _record_blocks(rows: Iterator[Row]) -> Iterator[Block]:
    above = list(islice(rows, MAX_ROWS_ABOVE))
    header = _header(above)
    if header is None:
        names: Row = []
    else:
        names = [one_line(cell).rstrip(" :") for cell in above[header]]
        for row in above[:header]:
            yield Block(" | ".join(one_line(cell) for cell in row if cell))
        above = above[header + 1 :]
    for row in (*above, *rows):
        if text := _record(row, names):
            yield Block(text, record=True)


def _header(rows: Sequence[Row]) -> int | None:
    """The position of the row of column names: the first to fill most columns, with words only."""
    width = max((sum(map(bool, row)) for row in rows), default=0)
    for i, row in enumerate(rows):
        filled = [cell for cell in row if cell]
        if len(filled) >= max(2, 0.6 * width):
            return i if len(rows) > i + 1 and all(_is_name(cell) for cell in filled) else None
    return None


def _is_name(cell: str) -> bool:
    return len(cell) <= 200 and bool(re.search(r"[^\W\d_]", cell)) and not re.match(r"https?://", cell)


def _record(row: Row, names: Row) -> str:
    """« Colonne : valeur » lines; a blank line would part the record in two."""
    lines = []
    for i, cell in enumerate(row):
        value = re.sub(r"\n{2,}", "\n", fragment_text(cell[:MAX_CELL])) if cell else ""
        if value:
            name = names[i] if i < len(names) else ""
            lines.append(f"{name} : {value}" if name else value)
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------- Excel


def _load_xlsx(path: Path, relative: str) -> Document:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        title = meaningful_title(book.properties.title)
        return _load_sheets(((sheet.title, _xlsx_rows(sheet)) for sheet in book.worksheets), relative, title)
    finally:
        book.close()


def _xlsx_rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # the size a file declares can be the whole sheet, 17 billion cells
    for row in sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS):
        yield [_shown(value) for value in row]


def _shown(value: Any) -> str:
    """A cell's value as a French reader expects it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime.datetime) and value.time() != datetime.time():
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, datetime.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", ",")
    return str(value).strip()


# ------------------------------------------------------------------------------------ OpenDocument


def _ods_sheets(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    """The sheets of an .ods file, their rows read one by one and forgotten."""
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as file:
        name, rows, spans = "", list[Row](), _Spans()
        events = etree.iterparse(
            file, events=("start", "end"), tag=(f"{TABLE}table", f"{TABLE}table-row"), resolve_entities=False
        )
        for event, element in events:
            if element.tag == f"{TABLE}table" and event == "start":
                name, rows, spans = element.get(f"{TABLE}name", ""), [], {}
            elif element.tag == f"{TABLE}table":
                yield name, iter(rows)
                element.clear()
            elif event == "end":
                rows += _ods_rows(element, spans)
                element.clear()
                if len(rows) > MAX_ROWS:
                    _refuse_length()


def _ods_rows(element: Any, spans: _Spans) -> list[Row]:
    """A row as often as it is repeated; a cell merged over several rows stands in each of them."""
    row: Row = []
    for cell in element:
        if cell.tag not in {f"{TABLE}table-cell", f"{TABLE}covered-table-cell"} or len(row) >= MAX_COLUMNS:
            continue
        text, left = cell_text(cell), int(cell.get(f"{TABLE}number-rows-spanned", "1"))
        if cell.tag == f"{TABLE}covered-table-cell" and spans.get(len(row), ("", 0))[1] > 0:
            text, left = spans[len(row)]
        spans[len(row)] = (text, left - 1)
        row += [text] * repeated(cell, "columns")
    while row and not row[-1]:
        row.pop()
    return [row] * repeated(element, "rows") if row else []


# --------------------------------------------------------------------------------------------- CSV


def _csv_rows(path: Path) -> Iterator[Row]:
    text = read_text(path)
    csv.field_size_limit(MAX_CELL * 10)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    for row in reader:
        yield [cell.strip() for cell in row[:MAX_COLUMNS]]


def _delimiter(text: str) -> str:
    """The separator that gives the most rows of one width; csv.Sniffer trips on long quoted cells."""

    def evenness(delimiter: str) -> tuple[float, int]:
        rows = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row in islice(rows, _SAMPLE_ROWS) if row)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return (count / max(widths.total(), 1) if width > 1 else 0.0, width)

    return max(_DELIMITERS, key=evenness)
