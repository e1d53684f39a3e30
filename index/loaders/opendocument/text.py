"""OpenDocument texts → Documents: what the page shows, in reading order, changes accepted.

Frames, shapes, charts and notes come after the paragraph that holds or calls them. This module does not read
pictures nor embedded spreadsheets, and says how many there are of the latter.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.cleaning import normalise, one_line, shorten_leaders, tidy
from index.document import Document
from index.loaders.assembly import Block, assemble, table_blocks, without_title
from index.loaders.office.drawings import described, series_lines, shown_value
from index.loaders.office.equations import MATHML, mathml
from index.loaders.office.headings import opening_headings, without_contents
from index.loaders.office.margins import margin_blocks
from index.loaders.office.numbering import BULLET, SIGNS, Counters, Level
from index.loaders.opendocument.styles import STYLE, OpenDocumentStyles
from index.loaders.opendocument.xml import (
    DRAW,
    NOT_TEXT,
    OFFICE,
    SVG,
    TABLE,
    TEXT,
    Inline,
    document_title,
    paragraphs,
    parsed,
    parsed_if_any,
    repeated,
)
from index.loaders.symbols import CHECKED, UNCHECKED, columns_apart
from index.loaders.tables.merged import Cell, full_rows, lays_out
from index.loaders.titles import title_of

SUFFIXES = (".odt", ".ott", ".fodt")

_FORM = "{urn:oasis:names:tc:opendocument:xmlns:form:1.0}"
_CHART = "{urn:oasis:names:tc:opendocument:xmlns:chart:1.0}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"


def load(path: Path, relative: str) -> Document:
    """Read an OpenDocument text or a template, zipped or in one XML file."""
    reader = OpenDocumentReader(path)
    text = reader.body.find(f"{OFFICE}text")
    body = without_contents(list(reader.blocks(text))) if text is not None else []
    title = title_of(relative, body, document_title(path))
    blocks = opening_headings(without_title(body, title))
    margins = margin_blocks(_margin_lines(reader, text), title, body) if text is not None else []
    return assemble(relative, title, [*margins, *blocks], remarks=reader.remarks())


def _margin_lines(reader: OpenDocumentReader, text: Any) -> Iterator[str]:
    for master in reader.styles.masters(text):
        for part in master:
            if part.get(f"{STYLE}display") != "false":
                for paragraph in part.iter(f"{TEXT}p", f"{TEXT}h"):
                    yield from reader.read(paragraph)[0].split("\t")


class OpenDocumentReader(Inline):
    """Reads the blocks of a text or of a slide, with the styles and the objects of its file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        root = parsed(path, "content.xml")
        self.body = root.find(f"{OFFICE}body")
        if self.body is None:
            raise ValueError("no body")
        others = parsed_if_any(path, "styles.xml") if zipfile.is_zipfile(path) else None
        self.styles = OpenDocumentStyles([root] if others is None else [others, root])
        self._headings = Counters()
        self._lists: dict[str, Counters] = {}  # by identifier and by style: lists go on from each other
        self._objects = 0
        forms = self.body.iter(f"{OFFICE}forms")
        self._fields = {field.get(f"{_FORM}id", ""): field for form in forms for field in form.iter(f"{_FORM}*")}

    def remarks(self) -> list[str]:
        """What could not be read, in French."""
        return [f"Objets incorporés non lus (feuilles de calcul…) : {self._objects}."] if self._objects else []

    def blocks(self, parent: Any) -> Iterator[Block]:
        """The blocks under an element, in order."""
        for element in parent:
            name = element.tag
            if name in NOT_TEXT or not self.shows(element) or element.get(f"{TEXT}display") == "none":
                continue
            if name in {f"{TEXT}p", f"{TEXT}h"}:
                yield from self._paragraph(element, self._number(element))
            elif name == f"{TABLE}table":
                yield from self._table(element)
            elif name == f"{TEXT}list":
                yield from self._list(element)
            elif name.startswith(DRAW):
                yield from self.drawn(element)
            else:
                yield from self.blocks(element)

    # ------------------------------------------------------------------------- paragraphs

    def shows(self, element: Any) -> bool:
        """False for hidden and struck text."""
        if element.tag in {f"{TEXT}p", f"{TEXT}h", f"{TEXT}span"} and not self.styles.shows(element):
            return False
        return super().shows(element)

    def is_raised(self, span: Any) -> bool:
        """Whether a span is written as an exponent."""
        return self.styles.is_raised(span)

    def inside(self, element: Any) -> str | None:
        """The line of text of a formula, the value of a form's field."""
        if element.tag == f"{DRAW}control":
            return self._field(element.get(f"{DRAW}control", ""))
        for holder in element.iterchildren(f"{DRAW}object"):
            root = self._object(holder)
            formula = None if root is None else next(root.iter(f"{MATHML}math"), None)
            if formula is not None:
                return mathml(formula)
        return None

    def _field(self, identifier: str) -> str:
        """What a field of a form holds: « ☒ Oui », the choice, the text."""
        field = self._fields.get(identifier)
        if field is None:
            return ""
        label = field.get(f"{_FORM}label", "")
        if field.tag in {f"{_FORM}checkbox", f"{_FORM}radio"}:
            ticked = field.get(f"{_FORM}current-state") == "checked" or field.get(f"{_FORM}current-selected") == "true"
            return f" {CHECKED if ticked else UNCHECKED} {label} "
        chosen = [o.get(f"{_FORM}label", "") for o in field if o.get(f"{_FORM}current-selected") == "true"]
        return ", ".join(chosen) or field.get(f"{_FORM}current-value") or field.get(f"{_FORM}value") or ""

    def _paragraph(self, element: Any, label: str = "") -> Iterator[Block]:
        if any(mark.get(f"{TEXT}is-hidden") == "true" for mark in element.iter(f"{TEXT}hidden-paragraph")):
            return
        raw, beside = self.read(element)
        text, level = shorten_leaders(tidy(normalise(columns_apart(raw)))), self.styles.heading_level(element)
        if level and (heading := one_line(" ".join(filter(None, ("" if label in SIGNS else label, text))))):
            yield Block(heading, level)
        elif text:
            yield Block(f"{label} {text}" if label else text, tight=bool(label))
        for other in beside:
            yield from self._beside(other)

    def _number(self, element: Any) -> str:
        """The number of a heading, which OpenDocument counts apart from lists."""
        if element.tag != f"{TEXT}h" or element.get(f"{TEXT}is-list-header") == "true":
            return ""
        level = self.styles.heading_level(element) - 1
        start = element.get(f"{TEXT}start-value", "")
        if start.isdigit():
            self._headings.set(level, int(start))
        return self._headings.label(self.styles.headings, level)

    def _beside(self, element: Any) -> Iterator[Block]:
        """The blocks of what stands beside a paragraph: a note, a frame, a shape."""
        if element.tag == f"{TEXT}note":
            yield from self._plain(element.find(f"{TEXT}note-body"))
        else:
            yield from self.drawn(element)

    def _plain(self, parent: Any | None) -> Iterator[Block]:
        """A heading in a frame or a note names it alone."""
        return (replace(block, level=0) for block in self.blocks(() if parent is None else parent))

    # ------------------------------------------------------------------------------ lists

    def _list(self, element: Any) -> Iterator[Block]:
        style = element.get(f"{TEXT}style-name", "")
        goes_on = element.get(f"{TEXT}continue-list") or (style if element.get(f"{TEXT}continue-numbering") == "true" else "")
        counters = self._lists.get(goes_on) or Counters()
        for name in filter(None, (style, element.get(_XML_ID, ""))):
            self._lists[name] = counters
        yield from self._items(element, self.styles.list_levels(style), counters, 0)

    def _items(self, element: Any, levels: dict[int, Level], counters: Counters, depth: int) -> Iterator[Block]:
        """The first paragraph of an item takes its mark; headings are also written as items, without a bullet."""
        levels = self.styles.list_levels(element.get(f"{TEXT}style-name", "")) or levels
        for item in element:
            marked = item.tag == f"{TEXT}list-item"
            start = item.get(f"{TEXT}start-value", "") if marked else ""
            if start.isdigit():
                counters.set(depth, int(start))
            for child in item:
                if child.tag == f"{TEXT}list":
                    yield from self._items(child, levels, counters, depth + 1)
                elif child.tag in {f"{TEXT}p", f"{TEXT}h"}:
                    if self.shows(child):
                        label = (counters.label(levels, depth) if levels else BULLET) if marked else ""
                        yield from self._in_item(child, label)
                    marked = False
                else:
                    yield from self.blocks([child])

    def _in_item(self, element: Any, label: str) -> Iterator[Block]:
        return (replace(block, tight=not block.level) for block in self._paragraph(element, label or self._number(element)))

    # ----------------------------------------------------------------------------- tables

    def _table(self, table: Any) -> Iterator[Block]:
        rows = list(_rows(table))
        cells = [[cell for cell in row if cell.tag == f"{TABLE}table-cell"] for row in rows]
        if lays_out([[len(list(paragraphs(cell))) for cell in row] for row in cells]):
            for row in cells:
                for cell in row:
                    yield from self.blocks(cell)
            return
        beside: list[Any] = []
        named = sum(len(list(_rows(header))) for header in table.iterchildren(f"{TABLE}table-header-rows"))
        yield from table_blocks(full_rows(self._rows_of_cells(rows, beside)), header_rows=named or None)
        for element in beside:
            yield from self._beside(element)

    def _rows_of_cells(self, rows: list[Any], beside: list[Any]) -> Iterator[list[Cell]]:
        for row in rows:
            cells = list(self._cells(row, beside))
            for _ in range(repeated(row, "rows")):
                yield cells

    def _cells(self, row: Any, beside: list[Any]) -> Iterator[Cell]:
        """The cells of a row; one that a cell covers goes on from above, unless the cell on its left covers it."""
        covered = 0  # cells that the one on their left still covers
        for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            count = repeated(cell, "columns")
            if cell.tag == f"{TABLE}covered-table-cell":
                above = max(count - covered, 0)
                covered = max(covered - count, 0)
                yield from [Cell(above=True)] * above
            else:
                span = cell.get(f"{TABLE}number-columns-spanned", "1")
                columns = int(span) if span.isdigit() and len(span) < 6 else 1
                covered = columns - 1
                yield from [Cell(self._cell_text(cell, beside), columns)] * count

    def _cell_text(self, cell: Any, beside: list[Any]) -> str:
        """The paragraphs of a cell and the rows of a table in it, on one line."""
        return one_line(" ".join(filter(None, self._cell_parts(cell, beside))))

    def _row_texts(self, table: Any, beside: list[Any]) -> list[list[str]]:
        rows = (row.iterchildren(f"{TABLE}table-cell") for row in _rows(table))
        return [[self._cell_text(cell, beside) for cell in row] for row in rows]

    def _cell_parts(self, parent: Any, beside: list[Any]) -> Iterator[str]:
        for child in parent:
            if child.tag == f"{TABLE}table":
                yield ", ".join(filter(None, (" ".join(filter(None, row)) for row in self._row_texts(child, beside))))
            elif child.tag in {f"{TEXT}p", f"{TEXT}h"} and self.shows(child):
                text, others = self.read(child)
                beside += others
                yield text
            elif child.tag == f"{TEXT}list":
                yield " ".join(block.text for block in self._list(child))
            elif child.tag not in NOT_TEXT and child.tag not in {f"{TEXT}p", f"{TEXT}h"}:
                yield from self._cell_parts(child, beside)

    # --------------------------------------------------------------------------- drawings

    def drawn(self, element: Any) -> Iterator[Block]:
        """The blocks of a frame, a shape or a group."""
        if element.get(f"{DRAW}display") == "none":
            return
        holders = [child for child in element if child.tag in {f"{DRAW}object", f"{DRAW}object-ole"}]
        if holders:
            yield from self._charted(holders[0])
        elif element.find(f"{DRAW}image") is not None:
            said = element.find(f"{SVG}desc") if element.find(f"{SVG}desc") is not None else element.find(f"{SVG}title")
            yield Block("" if said is None else described(said.text or ""))
        elif element.tag not in {f"{DRAW}image", f"{DRAW}plugin"}:
            yield from self._plain(element)

    def _charted(self, holder: Any) -> Iterator[Block]:
        """The lines of a chart: its title, then its values; any other embedded object is counted as not read."""
        root = self._object(holder) if holder.tag == f"{DRAW}object" else None
        chart = None if root is None else next(root.iter(f"{_CHART}chart"), None)
        if chart is None:
            self._objects += 1
            return
        title = chart.find(f"{_CHART}title")
        lines = [] if title is None else [one_line(" ".join(self.read(p)[0] for p in paragraphs(title)))]
        for table in chart.iter(f"{TABLE}table"):
            lines += _chart_lines(self._row_texts(table, []))
        yield from (Block(line, tight=i > 0) for i, line in enumerate(filter(None, lines)))

    def _object(self, holder: Any) -> Any | None:
        """The root of an embedded document, beside the text in the archive or written in it."""
        place = holder.get(_LINK, "")
        return parsed_if_any(self._path, f"{place}/content.xml") if place else holder


def _chart_lines(rows: list[list[str]]) -> list[str]:
    """The table that a chart keeps: series in columns, categories in its first one."""
    names, values = rows[0] if rows else [], rows[1:]
    lines: list[str] = []
    for column in range(1, len(names)):
        told = {i: shown_value(row[column]) for i, row in enumerate(values) if column < len(row) and row[column] != "NaN"}
        lines += series_lines(names[column], {i: row[0] for i, row in enumerate(values) if row}, told)
    return lines


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table that are shown, its own only."""
    for child in table:
        if child.tag == f"{TABLE}table-row":
            if child.get(f"{TABLE}visibility", "visible") == "visible":
                yield child
        elif child.tag in {f"{TABLE}table-rows", f"{TABLE}table-header-rows", f"{TABLE}table-row-group"}:
            if child.get(f"{TABLE}display") != "false":
                yield from _rows(child)
