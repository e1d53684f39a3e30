"""Document → passages: along headings first, then sentences, offsets kept.

Pure. Knows nothing of files, vectors or stores. The cutting itself is langchain-text-splitters'.
A paragraph already indexed elsewhere is given as `skip`: its span makes no passage.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass

from langchain_text_splitters import RecursiveCharacterTextSplitter

from index.document import Document, Passage, Place

Span = tuple[int, int]
_WORD = re.compile(r"[^\W\d_]{3}")


@dataclass(frozen=True)
class Splitting:
    """Sizes of passages, in characters.

    900 is about 150 words: the length of a paragraph that people read without scrolling on a phone.
    """

    size: int = 900
    record: int = 12_000  # a row of a table; the longest of 274 real aid sheets has 9,600
    minimum: int = 20  # shorter pieces are page furniture, unless nothing else stands there

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def paragraphs(document: Document) -> list[Span]:
    """Spans between blank lines, never across a section, a record or a page's first character."""
    walls = {0, len(document.text)} | {s.start for s in document.sections}
    walls |= {edge for span in document.records for edge in span}
    edges = sorted(wall for wall in walls if wall <= len(document.text))
    spans: list[Span] = []
    for start, end in zip(edges, edges[1:], strict=False):
        if (start, end) in document.records:
            spans.append((start, end))
            continue
        position = start
        for piece in document.text[start:end].split("\n\n"):
            if trimmed := _trim(document.text, position, position + len(piece)):
                spans.append(trimmed)
            position += len(piece) + 2
    return spans


def split(
    document: Document,
    splitting: Splitting,
    skip: Collection[Span] = (),
    also: dict[Span, tuple[Place, ...]] | None = None,
) -> list[Passage]:
    """Cut a document into passages, each a verbatim substring of its text.

    Args:
        skip: spans of `paragraphs(document)` that are indexed elsewhere.
        also: for a kept paragraph, the other places where it stands.
    """
    passages = []
    for start, end in _pieces(document, splitting, frozenset(skip)):
        others = tuple(place for span, places in (also or {}).items() if start < span[1] and span[0] < end for place in places)
        passages.append(_passage(document, start, end, others))
    return passages


def _pieces(document: Document, splitting: Splitting, skip: frozenset[Span]) -> Iterator[Span]:
    """Neighbouring paragraphs of one section are joined up to `size`; longer ones are cut."""
    run: Span | None = None
    for span in paragraphs(document):
        keep = span not in skip
        joined = (run[0], span[1]) if run else span
        if keep and run and span not in document.records and run not in document.records:
            same_section = document.headings_at(run[0]) == document.headings_at(span[0])
            between_is_clear = not document.text[run[1] : span[0]].strip()
            if same_section and between_is_clear and joined[1] - joined[0] <= splitting.size:
                run = joined
                continue
        if run:
            yield from _cut(document, run, splitting)
        run = span if keep else None
    if run:
        yield from _cut(document, run, splitting)


def _cut(document: Document, span: Span, splitting: Splitting) -> Iterator[Span]:
    start, end = span
    if end - start < splitting.minimum and not _stands_alone(document, start, end):
        return
    # A row of a table loses its meaning when cut: whole, unless it is a document by itself.
    if end - start <= (splitting.record if span in document.records else splitting.size):
        yield span
        return
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=splitting.size,
        chunk_overlap=0,
        separators=["\n\n", "\n", r"(?<=[.!?…])\s+", r"(?<=[;:])\s+", " ", ""],
        is_separator_regex=True,
        keep_separator="end",
        add_start_index=True,
    )
    for piece in splitter.create_documents([document.text[start:end]]):
        left = start + piece.metadata["start_index"]
        if trimmed := _trim(document.text, left, left + len(piece.page_content)):
            yield trimmed


def _stands_alone(document: Document, start: int, end: int) -> bool:
    """Words are not furniture when they are all that the document says, or a sentence that is all its section says."""
    if not _WORD.search(document.text, start, end):
        return False
    edges = [0, *(section.start for section in document.sections), len(document.text)]
    left = max(edge for edge in edges if edge <= start)
    right = min(edge for edge in edges if edge >= end)
    is_whole = _trim(document.text, 0, len(document.text)) == (start, end)
    return is_whole or (document.text[end - 1] in ".!?…" and _trim(document.text, left, right) == (start, end))


def _trim(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if start < end else None


def _passage(document: Document, start: int, end: int, also: tuple[Place, ...]) -> Passage:
    return Passage(
        id=f"{document.path}#{start}-{end}",
        document=document.path,
        title=document.title,
        headings=document.headings_at(start),
        text=document.text[start:end],
        start=start,
        end=end,
        page=document.page_at(start),
        notes=document.notes_between(start, end),
        also=also,
        aliases=document.aliases_at(start),
    )
