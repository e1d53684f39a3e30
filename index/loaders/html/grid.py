"""Runs of a page whose cells stand in columns → its tables, where no ruled line is known.

A table has rows of three cells or more, short and far apart, that stand one under the other. What stands in its columns
beside and above these rows is of its cells: a name over four lines, « supérieur à » over its amount. This module knows
places and lengths, no words.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from index.cleaning import join_hyphens, one_line
from index.loaders.pdf.layout import in_reading_order
from index.loaders.pdf.printed import PrintedLine, enclosing, same_row

MIN_CELLS = 3  # of a row; two may be two columns of text
MIN_ROWS = 3
MAX_CELL = 60  # characters of a cell on a line; longer ones are columns of text
MAX_USUAL_CELL = 24  # … of its usual cell
MAX_ROW_GAP = 5.0  # heights between two rows of one table
NAME_GAP = 2.5  # heights between names and the rows under them
LINE_STEP = 1.5  # heights between two lines of one cell, from middle to middle


class _RunLine(NamedTuple):
    """Runs on one line."""

    runs: list[PrintedLine]

    @property
    def middle(self) -> float:
        return median(_middle(run) for run in self.runs)


def with_grids(runs: Sequence[PrintedLine]) -> list[PrintedLine]:
    """The runs of a page, those of each table replaced by the table."""
    free = list(runs)
    for rows in _stretches(_anchors(free)):
        columns = _columns(rows)
        if len(columns) < MIN_CELLS:
            continue
        inside = _inside(free, rows, columns)
        table = _table(rows, inside, columns)
        if table is not None:
            taken = {id(run) for run in inside}
            at = next(i for i, run in enumerate(free) if id(run) in taken)
            free = [*free[:at], table, *(run for run in free[at:] if id(run) not in taken)]
    return free


def _middle(run: PrintedLine) -> float:
    return (run.bottom + run.top) / 2


def _anchors(runs: Sequence[PrintedLine]) -> list[_RunLine]:
    """The lines of a page made of several short runs, from top to bottom."""
    rows: list[_RunLine] = []
    for run in sorted(filter(_is_cell, runs), key=lambda run: -_middle(run)):
        if rows and same_row(rows[-1].runs[0], run):
            rows[-1].runs.append(run)
        else:
            rows.append(_RunLine([run]))
    return [row for row in rows if len(row.runs) >= MIN_CELLS and all(len(run.text) <= MAX_CELL for run in row.runs)]


def _is_cell(run: PrintedLine) -> bool:
    """Whether a run can be a cell: words or figures, not a bullet."""
    return not run.is_turned and not run.rows and any(map(str.isalnum, run.text))


def _stretches(anchors: Sequence[_RunLine]) -> list[list[_RunLine]]:
    """The rows that follow each other closely enough to be of one table."""
    stretches: list[list[_RunLine]] = []
    for row in anchors:
        height = row.runs[0].height
        if stretches and stretches[-1][-1].middle - row.middle <= MAX_ROW_GAP * height and _fits(row, stretches[-1]):
            stretches[-1].append(row)
        else:
            stretches.append([row])
    return [rows for rows in stretches if len(rows) >= MIN_ROWS and _is_brief(rows)]


def _is_brief(rows: Sequence[_RunLine]) -> bool:
    return median(len(run.text) for row in rows for run in row.runs) <= MAX_USUAL_CELL


def _fits(row: _RunLine, above: Sequence[_RunLine]) -> bool:
    """Whether a row has its cells under those above, and is about as wide in cells."""
    columns = _columns([*above, row])
    return len(columns) >= MIN_CELLS


def _columns(rows: Sequence[_RunLine]) -> list[tuple[float, float]]:
    """The places (left, right) that the cells of rows stand in, where they do not overlap."""
    places: list[tuple[float, float]] = []
    for left, right in sorted((run.left, run.right) for row in rows for run in row.runs):
        if places and left <= places[-1][1]:
            places[-1] = (places[-1][0], max(places[-1][1], right))
        else:
            places.append((left, right))
    return places


def _over(run: PrintedLine, columns: Sequence[tuple[float, float]]) -> list[int]:
    """The columns that a run stands in."""
    return [i for i, (left, right) in enumerate(columns) if run.left < right and run.right > left]


def _inside(runs: Sequence[PrintedLine], rows: Sequence[_RunLine], columns: Sequence[tuple[float, float]]) -> list[PrintedLine]:
    """The runs of a table: those of its rows and between them, then the names above and the last lines of cells below."""
    held = [run for row in rows for run in row.runs]
    taken = {id(run) for run in held}
    top, bottom = max(run.top for run in held), min(run.bottom for run in held)
    height = median(run.height for run in held)
    others = [run for run in runs if id(run) not in taken and not run.is_turned and not run.rows]
    held += [run for run in others if bottom <= _middle(run) <= top and len(_over(run, columns)) == 1]
    above = _beside(sorted((run for run in others if _middle(run) > top), key=_middle), top, NAME_GAP * height, columns)
    named = {i for run in above for i in _over(run, columns)}
    below = sorted((run for run in others if _middle(run) < bottom), key=_middle, reverse=True)
    held += above if len(named) > len(columns) / 2 or _touch(above, top, height) else []
    return held + _beside(below, bottom, (LINE_STEP - 1) * height, columns)


def _beside(runs: Sequence[PrintedLine], edge: float, gap: float, columns: Sequence[tuple[float, float]]) -> list[PrintedLine]:
    """The first of some runs, as long as each stands in one column and closely after those before."""
    found: list[PrintedLine] = []
    for run in runs:
        over = _over(run, columns)
        if len(over) > 1 or len(run.text) > MAX_CELL or max(run.bottom - edge, edge - run.top) > gap:
            break
        if over:
            found.append(run)
            edge = max(edge, run.top) if run.bottom > edge - run.height else min(edge, run.bottom)
    return found


def _touch(runs: Sequence[PrintedLine], edge: float, height: float) -> bool:
    """Whether runs are the first lines of cells below an edge."""
    return all(run.bottom - edge <= (LINE_STEP - 1) * height for run in runs)


def _table(rows: Sequence[_RunLine], inside: Sequence[PrintedLine], columns: Sequence[tuple[float, float]]) -> PrintedLine | None:
    """The rows of a table: each run goes with the nearest of them, or with the names above, parted by blanks."""
    groups = _grouped(rows)
    cells: list[list[list[PrintedLine]]] = [[[] for _ in columns] for _ in groups]
    names: list[list[list[PrintedLine]]] = []  # lowest first
    edge = groups[0][0]
    for run in sorted(inside, key=_middle):
        far = [max(_middle(run) - top, low - _middle(run), 0.0) for top, low in groups]
        nearest = far.index(min(far))
        if _middle(run) > groups[0][0] and far[0] > LINE_STEP * run.height:
            if not names or run.bottom - edge > run.height:
                names.append([[] for _ in columns])
            edge = run.top
        row = names[-1] if names and edge == run.top else cells[nearest]
        row[_over(run, columns)[0]].append(run)
    lines = [_row(row) for row in (*names[::-1], *cells) if any(row)]
    if len(lines) < 2:
        return None
    box = enclosing(lines)
    return PrintedLine(" ".join(line.text for line in lines), *box, height=lines[0].height, rows=tuple(lines))


def _grouped(rows: Sequence[_RunLine]) -> list[tuple[float, float]]:
    """Each row from the middle of its first line to that of its last.

    Lines closer to each other than the rows of the table are lines of one.
    """
    steps = [above.middle - below.middle for above, below in pairwise(rows)]
    step = LINE_STEP * median(run.height for row in rows for run in row.runs)
    groups: list[list[_RunLine]] = [[rows[0]]]
    for (above, row), between in zip(pairwise(rows), steps, strict=True):
        is_named = median(steps) > step or not any(run.text[:1].isdigit() for run in (*above.runs, *row.runs))
        if between <= step < max(steps) and is_named:
            groups[-1].append(row)
        else:
            groups.append([row])
    return [(group[0].middle, group[-1].middle) for group in groups]


def _row(cells: Sequence[Sequence[PrintedLine]]) -> PrintedLine:
    texts = tuple(one_line(join_hyphens("\n".join(line.text for line in in_reading_order(cell)))) for cell in cells)
    runs = [run for cell in cells for run in cell]
    return PrintedLine(" ".join(filter(None, texts)), *enclosing(runs), height=min(run.height for run in runs), cells=texts)
