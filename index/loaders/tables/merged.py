"""Merged cells → rows in which every column has its value: a cell that spans two rows stands in both.

Shared by Word, PowerPoint, OpenDocument and HTML. This module knows nothing of their XML.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.errors import UnreadableDocument

MAX_COLUMNS = 63  # Word's own limit; a cell that says it spans more is wrong, or an attack
MAX_CELLS = 500_000  # a table
MAX_REPEATED = 300  # characters; a longer text stands only where the merged cell begins


@dataclass(frozen=True)
class Cell:
    """A cell as files write it. `above` marks one that goes on from the row above."""

    text: str = ""
    columns: int = 1
    above: bool = False


def full_rows(rows: Iterable[Sequence[Cell]]) -> list[list[str]]:
    """The text of every column of every row.

    A merged cell that is all that its row says stands alone in it: a title, a band across the table.

    Raises:
        UnreadableDocument: past MAX_CELLS.
    """
    full: list[list[str]] = []
    held: list[str] = []  # by column, what a cell below would go on from
    count = 0
    for row in rows:
        texts: list[str] = []
        told: list[Cell] = []
        for cell in row:
            start = len(texts)
            text = held[start] if cell.above and start < len(held) else cell.text
            width = max(1, min(cell.columns, MAX_COLUMNS - start))
            texts += [text] + [_repeated(text)] * (width - 1)
            told += [cell] if text else []
        held = [_repeated(text) for text in texts]
        alone = len(told) == 1 and (len(row) == 1 or told[0].columns > 1)
        full.append([text for text in texts if text][:1] if alone else texts)
        count += len(texts)
        if count > MAX_CELLS:
            raise UnreadableDocument(f"Un tableau a plus de {MAX_CELLS} cellules : découpez-le.", "too_large")
    return full


def _repeated(text: str) -> str:
    return text if len(text) <= MAX_REPEATED else ""


def lays_out(rows: Sequence[Sequence[int]]) -> bool:
    """True for a table that only frames or places text, from the number of paragraphs of each cell.

    It has one column, or one row with several paragraphs in a cell.
    """
    if max(map(len, rows), default=0) < 2:
        return True
    return len(rows) == 1 and max(rows[0]) > 1
