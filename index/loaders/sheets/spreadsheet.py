"""Excel workbooks → Documents: a sheet is a section, a row a record, a value what its cell shows.

The XML is read here, row by row with lxml: openpyxl either holds the whole workbook (50 times the file) or, when it
streams, gives no merged cells, comments, hidden rows, struck words nor whether a formula has a value. Hidden sheets,
rows and columns, struck text and errors are left out and said. Comments are kept, except discussions marked as
resolved. This module does not compute formulas, nor read charts, pictures and lists of choices.
"""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.escape import unescape

from index.cleaning import one_line
from index.document import Document
from index.loaders.assembly import Block, assemble, record_blocks
from index.loaders.office.drawings import box_texts
from index.loaders.office.package import Package, R
from index.loaders.sheets.blank_rows import WithoutBlankRows
from index.loaders.sheets.cells import MAX_ROWS, Grid, Losses, clean, refuse_length
from index.loaders.sheets.number_format import BUILT_IN, GENERAL, shown_date, shown_number, shown_text
from index.loaders.symbols import raised
from index.loaders.tables.table import Bold, Commented
from index.loaders.titles import title_of

SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm")


def load(path: Path, relative: str) -> Document:
    """Read an Excel workbook."""
    losses = Losses()
    with Package(path) as package, zipfile.ZipFile(path) as archive:
        book = _Book(package)
        grids = (_grid(archive, book, name, part, losses) for name, part in book.sheets)
        blocks = list(sheet_blocks(grids, losses))
        title = title_of(relative, blocks, package.title(), heading="")
    return assemble(relative, title, blocks, remarks=losses.remarks(book.hidden))


def sheet_blocks(grids: Iterator[Grid], losses: Losses) -> Iterator[Block]:
    """Sheets in order, each a section; the row limit counts for the whole file."""
    count = 0
    for grid in grids:
        rows = grid.rows(losses)
        name = one_line(grid.name) or "Feuille"
        yield Block(name, 1)
        yield from record_blocks(rows, name)
        yield from (Block(text) for text in grid.beside)
        count += len(rows)
        if count > MAX_ROWS:
            refuse_length()


# ------------------------------------------------------------------------------------------ workbook


@dataclass(frozen=True)
class _CellStyle:
    """How a cell shows its value."""

    code: str = GENERAL
    is_struck: bool = False
    is_bold: bool = False


class _Book:
    """What the sheets of a workbook share: their names, strings, styles and calendar."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._main = package.main()
        root: Any = package.tree(self._main)
        relations = package.relations(self._main)
        self.sheets: list[tuple[str, str]] = []  # name and part of each visible one
        self.hidden: list[str] = []
        for sheet in root.iterfind("{*}sheets/{*}sheet"):
            kind, part = relations.get(sheet.get(f"{R}id", ""), ("", ""))
            if kind == "worksheet" and sheet.get("state", "visible") == "visible":
                self.sheets.append((sheet.get("name", ""), part))
            elif kind == "worksheet":
                self.hidden.append(sheet.get("name", ""))
        properties, calculation = root.find("{*}workbookPr"), root.find("{*}calcPr")
        self.since_1904 = properties is not None and _is_on(properties.get("date1904", "0"))
        # A program that computes nothing writes 0 and asks Excel to compute when the file is opened.
        self.is_uncomputed = calculation is not None and _is_on(calculation.get("fullCalcOnLoad", "0"))
        self.strings = [_rich_text(item) for item in self._root("sharedStrings", "{*}si")]
        self.styles = self._styles()
        self._people = {one.get("id", ""): one.get("displayName", "") for one in self._root("person", "{*}person")}

    def _root(self, kind: str, items: str) -> list[Any]:
        """The items of the workbook's part of a kind."""
        trees = (self._package.tree(part) for part in self._package.related(self._main, kind))
        return [item for tree in trees if tree is not None for item in tree.iterfind(items)]

    def _styles(self) -> list[_CellStyle]:
        formats = self._root("styles", "{*}numFmts/{*}numFmt")
        codes = BUILT_IN | {int(item.get("numFmtId", "0")): item.get("formatCode", GENERAL) for item in formats}
        fonts = self._root("styles", "{*}fonts/{*}font")
        struck = {str(i) for i, font in enumerate(fonts) if _says(font, "strike")}
        bold = {str(i) for i, font in enumerate(fonts) if _says(font, "b")}
        return [
            _CellStyle(
                codes.get(int(item.get("numFmtId", "0")), GENERAL), item.get("fontId") in struck, item.get("fontId") in bold
            )
            for item in self._root("styles", "{*}cellXfs/{*}xf")
        ]

    def comments(self, part: str) -> dict[str, str]:
        """The comment on each cell (« B3 ») of a sheet, on one line with its author."""
        found: dict[str, str] = {}
        for tree in self.parts(part, "comments"):
            authors = [one_line(author.text or "") for author in tree.iterfind("{*}authors/{*}author")]
            for comment in tree.iterfind("{*}commentList/{*}comment"):
                author = dict(enumerate(authors)).get(int(comment.get("authorId", "-1")), "")
                text = one_line(_rich_text(comment.find("{*}text")))
                found[comment.get("ref", "")] = _said(author, text.removeprefix(f"{author}:").strip())
        for ref, remarks in self._discussions(part).items():
            found[ref] = " ; ".join(remarks)
        return {ref: text for ref, text in found.items() if text}

    def _discussions(self, part: str) -> dict[str, list[str]]:
        """Comments with replies; they also stand among the older comments, after a notice in English."""
        found: dict[str, list[str]] = {}
        resolved = {one.get("id") for tree in self.parts(part, "threadedComment") for one in tree if _is_on(one.get("done", "0"))}
        for tree in self.parts(part, "threadedComment"):
            for one in tree:
                said = found.setdefault(one.get("ref", ""), [])
                if not resolved & {one.get("id"), one.get("parentId")}:
                    said.append(_said(self._people.get(one.get("personId", ""), ""), one_line(one.findtext("{*}text") or "")))
        return found

    def parts(self, part: str, kind: str) -> Iterator[Any]:
        """What a sheet refers to, of one kind."""
        trees = (self._package.tree(name) for name in self._package.related(part, kind))
        return (tree for tree in trees if tree is not None)


def _said(author: str, text: str) -> str:
    return f"Commentaire ({author}) : {text}" if author and text else f"Commentaire : {text}" if text else ""


def _is_on(value: str) -> bool:
    return value in {"1", "true"}


def _says(font: Any, name: str) -> bool:
    """Whether a font is struck (« strike ») or bold (« b »)."""
    said = font.find(f"{{*}}{name}") if font is not None else None
    return said is not None and said.get("val", "1") not in {"0", "false"}


def _rich_text(item: Any) -> str:
    """The text of a string, without its struck runs and its phonetic guides."""
    if item is None:
        return ""
    if len(item) == 1 and item[0].tag.endswith("}t"):
        return unescape(item[0].text or "")
    runs = [_run(run) for run in item.iterfind("{*}r") if not _says(run.find("{*}rPr"), "strike")]
    return unescape((item.findtext("{*}t") or "") + "".join(runs))


def _run(run: Any) -> str:
    text, place = run.findtext("{*}t") or "", run.find("{*}rPr/{*}vertAlign")
    return raised(text) if place is not None and place.get("val") == "superscript" else text


# --------------------------------------------------------------------------------------------- sheets


@dataclass
class _SheetReader:
    """Puts the cells of one sheet in its grid."""

    book: _Book
    grid: Grid
    losses: Losses
    comments: dict[str, str]
    row: int = -1
    styles: dict[str, _CellStyle] = field(init=False)

    def __post_init__(self) -> None:
        self.styles = {str(i): style for i, style in enumerate(self.book.styles)}

    def read_row(self, element: Any) -> None:
        self.row = int(element.get("r") or self.row + 2) - 1
        if _is_on(element.get("hidden", "0")) or element.get("ht") == "0":
            self.grid.hide_rows(self.row, self.row)
        column = -1
        for cell in element:
            column += 1
            if not len(cell) and not self.comments:
                continue  # formatted, and empty
            if reference := cell.get("r"):
                column = _column(reference.rstrip("0123456789"))
            text = self._text(cell)
            if self.comments and (comment := self.comments.get(reference or "")):
                text = Commented.of(text, comment)
            self.grid.put(self.row, column, text)

    def read_columns(self, element: Any) -> None:
        if _is_on(element.get("hidden", "0")) or element.get("width") == "0":
            self.grid.hide_columns(int(element.get("min", "1")) - 1, int(element.get("max", "1")) - 1)

    def read_merge(self, element: Any) -> None:
        left, top, right, bottom = range_boundaries(element.get("ref", "A1"))
        self.grid.merge((top - 1, bottom - 1), (left - 1, right - 1))

    def _text(self, cell: Any) -> str:
        """What a cell shows; a struck text and a formula that was never computed are counted, and not given."""
        kind, value, is_formula, is_written = cell.get("t", "n"), "", False, False
        for child in cell:
            if child.tag.endswith("}v"):
                value, is_written = child.text or "", True
            elif child.tag.endswith("}is"):
                value = _rich_text(child)
            elif child.tag.endswith("}f"):
                is_formula = True
        if is_formula and (not value or (self.book.is_uncomputed and value == "0")):
            # A formula may well give an empty text; one that gives nothing at all was never computed.
            self.losses["formula"] += kind != "str" or not is_written or self.book.is_uncomputed
            return ""
        style = self.styles.get(cell.get("s", "0"), _CellStyle())
        text = self._shown(kind, value, style)
        if text and style.is_struck:
            self.losses["struck"] += 1
            return ""
        return Bold(text) if style.is_bold else text

    def _shown(self, kind: str, value: str, style: _CellStyle) -> str:
        """The text of a saved value, by its kind: « s » a shared string, « b » yes or no, « e » an error, « d » a date."""
        if kind == "s":
            return clean(shown_text(self.book.strings[int(value)], style.code)) if value else ""
        if kind in {"str", "inlineStr"}:
            return clean(shown_text(unescape(value), style.code))
        if kind == "b":
            return "oui" if _is_on(value) else "non"
        if kind == "e":
            self.losses["error"] += 1
            return ""
        if kind == "d":
            return shown_date(datetime.datetime.fromisoformat(value)) if value else ""
        if style.code == GENERAL and value.isdigit():
            return value
        return shown_number(_number(value), style.code, since_1904=self.book.since_1904) if value else ""


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    return column_index_from_string(letters) - 1


def _number(value: str) -> Decimal | float:
    return Decimal(value) if value.lstrip("-").isdigit() else float(value)


def _grid(archive: zipfile.ZipFile, book: _Book, name: str, part: str, losses: Losses) -> Grid:
    reader = _SheetReader(book, Grid(name), losses, book.comments(part))
    reader.grid.beside = [text for tree in book.parts(part, "drawing") for text in box_texts(tree)]
    member = next(member for member in archive.namelist() if member.replace("\\", "/").lower() == part.lower())
    read = {"row": reader.read_row, "col": reader.read_columns, "mergeCell": reader.read_merge}
    with archive.open(member) as file:
        source = file if reader.comments else WithoutBlankRows(file)  # a comment may be all that a cell has
        for _, element in etree.iterparse(source, tag=[f"{{*}}{tag}" for tag in read], resolve_entities=False, no_network=True):
            read[element.tag.rpartition("}")[2]](element)
            element.clear()
            while element.getprevious() is not None:  # what was read is forgotten
                del element.getparent()[0]
    return reader.grid
