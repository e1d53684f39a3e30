"""Documents and passages ↔ JSON lines on disk. Knows the dataclasses, nothing of what they are for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from index.document import Document, Line, Note, Passage, Place, Section


def write_jsonl(path: Path, items: Iterable[Document | Passage]) -> None:
    """One JSON object a line, UTF-8; dates become ISO strings."""
    with path.open("w", encoding="utf-8") as lines:
        for item in items:
            lines.write(json.dumps(asdict(item), ensure_ascii=False, default=_plain) + "\n")


def read_documents(path: Path) -> Iterator[Document]:
    """What `write_jsonl` wrote of documents.

    Raises:
        OSError, ValueError, KeyError, TypeError: the file is missing or damaged, or of another layout.
    """
    for row in _rows(path):
        yield Document(
            **row
            | {
                "sections": tuple(Section(**s | {"aliases": tuple(s["aliases"])}) for s in row["sections"]),
                "notes": tuple(Note(**n) for n in row["notes"]),
                "lines": tuple(Line(**line) for line in row["lines"]),
                "pages": tuple(row["pages"]),
                "records": tuple((start, end) for start, end in row["records"]),
                "unreadable_pages": tuple(row["unreadable_pages"]),
                "remarks": tuple(row["remarks"]),
            }
        )


def read_passages(path: Path) -> Iterator[Passage]:
    """What `write_jsonl` wrote of passages; raises as `read_documents` does."""
    for row in _rows(path):
        yield Passage(
            **row
            | {
                "headings": tuple(row["headings"]),
                "aliases": tuple(row["aliases"]),
                "turns": tuple(row["turns"]),
                "notes": tuple(Note(**n) for n in row["notes"]),
                "also": tuple(Place(**p) for p in row["also"]),
            }
        )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)
