"""Blocks of text in reading order → a Document with its places.

Loaders say what each piece is (heading, paragraph, list item, record); this module joins the pieces
and counts the offsets once. It knows nothing of file formats and cleans nothing: blocks come clean.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from index.cleaning import navigation, one_line
from index.document import Document, Note, Section


@dataclass(frozen=True)
class Block:
    """A piece of a document. A heading (`level` 1 to 6) opens a section and is not in the text."""

    text: str
    level: int = 0
    tight: bool = False  # follows the block above without a blank line (list items, table rows)
    record: bool = False  # must stay whole
    page: int = 0  # 1 is the first page; 0 in formats without pages
    notes: tuple[Note, ...] = ()  # offsets counted in this block's text
    aliases: tuple[str, ...] = ()  # of a heading: other ways to ask it


def assemble(
    relative: str,
    title: str,
    blocks: Iterable[Block],
    *,
    page_count: int = 0,
    metadata: Mapping[str, Any] | None = None,
) -> Document:
    """Join blocks into a Document; blank lines part them, but for tight ones."""
    parts: list[str] = []
    sections: list[Section] = []
    notes: list[Note] = []
    records: list[tuple[int, int]] = []
    page_starts: dict[int, int] = {}
    position = 0  # length of the text so far
    waiting: list[Block] = []  # headings whose first character is not known yet
    for block in blocks:
        if block.level:
            waiting.append(block)
            continue
        if not block.text:
            continue
        separator = "" if not parts else "\n" if block.tight and not waiting else "\n\n"
        parts += [separator, block.text]
        start = position + len(separator)
        position = start + len(block.text)
        sections += [Section(heading.text, heading.level, start, heading.aliases) for heading in waiting]
        waiting.clear()
        notes += [Note(start + n.offset, n.label, n.publisher, n.date, n.url) for n in block.notes]
        if block.record:
            records.append((start, position))
        page_starts.setdefault(block.page, start)
    sections += [Section(heading.text, heading.level, position, heading.aliases) for heading in waiting]
    return Document(
        path=relative,
        title=title,
        text="".join(parts),
        sections=tuple(sections),
        notes=tuple(notes),
        pages=page_offsets(page_starts, page_count, position),
        records=tuple(records),
        metadata=dict(metadata or {}),
    )


def page_offsets(starts: Mapping[int, int], page_count: int, end: int) -> tuple[int, ...]:
    """Where each page begins; a page without text begins where the next one with text does."""
    offsets: list[int] = []
    for page in range(page_count, 0, -1):
        end = starts.get(page, end)
        offsets.append(end)
    return tuple(reversed(offsets))


def without_title(blocks: Sequence[Block], title: str) -> list[Block]:
    """Drop the opening heading that only repeats the title: it would stand in every heading path."""
    if blocks and blocks[0].level == 1 and blocks[0].text.casefold() == title.casefold():
        return list(blocks[1:])
    return list(blocks)


def without_navigation(blocks: Sequence[Block]) -> list[Block]:
    """Drop related links, sharing buttons and cookie banners; a heading ends a list of links."""
    stops = {i for i, block in enumerate(blocks) if block.level}
    dropped = navigation([block.text for block in blocks], stops)
    return [block for i, block in enumerate(blocks) if i not in dropped]


def first_heading(blocks: Iterable[Block]) -> str:
    """The text of the first heading of the highest level present, or an empty string."""
    headings = [block for block in blocks if block.level]
    return min(headings, key=lambda block: block.level).text if headings else ""


def readable_name(relative: str) -> str:
    """A file's name as people would say it: « mode_d-emploi-2024.pdf » → « Mode d emploi 2024 »."""
    name = one_line(re.sub(r"[_\-.]+", " ", PurePath(relative).stem))
    return name[:1].upper() + name[1:]


def plain(value: Any) -> Any:
    """A front-matter or metadata value as JSON can carry it: dates become ISO text."""
    if isinstance(value, datetime.date):  # datetime is a date too
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


_MEANINGLESS_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)|(?:word document|powerpoint presentation)$|untitled|sans titre"
    r"|document\d*$|diapositive|présentation powerpoint|.*\.(?:docx?|odt|pptx?|xlsx?|pdf|indd|qxd|tex|rtf)$)",
    re.IGNORECASE,
)


def meaningful_title(written: str | None) -> str:
    """The title of a file's metadata, or an empty string when an office program wrote it."""
    title = one_line(written or "")
    return "" if len(title) < 4 or _MEANINGLESS_TITLE.match(title) else title


# A table's first row names its columns when its cells are this short; longer ones are content.
MAX_COLUMN_NAME = 80


def table_blocks(rows: Iterable[Sequence[str]], *, page: int = 0) -> list[Block]:
    """The rows of a table inside a document, one line each, with the column names when it has them."""
    filled = [list(row) for row in rows if any(row)]
    names = filled[0] if filled and _names_columns(filled) else None
    lines = [_row_line(row, names) for row in filled[1 if names else 0 :]]
    return [Block(line, tight=i > 0, page=page) for i, line in enumerate(lines)]


def _names_columns(rows: Sequence[Sequence[str]]) -> bool:
    first = rows[0]
    named = all(0 < len(cell) <= MAX_COLUMN_NAME and not re.search(r"^\W*\d|[.;]$", cell) for cell in first)
    return len(rows) > 2 and len(first) > 1 and named and len(set(first)) == len(first)


def _row_line(row: Sequence[str], names: Sequence[str] | None) -> str:
    if names is None or len(row) != len(names):
        return " | ".join(cell for cell in row if cell)
    return " ; ".join(f"{name.rstrip(' :')} : {cell}" for name, cell in zip(names, row, strict=True) if cell)
