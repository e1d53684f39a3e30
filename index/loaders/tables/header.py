"""Which rows of a table name its columns, and the names they give.

Pure. A row names columns when its cells are names and what stands under them are not the same kind of thing: a
year over amounts is a name, a year over years is a value. This module knows nothing of titles nor of records.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.cleaning import one_line

CellRow = Sequence[str]

MAX_NAME = 200  # characters of a column name; longer is content
MAX_SHORT_NAME = 80  # in a document, where a first row of paragraphs only lays out the page
MAX_PAIR_NAME = 40  # … and in two columns, where the first row may as well be a label and its value
MAX_NAME_WORDS = 8  # of one that ends like a sentence
MAX_HEADER_ROWS = 3
# Titles and notes stand above the column names; names further down than this were not seen.
MAX_ROWS_ABOVE = 15
# A row of names fills most of the columns; a title or a « Commune : … » line above it does not.
MIN_FILLED = 0.6
# A row under the names that only says in what they are counted: « (€) », « % ».
_UNIT = re.compile(r"[(\[].{1,30}[)\]]|[kM]?€|%")
_SAMPLE = 8  # rows under the names that say what the columns hold

_VALUE = re.compile(r"\W*\d|[-–—] ?[€%]?$")  # a figure first, or the dash that stands for none
_NAMING = re.compile(r"[^\W\d_]|[%€$£]")
_NUMBER = re.compile(r"[^\w]*\d[\d\s.,]*[^\w]*")  # « 12 », « 1 250,50 € », « (30) »
_YEAR = r"(?:19|20)\d\d"
# Names that begin with a digit: « 2025 », « 2024-2025 », « 2025 prévisionnel », « 1er semestre », « 01/01/2025 »,
# « 3-11 ans ».
_DIGIT_NAME = re.compile(
    rf"{_YEAR}(?: ?[-/–] ?(?:{_YEAR}|\d\d))?(?: ?\*| ?\(.*\)| [^\W\d].*)?"
    r"|\d{1,2}(?:ers?|res?|ères?|es?|è|èmes?|nde?s?)\b.*"
    r"|\d{1,2}[/.-](?:\d{1,2}[/.-])?\d{2,4}"
    r"|\d+ ?(?:-|–|à|/) ?\d+(?: ?[^\d\s]{1,12})?"
)


def find_header(rows: Sequence[CellRow]) -> tuple[int, int]:
    """Where the names of the columns stand: (first row, how many rows); (0, 0) when there are none."""
    sample = rows[: MAX_ROWS_ABOVE + _SAMPLE]
    width = max((sum(map(bool, row)) for row in sample), default=0)
    for i, row in enumerate(sample[:MAX_ROWS_ABOVE]):
        if not _fills(row, width):
            continue
        if len(rows) <= i + 1 or not _are_names(row, rows[i + 1 : i + 1 + _SAMPLE]):
            break
        first = i
        while first and i - first < MAX_HEADER_ROWS - 1 and _names_under(rows[first - 1], rows[first : first + _SAMPLE]):
            first -= 1
        last = i
        while last - first < MAX_HEADER_ROWS - 1 and _names_under(rows[last], rows[last + 1 : last + 1 + _SAMPLE]):
            last += 1
        if last + 1 < len(rows) - 1 and _are_units(row, rows[last + 1]):
            last += 1
        return first, last - first + 1
    return 0, 0


def _are_units(names: CellRow, row: CellRow) -> bool:
    filled = [(name, cell) for name, cell in zip(names, row, strict=False) if cell]
    return bool(filled) and all(name and _UNIT.fullmatch(cell) for name, cell in filled)


def _fills(row: CellRow, width: int) -> bool:
    count = sum(map(bool, row))
    beside_corner = len(row) == 2 and not row[0]  # « , 2025 » over « Voirie, 145 200 »
    return count >= max(2, MIN_FILLED * width) or beside_corner


def tells_apart(rows: Sequence[CellRow]) -> bool:
    """Whether the first row differs from those under it, so that it names columns in a table of any document.

    « Prix » over « 12 € » does. A form does not, where values come here and there (« Adresse, Contact,
    Téléphone »); nor does one row of words under another, nor, in two columns, words as long as those under them.
    """
    shares = value_shares(rows[1:])
    is_pair = len(shares) == 2
    if not rows or max(map(len, rows[0])) > (MAX_PAIR_NAME if is_pair else MAX_SHORT_NAME):
        return False
    if any(share >= 0.5 for share in shares[1:]):
        return not (is_pair and rows[0][1].startswith("- "))
    if not is_pair:
        return len(rows) > 2
    # « Question, Réponse » over sentences names them; « Objet, Prêt de matériel » over « Délai, Huit jours » does not.
    lengths = [len(row[1]) for row in rows[1:] if len(row) > 1 and row[1]]
    is_short = len(rows[0][1].split()) < 3 and 1.5 * len(rows[0][1]) <= sum(lengths) / max(1, len(lengths))
    return len(rows) > 2 and shares[1] == 0 and is_short


def value_shares(rows: Sequence[CellRow]) -> list[float]:
    """For each column, the share of its cells (of the first rows) that are values: a figure first, or a dash."""
    columns = [[row[i] for row in rows[:_SAMPLE] if i < len(row) and row[i]] for i in range(max(map(len, rows), default=0))]
    return [sum(map(_is_value, cells)) / max(len(cells), 1) for cells in columns]


def column_names(rows: Sequence[CellRow]) -> list[str]:
    """The name of each column; one under another is said after it: « Exercice 2025 › Réalisé », « Montant (€) »."""
    if not rows:
        return []
    filled = [_spread(upper, lower) for upper, lower in zip(rows, rows[1:], strict=False)] + [list(rows[-1])]
    parts = [list(dict.fromkeys(one_line(cell).rstrip(" :") for cell in column if cell)) for column in zip(*filled, strict=True)]
    return [" › ".join(part).replace(" › (", " (") for part in parts]


# --------------------------------------------------------------------------------- one row of names


def _are_names(row: CellRow, under: Sequence[CellRow]) -> bool:
    """Whether a row names the columns over some rows: no cell is content, and one led by a figure names another kind of thing."""
    cells = [(cell, [below[i] for below in under if i < len(below) and below[i]]) for i, cell in enumerate(row) if cell]
    if len(cells) < 2 and len(row) != 2 or len(row) > 1 and len({cell for cell, _ in cells}) < min(2, len(cells)):
        return False
    figures = [(cell, below[:1]) for cell, below in cells if _is_value(cell)]
    in_order = _is_series([cell for cell, _ in figures]) and not _is_series([cell for _, first in figures for cell in first])
    return all(
        _is_name(cell) and (not _is_value(cell) or in_order or _names_values(cell, below, len(row))) for cell, below in cells
    )


def _is_value(cell: str) -> bool:
    return bool(_VALUE.match(cell))


def _is_name(cell: str) -> bool:
    if len(cell) > MAX_NAME or re.match(r"https?://", cell):
        return False
    is_sentence = cell.endswith((".", ";")) and len(cell.split()) > MAX_NAME_WORDS
    return not is_sentence and bool(_NAMING.search(cell) or _is_value(cell))


def _names_values(cell: str, below: Sequence[str], width: int) -> bool:
    """Whether a cell led by a digit names those under it: they are of another kind."""
    if _DIGIT_NAME.fullmatch(cell):
        return not below or not all(map(_DIGIT_NAME.fullmatch, below))
    # « 12 ans et + » over prices. In two columns it may be a line of a form: « Durée, 6 mois ».
    return width > 2 and len(below) > 1 and not _NUMBER.fullmatch(cell) and all(map(_NUMBER.fullmatch, below))


def _is_series(cells: Sequence[str]) -> bool:
    """Numbers that count one by one: « 1 personne, 2 personnes », « 2023, 2024, 2025 », « 6, 7, 8 » of ages."""
    numbers = [re.match(r"\d{1,4}(?= |$)", cell) for cell in cells]
    counted = [int(number[0]) for number in numbers if number]
    if len(counted) < max(2, len(cells)):
        return False
    step = counted[1] - counted[0]
    starts = len(counted) > 2 or counted[0] < 2 or bool(re.fullmatch(_YEAR, str(counted[0])))
    return abs(step) == 1 and starts and counted == list(range(counted[0], counted[0] + step * len(counted), step))


# ------------------------------------------------------------------------------ several rows of names


def _names_under(upper: CellRow, rows: Sequence[CellRow]) -> bool:
    """Whether the first of `rows` only names what one cell of the row above spans.

    « Prévu, Réalisé » under « Exercice 2025 » does; a row that also
    says something under « Chapitre », over the first column, is a record.
    """
    lower, under = rows[0] if rows else (), rows[1:]
    if not all(map(_is_name, filter(None, upper))):
        return False
    if not under or len(lower) != len(upper) or list(lower) == list(upper) or not _are_names(lower, under):
        return False
    if len(set(filter(None, upper))) < 2 and not (upper and not upper[0]):
        return False
    owner = _owners(upper, lower)
    spans = [sum(1 for j, other in enumerate(owner) if other == i and lower[j]) for i in range(len(upper))]
    names_rows = bool(upper[0]) and lower[0] not in {"", upper[0]} and spans[0] == 1  # « Axe 1 » under « Axe »: a record
    return any(span > 1 for span in spans) and not names_rows


def _owners(upper: CellRow, lower: CellRow) -> list[int]:
    """For each column, the one where the text above it starts; -1 before the first text."""
    owner: list[int] = []
    for i, cell in enumerate(upper):
        goes_on = i > 0 and (cell == upper[i - 1] if cell else bool(lower[i]))
        owner.append(owner[-1] if goes_on else i if cell else -1)
    return owner


def _spread(upper: CellRow, lower: CellRow) -> list[str]:
    """A row of names with its texts over all the columns they span."""
    return [upper[i] if i >= 0 else "" for i in _owners(upper, lower)]
