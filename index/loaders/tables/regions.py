"""The cells of a sheet → its tables, parted by blank rows and blank columns.

Pure. A row of names that only blank rows part from the rows it names stays with them. This module knows nothing of
what the tables say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.loaders.tables.header import CellRow, find_header, value_shares

# A band of columns beside another is a table of its own when it has this many columns; a lone one is a remark.
MIN_COLUMNS = 2
_HEAD = 200  # rows that are looked at to tell tables side by side


def tables(rows: Sequence[CellRow]) -> Iterator[tuple[int, list[CellRow]]]:
    """The tables of a sheet whose rows are of one width: (first column, rows without margins)."""
    waiting: tuple[int, list[CellRow]] | None = None
    for left, region in _regions(rows, 0):
        if waiting is not None:
            start, names = waiting
            end = max(start + len(names[-1]), left + len(region[0]))
            both = [_placed(row, start, min(start, left), end) for row in names]
            both += [_placed(row, left, min(start, left), end) for row in region]
            if opening_lone_rows(region) == 0 and _opens_with_names(both[-len(region) - 1 :], region):
                left, region = min(start, left), both
            else:
                yield waiting
        alone = len(region) - opening_lone_rows(region) == 1
        waiting = (left, region) if alone else None
        if not alone:
            yield left, region
    if waiting is not None:
        yield waiting


def _placed(row: CellRow, start: int, left: int, end: int) -> CellRow:
    """A row that begins at column `start`, widened to the columns from `left` to `end`."""
    return [*[""] * (start - left), *row, *[""] * (end - start - len(row))]


def _opens_with_names(rows: Sequence[CellRow], under: Sequence[CellRow]) -> bool:
    """Whether a row names the columns of those under it, which have no names that differ from their values."""
    if any(value for _, value in labelled(rows[0])):
        return False
    start, depth = find_header(under)
    return find_header(rows)[1] > 0 and not (depth and any(share >= 0.5 for share in value_shares(under[start + depth :])))


def _regions(rows: Sequence[CellRow], left: int) -> Iterator[tuple[int, list[CellRow]]]:
    """The tables of an area, parted by blank rows then blank columns: (first column, rows without margins)."""
    for stretch in _stretches(rows):
        bands = _bands(stretch)
        for start, end in bands:
            band = [row[start:end] for row in stretch]
            if len(bands) > 1:
                yield from _regions(band, left + start)
            else:
                yield left + start, band


def _stretches(rows: Sequence[CellRow]) -> Iterator[list[CellRow]]:
    """The rows that follow each other without a blank one."""
    stretch: list[CellRow] = []
    for row in rows:
        if any(row):
            stretch.append(row)
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _bands(rows: Sequence[CellRow]) -> list[tuple[int, int]]:
    """The columns of tables side by side; a blank column inside one table only airs it.

    A band is a table when words name its rows: « Service, Agents » beside « Poste, Montant ». Where it holds
    values alone (« Prévu, Réalisé » again for another year), it goes on with the band on its left.
    """
    used = [any(row[i] for row in rows) for i in range(len(rows[0]))]
    edges = [i for i in range(len(used) + 1) if (used[i] if i < len(used) else False) != (used[i - 1] if i else False)]
    bands: list[tuple[int, int]] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if bands and not _is_table([row[start:end] for row in rows[:_HEAD]]):
            start = bands.pop()[0]
        bands.append((start, end))
    return bands


def _is_table(rows: Sequence[CellRow]) -> bool:
    filled = [row for row in rows if any(row)]
    body = filled[opening_lone_rows(filled) :]
    start, depth = find_header(body)
    values = value_shares(body[start + depth :])
    return len(rows[0]) >= MIN_COLUMNS and depth > 0 and bool(body[start][0]) and values[0] < 0.5


def opening_lone_rows(rows: Sequence[CellRow]) -> int:
    """How many rows of one text stand first: titles and notes. In « , 2025 » over « Voirie, 145 200 », it is a name."""
    return next((i for i, row in enumerate(rows) if text_count(row) > 1 or (len(row) == 2 and not row[0])), len(rows))


def text_count(row: CellRow) -> int:
    """How many different texts a row holds."""
    return len(set(filter(None, row)))


def labelled(row: CellRow) -> list[tuple[str, str]]:
    """The labels of a row of a form with their values (« Nom : », « Judo club », « SIRET : », « »); none for another row."""
    pairs: list[tuple[str, str]] = []
    for i, text in enumerate(row):
        if not text or (i and text == row[i - 1]):
            continue
        if text.rstrip().endswith(":"):
            pairs.append((text, ""))
        elif pairs and not pairs[-1][1]:
            pairs[-1] = pairs[-1][0], text
        else:
            return []
    return pairs
