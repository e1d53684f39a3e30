"""OpenDocument spreadsheets → Documents: a sheet is a section, a row a record, a value what its cell shows.

Rows are read one by one and forgotten. Hidden sheets, rows and columns, struck text and errors are left out and said;
so are annotations: in OpenDocument they are the reviewers' remarks, in the margin of a text as on a cell. This module
does not compute formulas, nor read charts and pictures.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from lxml import etree

from index.cleaning import normalise, tidy
from index.document import Document
from index.loaders.assembly import assemble
from index.loaders.opendocument.styles import STYLE, OpenDocumentStyles
from index.loaders.opendocument.xml import DRAW, OFFICE, TABLE, TEXT, Inline, document_title, paragraphs, parsed_if_any, repeated
from index.loaders.sheets.cells import MAX_COLUMNS, Grid, Losses, clean, is_error
from index.loaders.sheets.number_format import shown_date, shown_number
from index.loaders.sheets.spreadsheet import sheet_blocks
from index.loaders.titles import title_of

SUFFIXES = (".ods", ".ots", ".fods")

_AUTOMATIC = f"{OFFICE}automatic-styles"
_TABLE, _COLUMN, _ROW = f"{TABLE}table", f"{TABLE}table-column", f"{TABLE}table-row"
_CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
_KIND, _FORMULA = f"{OFFICE}value-type", f"{TABLE}formula"
_TIME = re.compile(r"-?PT(\d+)H(\d+)M(?:\d.*)?")
_HIDDEN = frozenset({"collapse", "filter"})


def load(path: Path, relative: str) -> Document:
    """Read an OpenDocument spreadsheet or a template, zipped or in one XML file."""
    losses = Losses()
    reader = _OpenDocumentSheetReader(path, losses)
    blocks = list(sheet_blocks(reader.sheets(), losses))
    title = title_of(relative, blocks, document_title(path), heading="")
    return assemble(relative, title, blocks, remarks=losses.remarks(reader.hidden))


class _OpenDocumentSheetReader(Inline):
    """Reads the sheets in order, each into a grid."""

    def __init__(self, path: Path, losses: Losses) -> None:
        self._path = path
        self._losses = losses
        self._common = parsed_if_any(path, "styles.xml")
        self._use(None)
        self.hidden: list[str] = []

    def sheets(self) -> Iterator[Grid]:
        """The visible sheets."""
        tags = (_AUTOMATIC, _TABLE, _COLUMN, _ROW)
        sheet: _Sheet | None = None
        with _content(self._path) as file:
            for event, element in etree.iterparse(file, ("start", "end"), tag=tags, resolve_entities=False, no_network=True):
                if event == "start":
                    is_sheet = element.tag == _TABLE and element.getparent().tag == f"{OFFICE}spreadsheet"
                    sheet = _Sheet(element) if is_sheet else sheet
                elif element.tag == _AUTOMATIC:
                    self._use(element)
                elif sheet is not None and element.tag == _TABLE and sheet.element is element:
                    if element.get(f"{TABLE}style-name") in self._hidden_tables:
                        self.hidden.append(sheet.grid.name)
                    else:
                        sheet.grid.beside += self._boxes(element.find(f"{TABLE}shapes"))
                        yield sheet.grid
                    sheet = None
                    element.clear()
                elif sheet is not None and element.tag == _COLUMN:
                    sheet.read_column(element)
                elif sheet is not None and element.tag == _ROW:
                    self._read_row(element, sheet)
                    _forget(element)

    def shows(self, element: Any) -> bool:
        return super().shows(element) and (element.tag not in {f"{TEXT}span", f"{TEXT}p"} or self._styles.shows(element))

    def is_raised(self, span: Any) -> bool:
        return self._styles.is_raised(span)

    def _use(self, automatic: Any) -> None:
        """Take the styles of the file; those of its content come before its sheets."""
        roots = [root for root in (automatic, self._common) if root is not None]
        self._styles = OpenDocumentStyles(roots)
        named = [style for root in roots for style in root.iter(f"{STYLE}style")]
        self._struck = {style.get(f"{STYLE}name") for style in named if _says(style, "text", "text-line-through-style", STYLE)}
        self._hidden_tables = {style.get(f"{STYLE}name") for style in named if _says(style, "table", "display", TABLE) == "false"}

    def _read_row(self, element: Any, sheet: _Sheet) -> None:
        cells = list(self._cells(element, sheet))
        count = int(element.get(f"{TABLE}number-rows-repeated", "1"))
        if element.get(f"{TABLE}visibility") in _HIDDEN:
            sheet.grid.hide_rows(sheet.row, sheet.row + count - 1)
        for row in range(sheet.row, sheet.row + repeated(element, "rows") if cells else sheet.row):
            for column, text in cells:
                sheet.grid.put(row, column, text)
        sheet.row += count

    def _cells(self, row: Any, sheet: _Sheet) -> Iterator[tuple[int, str]]:
        column = 0
        for cell in row.iterchildren(*_CELLS):
            count = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
            if column < MAX_COLUMNS and (text := self._shown(cell) if len(cell) or cell.get(_KIND) or cell.get(_FORMULA) else ""):
                yield from ((i, text) for i in range(column, min(column + count, MAX_COLUMNS)))
            sheet.grid.beside += self._boxes(cell)
            sheet.read_merge(cell, column)
            column += count

    def _boxes(self, parent: Any | None) -> list[str]:
        """The texts of the boxes drawn in a cell or on a sheet, one each."""
        shapes = [] if parent is None else [child for child in parent if child.tag.startswith(DRAW)]
        read = (tidy("\n".join(normalise(self.read(p)[0]) for p in paragraphs(shape))) for shape in shapes)
        return [text for text in read if text]

    def _shown(self, cell: Any) -> str:
        """What a cell shows, cleaned; what is struck, in error or was never computed is counted, and not given."""
        self._losses["comment"] += cell.find(f"{OFFICE}annotation") is not None
        own = (paragraph for child in cell if not child.tag.startswith(DRAW) for paragraph in paragraphs([child]))
        read = [self.read(paragraph)[0] if self._styles.shows(paragraph) else "" for paragraph in own]
        text = tidy("\n".join(map(normalise, read))) or ("" if read else _value(cell))
        if is_error(text):
            self._losses["error"] += 1
            return ""
        if not text and not read and cell.get(_FORMULA) and not cell.get(f"{OFFICE}string-value") == "":
            self._losses["formula"] += 1
        if (text or any(read)) and (cell.get(f"{TABLE}style-name") in self._struck):
            self._losses["struck"] += 1
            return ""
        boolean = cell.get(f"{OFFICE}boolean-value")
        return clean(text) if boolean is None else "oui" if boolean == "true" else "non"


class _Sheet:
    """A sheet being read: its grid, and how far the reading is."""

    def __init__(self, element: Any) -> None:
        self.element = element
        self.grid = Grid(element.get(f"{TABLE}name", ""))
        self.row = 0
        self._column = 0

    def read_column(self, element: Any) -> None:
        count = int(element.get(f"{TABLE}number-columns-repeated", "1"))
        if element.get(f"{TABLE}visibility") in _HIDDEN:
            self.grid.hide_columns(self._column, self._column + count - 1)
        self._column += count

    def read_merge(self, cell: Any, column: int) -> None:
        rows = int(cell.get(f"{TABLE}number-rows-spanned", "1"))
        columns = int(cell.get(f"{TABLE}number-columns-spanned", "1"))
        if rows > 1 or columns > 1:
            self.grid.merge((self.row, self.row + rows - 1), (column, column + columns - 1))


@contextmanager
def _content(path: Path) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
    else:
        with zipfile.ZipFile(path) as archive, archive.open("content.xml") as member:
            yield member


def _forget(element: Any) -> None:
    element.clear()
    while element.getprevious() is not None and element.getprevious().tag == element.tag:
        del element.getparent()[element.getparent().index(element) - 1]


def _says(style: Any, kind: str, name: str, namespace: str) -> str:
    """What a style says of a property of its text or of its table, « none » apart."""
    properties = style.find(f"{STYLE}{kind}-properties")
    said = "" if properties is None or style.get(f"{STYLE}family") == "text" else properties.get(f"{namespace}{name}", "")
    return "" if said == "none" else said


def _value(cell: Any) -> str:
    """A value that its program wrote without the text that shows it."""
    kind, value = cell.get(_KIND, ""), cell.get(f"{OFFICE}value", "")
    if kind == "date" and (written := cell.get(f"{OFFICE}date-value")):
        return shown_date(datetime.datetime.fromisoformat(written))
    if kind == "time" and (time := _TIME.fullmatch(cell.get(f"{OFFICE}time-value", ""))):
        return f"{time[1]}:{time[2]}"
    if kind == "percentage" and value:
        return shown_number(float(value) * 100) + " %"
    if kind == "currency" and value:
        currency = cell.get(f"{OFFICE}currency", "")
        return f"{shown_number(float(value))} {'€' if currency == 'EUR' else currency}".strip()
    return shown_number(float(value)) if value else cell.get(f"{OFFICE}string-value", "")
