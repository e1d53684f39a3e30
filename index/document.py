"""The nouns of the index: a Document, its sections and notes, a Passage, a Hit.

Plain frozen values. This module knows nothing of files, formats, vectors or screens: loaders make
Documents, `splitting` cuts them into Passages, `search` returns Hits; `fiche` reads what the metadata of a fiche mean.

One invariant holds everywhere: a span is a pair of character offsets into `Document.text`, and
`passage.text == document.text[passage.start:passage.end]`, so a quote is always found again.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from index import fiche

_WORD = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True)
class Section:
    """A heading and where the text under it begins; it ends where the next section starts."""

    heading: str
    level: int  # 1 is the highest
    start: int  # offset of the first character under the heading, in characters
    aliases: tuple[str, ...] = ()  # other ways to ask what the heading asks; searched, never shown


@dataclass(frozen=True)
class Note:
    """A footnote mark in the text and the original source it points to."""

    offset: int  # characters: the mark stood just after text[offset - 1]
    label: str
    publisher: str
    date: str = ""  # as the source gives it: « octobre 2025 », « sans date »
    url: str | None = None


@dataclass(frozen=True)
class Line:
    """A printed line of a page and its rectangle, for highlighting a passage on the page.

    Coordinates are PDF points from the bottom-left corner of the page.
    """

    start: int
    end: int
    page: int  # 1 is the first page
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Document:
    """A readable file: its cleaned text and everything that has a place in it.

    `pages[i]` is the offset where page i+1 begins (empty for formats without pages).
    `records` are spans that must stay whole, such as the rows of a table; splitting keeps each
    as one passage. `unreadable_pages` are the pages without a text layer (scans). `remarks` say, in
    French, what else of the file could not be read: « 3 formules sans valeur enregistrée. »
    """

    path: str  # relative to the source folder, with « / »: the document's identity
    title: str
    text: str
    sections: tuple[Section, ...] = ()
    notes: tuple[Note, ...] = ()
    pages: tuple[int, ...] = ()
    lines: tuple[Line, ...] = ()
    records: tuple[tuple[int, int], ...] = ()
    unreadable_pages: tuple[int, ...] = ()
    remarks: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)  # as the file gives them; `header` is what a fiche means by them

    @cached_property
    def header(self) -> fiche.FicheHeader:
        """What it says of itself, as a fiche does; mostly empty for any other document."""
        return fiche.header(self.metadata, self.path)

    @property
    def date(self) -> str | None:
        """The date of the content, ISO, when the document says it."""
        return self.header.updated.isoformat() if self.header.updated else None

    @property
    def review_date(self) -> str | None:
        """The date, ISO, after which what it says is to be confirmed, when it gives one."""
        return self.header.review_by.isoformat() if self.header.review_by else None

    @property
    def is_fiche(self) -> bool:
        """Whether it was written for the base, and says so; any other document was put in it to be asked about."""
        return fiche.is_fiche(self.metadata)

    @property
    def subject(self) -> str:
        """The title as it is searched."""
        return subject_of(self.title)

    @property
    def names(self) -> tuple[str, ...]:
        """What the document is about, as people call it: front matter's, else its title."""
        return tuple(filter(None, (self.header.scheme, *self.header.other_names))) or (self.title,)

    @property
    def page_count(self) -> int:
        """How many pages it has; 0 of a format without pages."""
        return len(self.pages)

    def page_at(self, offset: int) -> int | None:
        """The page (from 1) that holds a character, or None when the format has no pages."""
        return bisect_right(self.pages, offset) if self.pages else None

    def pages_between(self, start: int, end: int) -> list[int]:
        """The pages (from 1) that hold a span; empty when the format has no pages."""
        first, last = self.page_at(start), self.page_at(max(start, end - 1))
        return list(range(first, last + 1)) if first and last else []

    @cached_property
    def record_spans(self) -> frozenset[tuple[int, int]]:
        """`records`, to look one up."""
        return frozenset(self.records)

    def headings_at(self, offset: int) -> tuple[str, ...]:
        """The heading path above a character, outermost first."""
        return self._paths[self._section_at(offset)]

    def section_edges(self, offset: int) -> tuple[int, int]:
        """Where the text under the nearest heading above a character begins and ends."""
        number = self._section_at(offset)
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return (self._starts[number - 1] if number else 0), end

    def aliases_at(self, offset: int) -> tuple[str, ...]:
        """The aliases of the nearest heading above a character."""
        number = self._section_at(offset)
        return self.sections[number - 1].aliases if number else ()

    def _section_at(self, offset: int) -> int:
        """How many headings stand above a character."""
        return bisect_right(self._starts, offset)

    @cached_property
    def _starts(self) -> list[int]:
        return [section.start for section in self.sections]

    @cached_property
    def _paths(self) -> list[tuple[str, ...]]:
        """The heading path before the first section, then under each."""
        paths: list[tuple[str, ...]] = [()]
        path: list[Section] = []
        for section in self.sections:
            path = [above for above in path if above.level < section.level] + [section]
            paths.append(tuple(one.heading for one in path))
        return paths

    def notes_between(self, start: int, end: int) -> tuple[Note, ...]:
        """The notes of a span, first mark first, each source once."""
        found = {(n.publisher, n.date, n.url): n for n in reversed(self.notes) if start < n.offset <= end}
        return tuple(sorted(found.values(), key=lambda note: note.offset))


@dataclass(frozen=True)
class Place:
    """Where a text stands: a document and a span in it."""

    document: str
    start: int
    end: int
    page: int | None = None


@dataclass(frozen=True)
class Passage:
    """A searchable extract, verbatim, with its place.

    `also` lists the other places where the same paragraph stands (duplicates are indexed once).
    """

    id: str  # « path#start-end »
    document: str
    title: str
    headings: tuple[str, ...]
    text: str
    start: int
    end: int
    page: int | None = None
    notes: tuple[Note, ...] = ()
    also: tuple[Place, ...] = ()
    aliases: tuple[str, ...] = ()  # other wordings of the nearest heading; searched, never shown
    is_fiche: bool = False  # see `Document.is_fiche`
    turns: tuple[int, ...] = ()  # offsets in the document where another page begins inside it

    def page_at(self, offset: int) -> int | None:
        """The page that prints a character of the document inside this passage; None without pages."""
        return self.page and self.page + bisect_right(self.turns, offset)

    @property
    def is_asked(self) -> bool:
        """Whether its heading is a question that it answers, as in a fiche; elsewhere a heading only says what is spoken of."""
        return bool(self.aliases) or bool(self.headings and self.headings[-1].rstrip().endswith("?"))

    @property
    def searched_heading(self) -> str:
        """What stands over it, as it is searched: a question alone, else the whole path: « Quand ? » does not say of what."""
        return self.headings[-1] if self.is_asked and self.headings else ". ".join(self.headings)

    @property
    def section(self) -> str:
        """The heading path as people read it."""
        return " › ".join(self.headings)

    @property
    def subject(self) -> str:
        """The title as it is searched."""
        return subject_of(self.title)


@dataclass(frozen=True)
class Hit:
    """A passage found for a question, with the evidence behind its score (larger is better)."""

    passage: Passage
    score: float
    dense: float = 0.0  # cosine, -1..1
    lexical: float = 0.0  # BM25, >= 0, not comparable between questions
    features: Mapping[str, float] = field(default_factory=dict)


def subject_of(title: str) -> str:
    """A title, or nothing when it says nothing, such as the number that names a file without a title."""
    return title if _WORD.search(title) else ""


def embedded_text(passage: Passage) -> str:
    """What an encoder or a reranker sees of a passage: title and headings carry the subject the text may omit."""
    return ". ".join(filter(None, [passage.subject, passage.searched_heading, passage.text]))
