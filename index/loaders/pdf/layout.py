"""The runs and tables of a page → its lines in reading order.

Side by side, two runs are the cells of one row, or lines of two columns of text: columns are told by
sentences that go on from line to line. Knows positions and the case of first letters, no words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from index.loaders.pdf.printed import Box, PrintedLine, enclosing, same_row
from index.loaders.symbols import LOWER, RAISE, RAISED
from index.loaders.text_quality import french_words

# A column of text has at least this many lines; this share of them goes on with the sentence of the
# line above (a cell begins with a capital or a figure), or fills the column.
MIN_COLUMN_LINES = 3
CONTINUING = 0.4
FULL_WIDTH = 0.8
FULL_LINES = 0.5
MIN_CHARACTERS = 12  # of the usual line of a column; shorter ones are cells
MIN_GUTTER = 0.8  # of the height of a line
NEIGHBOURS = 8  # runs looked at on either side, from top to bottom
MAX_GUTTERS = 12  # places tried on one page
ALIGNED = 0.6  # share of the paragraphs, or of the lines, of one side that begin beside one of the other: rows of a table
CELL_GAP = 1.5  # of the height: a wider gap parts two cells; the spaces of justified text stay under it
DROP_CAP = 1.8  # times the height of the text
JOINED = 0.12  # of the height: no space between two runs closer than this


def in_reading_order(runs: Sequence[PrintedLine]) -> list[PrintedLine]:
    """The lines of a page: columns one after the other, cells of a row on one line, margin notes last."""
    upright = [run for run in runs if not run.is_turned]
    ordered = _ordered(upright) + [run for run in runs if run.is_turned]
    lines = [row for line in ordered for row in (line.rows or (line,))]
    return _without_note_marks(lines)


def _ordered(runs: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Split at the first gutter that parts columns of text; elsewhere, read row by row."""
    downward = sorted(runs, key=lambda run: -run.top)
    for gutter in _gutters(downward):
        for first, last in _stretches(downward, gutter):
            middle = downward[first:last]
            left = [run for run in middle if run.right <= gutter]
            right = [run for run in middle if run.left >= gutter]
            if _are_columns(left, right):
                before, after = downward[:first], downward[last:]
                return _ordered(before) + _ordered(left) + _ordered(right) + _ordered(after)
    return _rows(downward)


def _gutters(runs: list[PrintedLine]) -> list[float]:
    """Places where a white band may part two columns, those between most neighbours first."""
    found: dict[int, list[float]] = {}
    for i, run in enumerate(runs):
        around = runs[max(0, i - NEIGHBOURS) : i] + runs[i + 1 : i + NEIGHBOURS]
        beside = [other for other in around if other.left > run.right and _overlap(run, other)]
        nearest = min(beside, key=lambda other: other.left, default=None)
        if nearest and nearest.left - run.right >= MIN_GUTTER * min(run.height, nearest.height):
            middle = (run.right + nearest.left) / 2
            for key in (round(nearest.left / 4), round(middle / 12) + 10_000):
                found.setdefault(key, []).append(nearest.left - 0.5 if key < 10_000 else middle)
    frequent = sorted(found.values(), key=len, reverse=True)
    return [median(places) for places in frequent if len(places) >= 2][:MAX_GUTTERS]


def _overlap(a: PrintedLine, b: PrintedLine) -> bool:
    return min(a.top, b.top) > max(a.bottom, b.bottom)


def _stretches(runs: Sequence[PrintedLine], gutter: float) -> Iterator[tuple[int, int]]:
    """The longest spans of runs, top to bottom, that do not cross a place."""
    first = 0
    for i, run in enumerate([*runs, None]):
        if run is None or run.left < gutter < run.right:
            if i - first >= 2 * MIN_COLUMN_LINES:
                yield first, i
            first = i + 1


def _are_columns(left: Sequence[PrintedLine], right: Sequence[PrintedLine]) -> bool:
    """True for two columns of text, or one beside something else that does not follow its lines."""
    if min(len(left), len(right)) < MIN_COLUMN_LINES or not _face(left, right):
        return False
    texts = _is_text(left), _is_text(right)
    if not any(texts):
        return False
    return not (_is_aligned(left, right) if all(texts) else _share_baselines(left, right))


def _face(left: Sequence[PrintedLine], right: Sequence[PrintedLine]) -> bool:
    a, b = enclosing(left), enclosing(right)
    return min(a.top, b.top) - max(a.bottom, b.bottom) > 0.3 * min(a.top - a.bottom, b.top - b.bottom)


def _is_text(column: Sequence[PrintedLine]) -> bool:
    """Whether runs are a column of text: sentences go on from line to line, or lines fill the column."""
    lines = [line for line in column if not line.rows]
    if len(lines) < MIN_COLUMN_LINES or median(len(line.text) for line in lines) < MIN_CHARACTERS:
        return False
    if sum(line.text[:1].islower() for line in lines[1:]) >= CONTINUING * (len(lines) - 1):
        return True
    box = enclosing(lines)
    full = sum(line.right - line.left >= FULL_WIDTH * (box.right - box.left) for line in lines)
    return full >= FULL_LINES * len(lines) and median(len(line.text) for line in lines) >= 2 * MIN_CHARACTERS


def _is_aligned(left: Sequence[PrintedLine], right: Sequence[PrintedLine]) -> bool:
    """True when the paragraphs of both sides begin side by side: rows of a table whose cells are long."""
    starts, others = _starts(left), _starts(right)
    if min(len(starts), len(others)) < 2:
        return False
    facing = sum(any(abs(y - other) < 2.0 for other in others) for y in starts)
    return facing >= 2 and facing >= ALIGNED * max(len(starts), len(others))


def _starts(column: Sequence[PrintedLine]) -> list[float]:
    """The tops of the lines, but the first, that follow a larger step than usual."""
    steps = [above.top - line.top for above, line in zip(column, column[1:], strict=False)]
    usual = median([step for step in steps if step > 1.0] or [0.0])
    return [line.top for line, step in zip(column[1:], steps, strict=True) if step > 1.25 * usual]


def _share_baselines(left: Sequence[PrintedLine], right: Sequence[PrintedLine]) -> bool:
    """True when the lines of the shorter side stand beside lines of the other: bullets, labels, cells."""
    few, many = sorted((left, right), key=len)
    return sum(any(same_row(line, other) for other in many) for line in few) >= ALIGNED * len(few)


# ------------------------------------------------------------------------------------------- rows


def _rows(downward: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Put the runs of a row back on one line."""
    rows: list[list[PrintedLine]] = []
    for run in downward:
        row = next((row for row in reversed(rows[-3:]) if _joins(row, run)), None)
        if row is None:
            rows.append([run])
        else:
            row.append(run)
    return [_one_line(sorted(row, key=lambda run: run.left)) for row in rows]


def _joins(row: Sequence[PrintedLine], run: PrintedLine) -> bool:
    if run.rows or row[0].rows or not any(same_row(other, run) for other in row):
        return False
    return all(run.left >= other.right - 1 or run.right <= other.left + 1 for other in row)


def _one_line(row: Sequence[PrintedLine]) -> PrintedLine:
    line = row[0]
    for run in row[1:]:
        line = _side_by_side(line, run)
    return line


def _side_by_side(a: PrintedLine, b: PrintedLine) -> PrintedLine:
    """Two runs of a row as one: a large first letter joins its word, a small raised figure is written as such."""
    if _is_drop_cap(a, b):
        return replace(b, text=f"{a.text}{'' if _is_known(a.text + b.text) else ' '}{b.text}", left=a.left)
    main = max(a, b, key=lambda run: (round(run.height), len(run.text)))
    left, right = (run.text.translate(RAISE) if _is_raised(run, main) else run.text for run in (a, b))
    space = b.left - a.right
    gap = "" if space < JOINED * main.height or right != b.text else " "
    box: Box = enclosing((a, b))
    return replace(
        main,
        text=f"{left}{'-' if a.cut else ''}{gap}{right}",
        **box._asdict(),
        cut=b.cut,
        bold=a.bold and b.bold,
        is_row=a.is_row or b.is_row or space > CELL_GAP * main.height,
    )


def _is_drop_cap(a: PrintedLine, b: PrintedLine) -> bool:
    """True for the large letter that opens the first word of a text over several lines."""
    return len(a.text) == 1 and a.text.isupper() and a.height >= DROP_CAP * b.height


def _is_known(text: str) -> bool:
    first = re.split(r"[\W\d_]", text, maxsplit=1)[0]
    return first.lower() in french_words()


def _is_raised(run: PrintedLine, main: PrintedLine) -> bool:
    """True for a small figure printed above the line: « 80 000² »."""
    return run.height < 0.8 * main.height and run.bottom > main.bottom + 0.2 * main.height and run.text.isdigit()


# ------------------------------------------------------------------------------------ note marks

# A mark, but for the « ² » of a unit.
_MARK = re.compile(rf"(?<!\b[m])(?<!\b[kcdh]m)([{RAISED}]+)")
_NOTE = re.compile(rf"([{RAISED}]{{1,3}}(?=\D)|\d{{1,3}}(?=[ )]))[ )]?")


def _without_note_marks(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Drop the marks of the notes that stand at the foot of the page: « 80 000² euros » → « 80 000 euros »."""
    usual = median([line.height for line in lines] or [0.0])
    notes = {
        match[1].translate(LOWER)
        for line in lines
        if (match := _NOTE.match(line.text)) and (line.height < 0.95 * usual or match[1][0] in RAISED)
    }

    def unmarked(text: str) -> str:
        return _MARK.sub(lambda mark: "" if mark[1].translate(LOWER) in notes else mark[1], text)

    return [
        replace(line, text=_opened(line.text) or unmarked(line.text), cells=tuple(map(unmarked, line.cells)))
        if any(figure in line.text for figure in RAISED)
        else line
        for line in lines
    ]


def _opened(text: str) -> str:
    """A note with its mark as a figure: « ¹ Hors taxes. » → « 1 Hors taxes. »; empty when the line is none."""
    match = _NOTE.match(text)
    if not match or match[1][0] not in RAISED:
        return ""
    return f"{match[1].translate(LOWER)}{text[match.end(1)] if match[0] != match[1] else ' '}{text[match.end() :]}"
