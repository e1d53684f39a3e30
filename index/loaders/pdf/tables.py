"""Ruled lines and runs of a page → its tables, each row with the text of its cells.

A table has ruled lines between its rows; its columns are ruled too, or parted by white bands. A cell
that spans several rows is repeated on each. Tables without any ruled line are left to the layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from index.cleaning import join_hyphens
from index.loaders.pdf.drawings import Drawings, RuledLine
from index.loaders.pdf.printed import Box, PrintedLine, enclosing, same_row

NEAR = 3.0  # points: ends this close touch, lines this close are one
# Boxes to fill in and charts are ruled too, but mostly empty.
MIN_FILLED = 0.4
MAX_LABEL = 80  # characters of a cell that is repeated on each row it spans; a longer one is content
MIN_BAND = 4.0  # points of white between two columns that no line parts


class _RuledGrid(NamedTuple):
    """The ruled lines that touch each other, and the places where they stand."""

    horizontal: list[RuledLine]
    vertical: list[RuledLine]

    @property
    def box(self) -> Box:
        xs = [x for rule in self.horizontal for x in (rule.start, rule.end)] + [rule.at for rule in self.vertical]
        ys = [y for rule in self.vertical for y in (rule.start, rule.end)] + [rule.at for rule in self.horizontal]
        return Box(min(xs), min(ys), max(xs), max(ys))


def with_tables(runs: Sequence[PrintedLine], drawn: Drawings) -> list[PrintedLine]:
    """The runs of a page, those of each table replaced by the table."""
    free = list(runs)
    for grid in _grids(drawn):
        box = grid.box
        inside = [run for run in free if _holds(box, run)]
        if not any(_crosses(box, run) for run in free) and (table := _table(grid, inside)):
            at = next(i for i, run in enumerate(free) if run is inside[0])
            taken = {id(run) for run in inside}
            free = [*(run for run in free[:at]), table, *(run for run in free[at:] if id(run) not in taken)]
    return free


def _holds(box: Box, run: PrintedLine) -> bool:
    x, y = (run.left + run.right) / 2, (run.bottom + run.top) / 2
    return box.left - NEAR < x < box.right + NEAR and box.bottom - NEAR < y < box.top + NEAR


def _crosses(box: Box, run: PrintedLine) -> bool:
    """True for text that goes through a side of the box: its lines are underlines, not a table."""
    beside = box.bottom < (run.bottom + run.top) / 2 < box.top
    return beside and any(run.left + run.height < side < run.right - run.height for side in (box.left, box.right))


# --------------------------------------------------------------------------- ruled lines → grids


def _grids(drawn: Drawings) -> list[_RuledGrid]:
    """The groups of ruled lines that touch, larger first; lines of one width one above the other touch too."""
    horizontal, vertical = _merged(drawn.horizontal), _merged(drawn.vertical)
    parents = list(range(len(horizontal) + len(vertical)))

    def root(i: int) -> int:
        while parents[i] != i:
            parents[i] = parents[parents[i]]
            i = parents[i]
        return i

    for i, across in enumerate(horizontal):
        for j, down in enumerate(vertical, len(horizontal)):
            if across.start - NEAR <= down.at <= across.end + NEAR and down.start - NEAR <= across.at <= down.end + NEAR:
                parents[root(i)] = root(j)
    if horizontal and not vertical:  # many pages rule nothing but the rows
        widths: dict[tuple[int, int], int] = {}
        for i, across in enumerate(horizontal):
            key = (round(across.start / NEAR), round(across.end / NEAR))
            parents[root(i)] = root(widths.setdefault(key, i))
    groups: dict[int, _RuledGrid] = {}
    for i, rule in enumerate([*horizontal, *vertical]):
        grid = groups.setdefault(root(i), _RuledGrid([], []))
        (grid.horizontal if i < len(horizontal) else grid.vertical).append(rule)
    tables = [grid for grid in groups.values() if len(_places(rule.at for rule in grid.horizontal)) >= 3]
    return sorted(tables, key=lambda grid: -len(grid.horizontal))


def _merged(rules: Iterable[RuledLine]) -> list[RuledLine]:
    """Join the pieces of one line: dashes, the sides of neighbouring cells."""
    merged: list[RuledLine] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.at / NEAR), rule.start)):
        last = merged[-1] if merged else None
        touches = last and abs(last.at - rule.at) <= NEAR and last.start - NEAR <= rule.end and rule.start <= last.end + NEAR
        if last and touches:
            merged[-1] = RuledLine(last.at, min(last.start, rule.start), max(last.end, rule.end))
        else:
            merged.append(rule)
    return merged


def _places(values: Iterable[float]) -> list[float]:
    """Distinct places, in order."""
    places: list[float] = []
    for value in sorted(values):
        if not places or value - places[-1] > NEAR:
            places.append(value)
    return places


# --------------------------------------------------------------------------------- grid → table


def _table(grid: _RuledGrid, inside: Sequence[PrintedLine]) -> PrintedLine | None:
    """The table of a grid; None when it has one column, one row, or is mostly empty."""
    box = grid.box
    ys = _places([*(rule.at for rule in grid.horizontal), box.bottom, box.top])[::-1]
    if len(inside) < 2 or len(ys) < 3:
        return None
    xs = _places([*(rule.at for rule in grid.vertical), box.left, box.right])
    if len(xs) < 3:
        xs = _white_bands(inside, box)
        ys = _with_printed_rows(ys, inside) if len(ys) == 4 and not grid.vertical else ys
    if len(xs) < 3:
        return None
    cells = _cells(grid, inside, xs, ys)
    filled = sum(bool(cell) for row in cells for cell in row)
    if filled < 3 or filled < MIN_FILLED * len(cells) * (len(xs) - 1):
        return None
    rows = [
        _row(row, Box(box.left, low, box.right, high), inside)
        for row, (high, low) in zip(cells, pairwise(ys), strict=True)
        if any(row)
    ]
    if len(rows) < 2:
        return None
    return PrintedLine(" ".join(row.text for row in rows), *box, height=rows[0].height, rows=tuple(rows))


def _white_bands(inside: Sequence[PrintedLine], box: Box) -> list[float]:
    """The places between columns that no ruled line parts: where no run prints, from top to bottom."""
    places, edge = [box.left], -1e9
    for run in sorted(inside, key=lambda run: run.left):
        if run.left - edge > MIN_BAND and edge > -1e9:
            places.append((edge + run.left) / 2)
        edge = max(edge, run.right)
    return [*places, box.right]


def _with_printed_rows(ys: Sequence[float], inside: Sequence[PrintedLine]) -> list[float]:
    """Three ruled lines (above, below the header, under the table): the rows between are the printed ones."""
    top, under_header, *_, bottom = ys
    rows: list[PrintedLine] = []
    for run in sorted((run for run in inside if run.top < under_header + NEAR), key=lambda run: -run.top):
        if not rows or not same_row(rows[-1], run):
            rows.append(run)
    return [top, under_header, *((above.bottom + below.top) / 2 for above, below in pairwise(rows)), bottom]


def _cells(grid: _RuledGrid, inside: Sequence[PrintedLine], xs: Sequence[float], ys: Sequence[float]) -> list[list[str]]:
    """The text of each cell, rows first; a cell over several rows is repeated, over several columns it is not."""
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    downs = [[rule for rule in grid.vertical if abs(rule.at - x) <= NEAR] for x in xs]
    acrosses = [[rule for rule in grid.horizontal if abs(rule.at - y) <= NEAR] for y in ys]
    for i, (high, low) in enumerate(pairwise(ys)):
        for j, (left, right) in enumerate(pairwise(xs)):
            owner[i, j] = (i, j)
            if j and grid.vertical and not _is_ruled(downs[j], (high + low) / 2):
                owner[i, j] = owner[i, j - 1]
            elif i and grid.vertical and not _is_ruled(acrosses[i], (left + right) / 2):
                owner[i, j] = owner[i - 1, j]
    texts: dict[tuple[int, int], list[PrintedLine]] = {}
    for run in inside:
        i = max(0, min(sum((run.bottom + run.top) / 2 < y for y in ys) - 1, len(ys) - 2))
        j = max(0, min(sum((run.left + run.right) / 2 > x for x in xs) - 1, len(xs) - 2))
        texts.setdefault(owner[i, j], []).append(run)
    written = {place: _cell_text(runs) for place, runs in texts.items()}
    cells = [["" for _ in xs[1:]] for _ in ys[1:]]
    for (i, j), place in owner.items():
        text = written.get(place, "")
        if place == (i, j) or (place[1] == j and len(text) <= MAX_LABEL):
            cells[i][j] = text
    return cells


def _is_ruled(rules: Sequence[RuledLine], middle: float) -> bool:
    return any(rule.start - NEAR <= middle <= rule.end + NEAR for rule in rules)


def _cell_text(runs: Sequence[PrintedLine]) -> str:
    """The lines of a cell as one; turned words are read after the others."""
    lines: list[list[PrintedLine]] = []
    for run in sorted(runs, key=lambda run: (run.is_turned, -(run.bottom + run.top))):
        if lines and same_row(lines[-1][0], run) and not run.is_turned:
            lines[-1].append(run)
        else:
            lines.append([run])
    ordered = (run for line in lines for run in sorted(line, key=lambda run: run.left))
    text = "".join(run.text + ("-\n" if run.cut else "\n") for run in ordered)
    return " ".join(join_hyphens(text).split())


def _row(cells: Sequence[str], box: Box, inside: Sequence[PrintedLine]) -> PrintedLine:
    """One row; its rectangle is that of its letters, or of the row when they belong to a taller cell."""
    own = [run for run in inside if box.bottom - NEAR < (run.bottom + run.top) / 2 < box.top + NEAR]
    around = enclosing(own) if own else box
    height = min((run.height for run in own), default=box.top - box.bottom)
    filled = [cell for cell in cells if cell]
    kept = tuple(cells) if len(filled) > 1 else tuple(filled)  # a title across the table
    return PrintedLine(" ".join(filled), *around, height=height, bold=all(run.bold for run in own), cells=kept)
