"""CSV files → Documents in which a row is a record.

The separator is the one that cuts most rows to one width, unless a « sep=; » line says it. Where a quote is left open,
rows are read line by line, so that none is swallowed. This module knows nothing of encodings (`encoding` does) nor of
which rows name the columns (`table` does).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from index.document import Document
from index.loaders.assembly import assemble, record_blocks
from index.loaders.sheets.cells import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Losses, clean, is_error, refuse_length
from index.loaders.text.encoding import read_text
from index.loaders.titles import readable_name

SUFFIXES = (".csv", ".tsv", ".tab")

# In order of preference where several cut as evenly; the last ones are separators of old programs.
_DELIMITERS = ";\t,|~^¦§"
_SAMPLE_ROWS = 50
_SAMPLE = 200_000  # characters
_SAID = re.compile(r'"?sep=(.)"?\s*(?:\r\n|\r|\n)', re.IGNORECASE)
MAX_CELL_LINES = 100  # of a quoted cell, where another quote is left open


def load(path: Path, relative: str) -> Document:
    """Read a file of values parted by commas, semicolons, tabs…"""
    text = read_text(path)
    said = _SAID.match(text)
    text = text[said.end() :] if said else text
    losses = Losses()
    rows = [[_cell(cell, losses) for cell in row[:MAX_COLUMNS]] for row in _rows(text, said[1] if said else _delimiter(text))]
    if sum(map(any, rows)) > MAX_ROWS:
        refuse_length()
    title = readable_name(relative)
    return assemble(relative, title, record_blocks(rows, title), remarks=losses.remarks())


def _cell(text: str, losses: Losses) -> str:
    text = text.strip()
    if is_error(text):
        losses["error"] += 1
        return ""
    return clean(text)


def _delimiter(text: str) -> str:
    """The separator that gives the most rows of one width; csv.Sniffer trips on long quoted cells."""
    sample = text[:_SAMPLE].splitlines(keepends=True)

    def evenness(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in islice(csv.reader(sample, delimiter=delimiter), _SAMPLE_ROWS) if row)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return (count / max(widths.total(), 1) if width > 1 else 0.0, width)

    return max(_DELIMITERS, key=evenness)


def _rows(text: str, delimiter: str) -> Sequence[list[str]]:
    """The rows of a file; line by line when its quotes do not pair, since one left open would swallow what follows."""
    csv.field_size_limit(MAX_CELL * 10)
    lines = text.splitlines(keepends=True)
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return list(_repaired(lines, delimiter))
    return rows


def _repaired(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Rows read one by one. A quoted cell goes on over lines when they make one row as wide as the others."""
    alone = [_row(lines[i : i + 1], delimiter) for i in range(len(lines))]
    widths = Counter(len(row) for row in alone if row)
    width = widths.most_common(1)[0][0] if widths else 0
    position = 0
    while position < len(lines):
        row, end = alone[position], position + 1
        while row is None and end < min(position + MAX_CELL_LINES, len(lines)):
            end += 1
            longer = _row(lines[position:end], delimiter)
            row = longer if longer and len(longer) == width else None
        if row is None:
            row, end = [cell.strip().strip('"') for cell in lines[position].rstrip("\r\n").split(delimiter)], position + 1
        yield row
        position = end


def _row(lines: Sequence[str], delimiter: str) -> list[str] | None:
    """The one row that lines make; None when their quotes do not pair."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
