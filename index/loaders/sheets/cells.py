"""The cells of a spreadsheet as people see them: merged cells filled, hidden rows and columns left out.

Spreadsheet loaders put what they read here, in any order; empty cells take no room, so that a sheet that declares
a billion of them costs nothing. What is left out is counted in `Losses`, to be said. This module knows nothing of
file formats, nor of which rows name the columns.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from index.errors import UnreadableDocument
from index.loaders.html.loader import fragment_text

MAX_ROWS = 100_000  # a file; 155 MB of text with rows like those of the State's aid catalogue
MAX_COLUMNS = 500
MAX_CELL = 100_000  # characters; the longest of that catalogue has 9 238
MAX_KEPT = 100  # characters of a cell whose cleaned text is kept for the next one like it
MAX_MERGED = 1_000_000  # cells filled from a merged one, in a sheet

Range = tuple[int, int]

# « #REF! », « #DIV/0 ! », « #N/A », « #NOM? », « Err:502 ».
_ERROR = re.compile(r"#(?:[A-ZÉ]+(?:/0)?\s?[!?]|N/[AD])|Err\s?:\s?\d{3}")


def is_error(text: str) -> bool:
    """Whether a cell shows that its formula failed."""
    return text[:1] in {"#", "E"} and bool(_ERROR.fullmatch(text))


def clean(text: str) -> str:
    """The text of a cell, its HTML and blank lines taken out: a blank line would part its record in two."""
    return _clean(text) if len(text) <= MAX_KEPT else _clean.__wrapped__(text[:MAX_CELL])


@lru_cache(maxsize=20_000)
def _clean(text: str) -> str:
    return re.sub(r"\n{2,}", "\n", fragment_text(text))


def refuse_length() -> None:
    """Refuse a file of too many rows.

    Raises:
        UnreadableDocument: always.
    """
    raise UnreadableDocument(f"Ce tableau a plus de {MAX_ROWS} lignes : découpez-le.", "too_large")


class Losses(Counter[str]):
    """How many cells, rows and columns could not be given, by what was wrong (a key of `_SAID`)."""

    _SAID = {
        "error": ("1 cellule en erreur", "{} cellules en erreur"),
        "struck": ("1 cellule barrée", "{} cellules barrées"),
        "row": ("1 ligne masquée", "{} lignes masquées"),
        "column": ("1 colonne masquée", "{} colonnes masquées"),
        "comment": ("1 commentaire", "{} commentaires"),
    }
    _FORMULAS = ("1 formule sans valeur enregistrée", "{} formules sans valeur enregistrée")

    def remarks(self, hidden_sheets: Sequence[str] = ()) -> tuple[str, ...]:
        """Sentences for the build report."""
        said = []
        if count := self["formula"]:
            said.append(f"{_plural(count, *self._FORMULAS)} : ouvrez puis enregistrez ce classeur.")
        if left := [_plural(self[key], *forms) for key, forms in self._SAID.items() if self[key]]:
            said.append(f"Non lu : {', '.join(left)}.")
        if hidden_sheets:
            said.append(f"Feuilles masquées, non lues : {', '.join(hidden_sheets)}.")
        return tuple(said)


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many.format(count)


class Grid:
    """A sheet under construction. Rows and columns are counted from 0."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.beside: list[str] = []  # texts of the boxes drawn on the sheet
        self._cells: dict[int, dict[int, str]] = {}  # row → column → text
        self._merged: list[tuple[Range, Range]] = []  # rows, columns, ends included
        self._hidden_rows = _Ranges()
        self._hidden_columns = _Ranges()

    def put(self, row: int, column: int, text: str) -> None:
        """Put the text of a cell; an empty one, or one past MAX_COLUMNS, takes no room.

        Raises:
            UnreadableDocument: the sheet has too many rows.
        """
        if text and column < MAX_COLUMNS:
            self._cells.setdefault(row, {})[column] = text
            if len(self._cells) > MAX_ROWS:
                refuse_length()

    def merge(self, rows: Range, columns: Range) -> None:
        """Note that some cells are one."""
        self._merged.append((rows, columns))

    def hide_rows(self, first: int, last: int) -> None:
        """Note that rows are hidden, both ends included."""
        self._hidden_rows.add(first, last)

    def hide_columns(self, first: int, last: int) -> None:
        """Note that columns are hidden, both ends included."""
        self._hidden_columns.add(first, last)

    def rows(self, losses: Losses) -> list[list[str]]:
        """The visible rows; as many blank ones as there are between two count as one."""
        self._fill_merged()
        width = max((max(cells) + 1 for cells in self._cells.values()), default=0)
        shown = [column for column in range(width) if column not in self._hidden_columns]
        rows: list[list[str]] = []
        before = -1
        for number in sorted(self._cells):
            if number in self._hidden_rows:
                losses["row"] += 1
                continue
            if rows and self._hidden_rows.after(before + 1) < number:
                rows.append([])
            cells = self._cells[number]
            rows.append([cells.get(column, "") for column in shown])
            before = number
        used = {column for cells in self._cells.values() for column in cells}
        losses["column"] += sum(column in self._hidden_columns for column in used)
        return rows

    def _fill_merged(self) -> None:
        """A merged cell stands in each row and column it spans; what other programs left under it is not seen."""
        numbers = sorted(self._cells)
        width = max((max(cells) + 1 for cells in self._cells.values()), default=0)
        room = MAX_MERGED
        for (top, bottom), (left, right) in self._merged:
            text = self._cells.get(top, {}).get(left, "")
            right = min(right, width - 1)
            for number in numbers[bisect_right(numbers, top - 1) : bisect_right(numbers, bottom)]:
                for column in range(left, right + 1):
                    room -= 1
                    self._cells[number].pop(column, None)
                    if text:
                        self._cells[number][column] = text
                if room < 0:
                    return


class _Ranges:
    """Row or column numbers, in ranges that come in order."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, first: int, last: int) -> None:
        if self._ends and first <= self._ends[-1] + 1:
            self._ends[-1] = max(last, self._ends[-1])
        else:
            self._starts.append(first)
            self._ends.append(last)

    def __contains__(self, number: int) -> bool:
        return self.after(number) != number

    def after(self, number: int) -> int:
        """The first number from this one on that is in no range."""
        i = bisect_right(self._starts, number) - 1
        return self._ends[i] + 1 if i >= 0 and self._ends[i] >= number else number
