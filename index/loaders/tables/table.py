"""Rows of cells → a table: its title, its column names, its records; no value goes without the name of its column.

Pure, on text as people see it: loaders fill merged cells and leave out what is hidden. `read_sheet` reads a
sheet, which may hold several tables; `row_lines` a table inside a document. This module knows nothing of files
and makes up no name: under a column without one, values stand bare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.cleaning import one_line
from index.loaders.tables.header import CellRow, column_names, find_header, tells_apart, value_shares
from index.loaders.tables.regions import labelled, opening_lone_rows, tables, text_count

MAX_TITLE = 120  # characters of a line that can be the title of a table


class Commented(str):
    """The text of a cell, with the comment pinned on it, as one line: « Commentaire (auteur) : … »."""

    comment: str = ""

    @classmethod
    def of(cls, text: str, comment: str) -> Commented:
        """An empty cell reads as its comment."""
        cell = cls(text or comment)
        cell.comment = comment if text else ""
        return cell


class Bold(str):
    """The text of a cell set in bold: a label, where the cell beside it is not."""

    __slots__ = ()


@dataclass(frozen=True)
class TableRow:
    """What a row says: values with their names, or a line of text above, between or below the records."""

    values: tuple[tuple[str, str], ...] = ()  # (column name or "", value)
    text: str = ""
    opens: bool = False  # starts a table with names of its own
    is_title: bool = False  # the text names that table

    def lines(self) -> list[str]:
        """« Nom : valeur », one a value; a line of text as it is."""
        return [self.text] if self.text else [line for pair in self.values for line in _value_lines(*pair)]


def _value_lines(name: str, value: str) -> list[str]:
    comment = value.comment if isinstance(value, Commented) else ""
    return [line for line in (f"{name} : {value}" if name else str(value), comment) if line]


# ------------------------------------------------------------------------------ tables of documents


def row_lines(rows: Iterable[CellRow], header_rows: int | None = None) -> list[str]:
    """The rows of a table, a line each: « Nom : valeur ; Nom : valeur ».

    Args:
        header_rows: how many rows name the columns, when the source says it.
    """
    filled = [list(row) for row in rows if any(row)]
    lone = opening_lone_rows(filled)
    above, body = filled[:lone], filled[lone:]
    if header_rows is None:
        start, depth = find_header(body)
        depth = depth if tells_apart(body[start:]) else 0
    else:
        start, depth = 0, max(0, header_rows - lone)
    if not header_rows and _is_form(body, depth):
        return [*map(_joined, above), *map(_pair, body)]
    above += body[:start] if depth else []
    names = column_names(body[start : start + depth])
    return [*map(_joined, above), *(_line(entry) for entry in _records(body[start + depth if depth else 0 :], names))]


def _line(entry: TableRow) -> str:
    named = any(name for name, _ in entry.values)
    return (" ; " if named else " | ").join(entry.lines())


def _is_form(rows: Sequence[CellRow], depth: int) -> bool:
    """Whether rows are labels with their values: labels have « : » or are bold, or figures in two columns have no names."""
    if sum(bool(labelled(row)) for row in rows) > len(rows) / 2:
        return True
    is_narrow = bool(rows) and all(len(row) == 2 for row in rows)
    if is_narrow and len(rows) > 1 and all(isinstance(row[0], Bold) and not isinstance(row[1], Bold) for row in rows):
        return True
    return is_narrow and depth == 0 and any(share > 0 for share in value_shares(rows)[1:])


def _pairs(row: CellRow) -> list[tuple[str, str]]:
    """The names and the values of a row of a form; a text alone has no name."""
    pairs = labelled(row) or ([(row[0], row[1])] if len(row) == 2 else [("", cell) for cell in _distinct(row)])
    return [(label.rstrip(" :") if value else "", value or label) for label, value in pairs]


def _pair(row: CellRow) -> str:
    return " ; ".join(f"{one_line(label)} : {value}" if label else value for label, value in _pairs(row))


def _joined(row: CellRow) -> str:
    comments = dict.fromkeys(cell.comment for cell in row if isinstance(cell, Commented) and cell.comment)
    return "\n".join([" | ".join(_distinct(row)), *comments])


def _distinct(row: CellRow) -> list[str]:
    """The texts of a row, a merged cell once."""
    return [cell for i, cell in enumerate(row) if cell and (not i or cell != row[i - 1])]


# ------------------------------------------------------------------------------------------- sheets


def read_sheet(rows: Sequence[CellRow]) -> Iterator[TableRow]:
    """The tables of a sheet one after the other, each with the lines above it."""
    width = max(map(len, rows), default=0)
    names: dict[int, str] = {}  # column of the sheet → its name in the last table there
    waiting: list[list[str]] = []  # lines that stand above something
    for left, region in tables([[*row, *[""] * (width - len(row))] for row in rows]):
        lone = opening_lone_rows(region)
        body = region[lone:]
        if not body:
            waiting.append([_joined(row) for row in region])
            continue
        start, depth = find_header(body)
        lines = [[_joined(row) for row in region[:lone]]] if lone else []
        opens = depth > 0 and _opens_table(body[start:], left, names, titled=bool(lines or waiting))
        if _covers(names, left, region) and not opens:
            above = [[line, *[""] * (len(region[0]) - 1)] for lines in waiting for line in lines]
            yield from _records([*above, *region], [names[left + i] for i in range(len(region[0]))])
        elif _is_form(body, depth):
            yield from _titles([*waiting, *lines])
            yield from (TableRow(values=tuple(_pairs(row))) for row in body)
        else:
            first = start if depth else 0
            yield from _titles([*waiting, [*map(_joined, region[:lone]), *map(_pair_or_joined, body[:first])]])
            header = body[first : first + depth]
            found = column_names(header)
            names.update({left + i: name for i, name in enumerate(found or [""] * len(region[0]))})
            yield from _opening(body[first + depth :], found, header)
        waiting = []
    yield from (TableRow(text=line) for lines in waiting for line in lines)


def _pair_or_joined(row: CellRow) -> str:
    texts = _distinct(row)
    return _pair(texts) if len(texts) == 2 else _joined(row)


def _opens_table(rows: Sequence[CellRow], left: int, names: Mapping[int, str], titled: bool) -> bool:
    """Whether a row of names found after a blank row names a new table, or is a row of the table above.

    It is new under a title of its own, or when the columns under it hold values and it does not.
    """
    return titled or not _covers(names, left, rows) or any(share >= 0.5 for share in value_shares(rows[1:]))


def _covers(names: Mapping[int, str], left: int, region: Sequence[CellRow]) -> bool:
    columns = range(left, left + len(region[0]))
    return any(names.get(column) for column in columns) and all(column in names for column in columns)


def _titles(stretches: Sequence[Sequence[str]]) -> Iterator[TableRow]:
    """The lines above a table: the first of the nearest ones is its title, when it can be one."""
    stretches = [lines for lines in stretches if lines]
    nearest = stretches[-1] if stretches else ()
    title = next((line for line in nearest[:1] if _can_be_title(line)), "")
    yield from (TableRow(text=line) for lines in stretches[:-1] for line in lines)
    yield TableRow(text=title, opens=True, is_title=bool(title))
    yield from (TableRow(text=line) for line in nearest[1 if title else 0 :])


def _can_be_title(line: str) -> bool:
    """« Budget 2025 », not « Source : service des finances » nor a sentence."""
    return len(line) <= MAX_TITLE and line[0].isalnum() and ": " not in line and not line.endswith((".", ";", ":"))


def _opening(rows: Sequence[CellRow], names: Sequence[str], header: Sequence[CellRow]) -> Iterator[TableRow]:
    """The records of a table, after the comments on its column names."""
    for row in header:
        for name, cell in zip(names, row, strict=True):
            if isinstance(cell, Commented) and cell.comment:
                yield TableRow(values=((name, cell.comment),))
    yield from _records(rows, names)


# ------------------------------------------------------------------------------------------- records


def _records(rows: Sequence[CellRow], names: Sequence[str]) -> Iterator[TableRow]:
    """A record for each row; a row of one text alone says it of the rows under it (« Axe 2 – Commerce »)."""
    groups = _Groups(rows, len(names) or max(map(len, rows), default=0))
    for i, row in enumerate(rows):
        if groups.is_lone(i):
            if i < groups.last:
                groups.open(i)
            else:
                yield TableRow(text=_joined(row))
        elif list(row) != list(names):  # names are written again at the top of each printed page
            yield TableRow(values=(*groups.above(row), *_named(row, names)))
            groups.leave(row)


def _named(row: CellRow, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Values go with the names only where they are as many: a row merged otherwise would shift them."""
    aligned = names if len(names) == len(row) else [""] * len(row)
    pairs = [(name, cell) for name, cell in zip(aligned, row, strict=True) if cell]
    # Names and value merged over the same columns are said once.
    return (pair for i, pair in enumerate(pairs) if not i or pair != pairs[i - 1])


class _Groups:
    """The lines inside a table that are said of the rows under them.

    A cell merged over the row is one. A row with its first cell only may as well lack its values: it is a group
    when the table begins with such a row, and a note when no record follows.
    """

    def __init__(self, rows: Sequence[CellRow], width: int) -> None:
        self.last = max((i for i, row in enumerate(rows) if text_count(row) > 1), default=-1)  # record
        self._rows = rows
        self._width = width
        self._begins = bool(rows) and _is_first_only(rows[0])
        self._lines: tuple[str, ...] = ()
        self._count = 0
        self._has_totals = False

    def is_lone(self, i: int) -> bool:
        """Whether a row is one text said of others, not a record."""
        row = self._rows[i]
        if text_count(row) != 1 or self._width < 2:
            return False
        is_merged = len(row) == 1 or sum(map(bool, row)) > 1
        is_note = 0 <= self.last < i and self._width > 2 and not _is_total(row)
        return is_merged or (_is_first_only(row) and (is_note or self._begins))

    def open(self, i: int) -> None:
        """A line that directly follows another is said with it; otherwise it takes its place."""
        follows = i > 0 and self.is_lone(i - 1)
        self._lines = (*(self._lines if follows else ()), _joined(self._rows[i]))
        self._count += not follows

    def above(self, row: CellRow) -> tuple[tuple[str, str], ...]:
        """The lines said of a row. Where groups have no total of their own, the total is of them all."""
        is_of_all = _is_total(row) and self._count > 1 and not self._has_totals
        return () if is_of_all else tuple(("", line) for line in self._lines)

    def leave(self, row: CellRow) -> None:
        """A group ends with its total."""
        if self._lines and _is_total(row):
            self._lines, self._has_totals = (), True


def _is_first_only(row: CellRow) -> bool:
    return bool(row[0]) and not any(row[1:])


def _is_total(row: CellRow) -> bool:
    return next(filter(None, row)).casefold().startswith(("total", "sous-total", "sous total"))
