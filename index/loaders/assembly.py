"""Blocks of text in reading order → a Document with its places.

Loaders say what each piece is (heading, paragraph, list item, record); this module joins the pieces
and counts the offsets once. It knows nothing of file formats and cleans nothing: blocks come clean.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.cleaning import navigation, one_line
from index.document import Document, Note, Section
from index.loaders.tables.table import read_sheet, row_lines


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
    remarks: Sequence[str] = (),
) -> Document:
    """Join blocks into a Document; blank lines part them, but for tight ones.

    Args:
        relative: path of the file.
        blocks: clean, in reading order.
        page_count: 0 in formats without pages.
        metadata: as JSON can carry it.
        remarks: what could not be read, in French.
    """
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
        remarks=tuple(remarks),
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


def plain(value: Any) -> Any:
    """A front-matter or metadata value as JSON can carry it: dates become ISO text."""
    if isinstance(value, datetime.date):  # datetime is a date too
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def table_blocks(rows: Iterable[Sequence[str]], *, page: int = 0, header_rows: int | None = None) -> list[Block]:
    """The rows of a table inside a document, one line each, with the column names when it has them.

    Args:
        header_rows: how many rows name the columns, when the source says it.
    """
    return [Block(line, tight=i > 0, page=page) for i, line in enumerate(row_lines(rows, header_rows))]


def record_blocks(rows: Sequence[Sequence[str]], name: str) -> Iterator[Block]:
    """The tables of a sheet, a record a row; a table without title after one with a title goes under `name`."""
    titled = False
    for entry in read_sheet(rows):
        if entry.is_title or (entry.opens and titled):
            titled = entry.is_title and one_line(entry.text).casefold() != name.casefold()
            yield Block(one_line(entry.text) if titled else name, 2 if titled else 1)
        else:
            yield Block("\n".join(entry.lines()), record=bool(entry.values))
