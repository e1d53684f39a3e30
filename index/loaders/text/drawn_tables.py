"""Tables drawn with characters in a text → their rows: bars and dashes, or columns aligned by spaces.

What programs print (psql, old accounting), what pandoc calls grid and simple tables, what people align by hand. This
module knows lines and places; it knows nothing of what the cells say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

DrawnRow = list[str]

MIN_ROWS = 3  # of columns aligned by spaces; two lines may meet by chance
_BORDER = re.compile(r"[\s+|:=\-─━│┃┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬]*(?:[-=─━═]{3})[\s+|:=\-─━│┃┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬]*")
_BAR = re.compile(r"[|│┃║]")
_CELL = re.compile(r"\S+(?: \S+)*")  # two spaces or a tab part two cells
_BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])\s")
_TAB = 80  # wide enough for the cells of one column to begin at one place
NEAR = 1  # characters between the places of two cells of a column


def parted(text: str) -> Iterator[str | list[DrawnRow]]:
    """The paragraphs of a text and its tables, in order."""
    plain: list[str] = []
    lines = text.split("\n")
    position = 0
    while position < len(lines):
        rows, end = _drawn(lines, position)
        if not rows:
            rows, end = _aligned(lines, position)
        if rows:
            yield "\n".join(plain)
            yield rows
            plain, position = [], end
        else:
            plain.append(lines[position])
            position += 1
    yield "\n".join(plain)


# ------------------------------------------------------------------------------- bars and dashes


def _drawn(lines: Sequence[str], start: int) -> tuple[list[DrawnRow], int]:
    """The rows of a table of bars that begins at a line, and the line after it; none without a line of dashes."""
    end = start
    while end < len(lines) and lines[end].strip() and (_BORDER.fullmatch(lines[end]) or _BAR.search(lines[end])):
        end += 1
    groups: list[list[DrawnRow]] = [[]]
    for line in lines[start:end]:
        if _BORDER.fullmatch(line):
            groups.append([])
        else:
            groups[-1].append([cell.strip() for cell in _BAR.split(_unframed(line))])
    groups = [group for group in groups if group]
    widths = {len(row) for group in groups for row in group}
    bordered = any(map(_BORDER.fullmatch, lines[start:end]))
    if not bordered or len(widths) != 1 or widths == {1} or sum(map(len, groups)) < 2:
        return [], start
    # A line of dashes after each row: what stands between two of them is one row, over several lines.
    if len(groups) > 2 or (len(groups) == 1 and len(groups[0]) == 1):
        return [[" ".join(filter(None, cells)) for cells in zip(*group, strict=True)] for group in groups], end
    return [row for group in groups for row in group], end


def _unframed(line: str) -> str:
    line = line.strip()
    return line[1:-1] if len(line) > 1 and _BAR.match(line) and _BAR.match(line[-1]) else line


# ------------------------------------------------------------------------------- aligned by spaces


def _aligned(lines: Sequence[str], start: int) -> tuple[list[DrawnRow], int]:
    """The rows of a table whose columns are aligned by spaces, and the line after it."""
    rows: list[list[re.Match[str]]] = []
    end = start
    while end < len(lines) and (line := lines[end].expandtabs(_TAB)).strip() and not _BULLET.match(line):
        cells = list(_CELL.finditer(line))
        if not _BORDER.fullmatch(line):
            if len(cells) < 2 or (rows and len(cells) != len(rows[0])):
                break
            rows.append(cells)
        end += 1
    if len(rows) < MIN_ROWS or not all(map(_is_column, zip(*rows, strict=True))):
        return [], start
    return [[cell[0] for cell in row] for row in rows], end


def _is_column(cells: Sequence[re.Match[str]]) -> bool:
    """Whether cells begin, or end, at one place."""
    starts, ends = [cell.start() for cell in cells], [cell.end() for cell in cells]
    return max(starts) - min(starts) <= NEAR or max(ends) - min(ends) <= NEAR
