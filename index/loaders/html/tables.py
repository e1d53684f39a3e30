"""A table of a page → rows of text: merged cells filled, the rows that name the columns counted.

This module knows the elements of tables; the reader of blocks hands it the text of a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from index.loaders.tables.merged import Cell, full_rows

HtmlRow = list[HtmlElement]
_LAYOUT_ROLES = frozenset({"presentation", "none"})
_IN_CELLS = "|".join(f".//td//h{level}" for level in range(1, 5))
# How a table made of other elements says its parts.
_ROLES = {
    "table": "table",
    "grid": "table",
    "rowgroup": "tbody",
    "row": "tr",
    "columnheader": "th",
    "rowheader": "th",
    "cell": "td",
    "gridcell": "td",
}
MAX_HEIGHT = 9_999  # rows of a cell
MAX_CELL = 600  # characters; a cell without column names that holds paragraphs and more text is a part of the page


@dataclass(frozen=True)
class TablePart:
    """Rows under one set of column names; `header_rows` is None when the page does not say how many name them."""

    rows: list[list[str]]
    header_rows: int | None


def cell_rows(table: HtmlElement) -> list[HtmlRow]:
    """The cells of a table's own rows, its head first and its foot last, as browsers place them."""
    rows = table.xpath("./thead/tr") + table.xpath("./tr|./tbody/tr") + table.xpath("./tfoot/tr")
    return [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]


def make_tables(body: HtmlElement) -> None:
    """Give the parts of a table that only their roles tell the names of the elements of tables."""
    for table in body.xpath(".//*[@role='table' or @role='grid'][not(self::table)]"):
        for element in (table, *table.iterdescendants("div", "span", "ul", "li", "p", "section")):
            element.tag = _ROLES.get(element.get("role") or "", element.tag)


def lays_out(table: HtmlElement, rows: Sequence[HtmlRow]) -> bool:
    """Whether a table only places parts of the page side by side."""
    if table.get("role") in _LAYOUT_ROLES or max((len(row) for row in rows), default=0) < 2:
        return True
    if any(cell.tag == "th" for row in rows for cell in row):
        return False
    large = any(len(cell.text_content()) > MAX_CELL and cell.find(".//p") is not None for row in rows for cell in row)
    return large or bool(table.xpath(_IN_CELLS))


def holds_table(row: HtmlRow) -> bool:
    """Whether a cell of the row holds a table of its own."""
    return any(cell.find(".//table") is not None for cell in row)


def parts_of(rows: Sequence[HtmlRow], text_of: Callable[[HtmlElement], str]) -> Iterator[TablePart]:
    """The rows of a table, parted where column names stand again."""
    told = any((cell.tag == "th" or _in_head(cell)) and cell.text_content().strip() for row in rows for cell in row)
    start, names = 0, 0  # where the part begins, and how many rows name its columns
    texts = full_rows(_cells(rows, text_of))
    for i, row in enumerate(rows):
        heads = _names_columns(row) and len(texts[i]) > 1
        if heads and not any(texts[i]):
            start += i == start  # a head left blank names nothing
        elif heads and i == start + names:
            names += 1
        elif heads:
            yield TablePart(texts[start:i], names)
            start, names = i, 1
        elif names == 0 and len(texts[i]) == 1 and i == start:
            yield TablePart([texts[i]], 0)  # a title above the column names
            start = i + 1
    # Names of rows alone do not say whether the first row names the columns.
    yield TablePart(texts[start:], names if told and not (names == 0 and _names_rows(rows[start:])) else None)


def _names_columns(row: HtmlRow) -> bool:
    if row and all(_in_head(cell) for cell in row):
        return True
    return any(cell.tag == "th" for cell in row) and all(cell.tag == "th" or not cell.text_content().strip() for cell in row)


def _names_rows(rows: Sequence[HtmlRow]) -> bool:
    """Whether each row has one name, in its first cell, and several values."""
    return bool(rows) and all(len(row) > 2 and row[0].tag == "th" and all(cell.tag == "td" for cell in row[1:]) for row in rows)


def _in_head(cell: HtmlElement) -> bool:
    return bool(cell.getparent().getparent().tag == "thead")


def _cells(rows: Sequence[HtmlRow], text_of: Callable[[HtmlElement], str]) -> Iterator[list[Cell]]:
    """Rows whose cells say their width, with a cell that goes on from above where a tall one spans."""
    held: dict[int, tuple[int, int]] = {}  # column → rows left and width of the tall cell that stands there
    for row in rows:
        cells: list[Cell] = []
        column = 0
        below: dict[int, tuple[int, int]] = {}
        for cell in [*row, None]:
            while column in held and held[column][0] > 0:
                left, width = held[column]
                cells.append(Cell(columns=width, above=True))
                below[column] = (left - 1, width)
                column += width
            if cell is None:
                break
            width, height = _span(cell.get("colspan")), _height(cell.get("rowspan"))
            cells.append(Cell(text_of(cell), width))
            below[column] = (height - 1, width)
            column += width
        held = below
        yield cells


def _height(written: str | None) -> int:
    """The rows of a cell; 0 means all that follow."""
    return MAX_HEIGHT if written and written.strip() == "0" else _span(written)


def _span(written: str | None) -> int:
    """A span as written; what is no number spans one, and a huge one is cut where the grid ends."""
    return max(1, int(written)) if written and re.fullmatch(r"\d{1,4}", written.strip()) else 1
