"""Documents and passages ↔ JSON lines on disk, read one by one where they are asked for.

Beside each file of lines stands a table: the name of each item and where its line ends. Knows the dataclasses, nothing of what
they are for.
"""

from __future__ import annotations

import json
import mmap
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, overload

from index.document import Document, Line, Note, Passage, Place, Section

PASSAGES, DOCUMENTS = "passages.jsonl", "documents.jsonl"  # in the folder of a version
_WORDS = "words.json"
_TABLE = ".table.json"  # the suffix of the table of a file of lines
_KEPT_PASSAGES, _KEPT_DOCUMENTS = 4_000, 200  # those last read, in memory


def write_passages(folder: Path, passages: Sequence[Passage]) -> None:
    """Those of a version, for `PassageList`."""
    _write(folder / PASSAGES, passages, [passage.id for passage in passages])


def write_documents(folder: Path, documents: Sequence[Document]) -> None:
    """Those of a version, for `DocumentMap`."""
    _write(folder / DOCUMENTS, documents, [document.path for document in documents])


def write_words(folder: Path, counts: Mapping[str, int]) -> None:
    """How many titles, headings and texts of passages of a version hold each word."""
    (folder / _WORDS).write_text(json.dumps(counts, ensure_ascii=False), encoding="utf-8")


def read_words(folder: Path) -> dict[str, int]:
    """What `write_words` wrote; raises as `PassageList` does."""
    counts: dict[str, int] = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
    return counts


def read_documents(path: Path) -> Iterator[Document]:
    """Those of a file of lines, of this version or of an older one; raises as `PassageList` does."""
    return map(_document, _rows(path))


def read_passages(path: Path) -> Iterator[Passage]:
    """Those of a file of lines; raises as `PassageList` does."""
    return map(_passage, _rows(path))


class PassageList(Sequence[Passage]):
    """The passages of a version, in order, left on the disk.

    Raises:
        OSError, ValueError, KeyError, TypeError: a file is missing or damaged, or of another layout; so does reading one.
    """

    def __init__(self, folder: Path) -> None:
        self._lines = _Lines(folder / PASSAGES)
        self._kept = lru_cache(maxsize=_KEPT_PASSAGES)(self._read)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, row: int) -> Passage: ...
    @overload
    def __getitem__(self, row: slice) -> list[Passage]: ...
    def __getitem__(self, row: int | slice) -> Passage | list[Passage]:
        if isinstance(row, slice):
            return [self._kept(one) for one in range(len(self))[row]]
        return self._kept(range(len(self))[row])

    def __iter__(self) -> Iterator[Passage]:
        read = self._kept if len(self) <= _KEPT_PASSAGES else self._read  # a walk through all would push out what is in use
        return map(read, range(len(self)))

    def row_of(self, identifier: str) -> int:
        """The place of the passage of an identifier; KeyError when there is none."""
        return self._lines.rows[identifier]

    def _read(self, row: int) -> Passage:
        return _passage(self._lines.read(row))


class DocumentMap(Mapping[str, Document]):
    """The documents of a version by path, in order, left on the disk; raises as `PassageList` does."""

    def __init__(self, folder: Path) -> None:
        self._lines = _Lines(folder / DOCUMENTS)
        self._kept = lru_cache(maxsize=_KEPT_DOCUMENTS)(self._read)

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines.rows)

    def __contains__(self, path: object) -> bool:
        return path in self._lines.rows

    def __getitem__(self, path: str) -> Document:
        return self._kept(self._lines.rows[path])

    def _read(self, row: int) -> Document:
        return _document(self._lines.read(row))


class _Lines:
    """A file of lines and its table."""

    def __init__(self, path: Path) -> None:
        table = json.loads(path.with_suffix(_TABLE).read_text(encoding="utf-8"))
        self.rows: dict[str, int] = {name: row for row, name in enumerate(table["names"])}
        self._ends = array("q", table["ends"])
        with path.open("rb") as file:
            size = path.stat().st_size
            self._content: bytes | mmap.mmap = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        if len(self._ends) != len(self.rows) or (self._ends[-1] if self._ends else 0) != size:
            raise ValueError(f"{path.name} and its table disagree")

    def __len__(self) -> int:
        return len(self._ends)

    def read(self, row: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._content[self._ends[row - 1] if row else 0 : self._ends[row]])
        return found


def _write(path: Path, items: Sequence[Document | Passage], names: Sequence[str]) -> None:
    """One JSON object a line, UTF-8; dates become ISO strings."""
    ends, end = [], 0
    with path.open("wb") as lines:
        for item in items:
            end += lines.write((json.dumps(asdict(item), ensure_ascii=False, default=_plain) + "\n").encode())
            ends.append(end)
    path.with_suffix(_TABLE).write_text(json.dumps({"names": names, "ends": ends}, ensure_ascii=False), encoding="utf-8")


def _document(row: dict[str, Any]) -> Document:
    return Document(
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


def _passage(row: dict[str, Any]) -> Passage:
    return Passage(
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
