"""Document → passages: along headings first, then sentences, offsets kept.

Pure. Knows nothing of files, vectors or stores. The cutting itself is langchain-text-splitters'.
A paragraph already indexed elsewhere is given as `skip`: its span makes no passage.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass

from langchain_text_splitters import RecursiveCharacterTextSplitter

from index.arrays import Span
from index.document import Document, Passage, Place

_LOOK = 1_000  # characters round a short piece among which another would stand
_WORD, _DIGIT = re.compile(r"[^\W\d_]{3}"), re.compile(r"\d")


@dataclass(frozen=True)
class Splitting:
    """Sizes of passages, in characters.

    900 is about 150 words: the length of a paragraph that people read without scrolling on a phone.
    """

    size: int = 900
    record: int = 12_000  # a row of a table; the longest of 274 real aid sheets has 9,600
    minimum: int = 20  # shorter pieces are page furniture, unless nothing else stands there or they are records

    def as_dict(self) -> dict[str, int]:
        """By name, as the manifest keeps them."""
        return asdict(self)


def paragraphs(document: Document) -> list[Span]:
    """Spans between blank lines, never across a section or a record; a sentence may go on over a page."""
    walls = {0, len(document.text)} | {s.start for s in document.sections}
    walls |= {edge for span in document.records for edge in span}
    edges = sorted(wall for wall in walls if wall <= len(document.text))
    spans: list[Span] = []
    for start, end in zip(edges, edges[1:], strict=False):
        if (start, end) in document.record_spans:
            spans.append((start, end))
            continue
        position = start
        for piece in document.text[start:end].split("\n\n"):
            if trimmed := _trim(document.text, position, position + len(piece)):
                spans.append(trimmed)
            position += len(piece) + 2
    return spans


def split(
    document: Document, splitting: Splitting, skip: Collection[Span] = (), also: dict[Span, tuple[Place, ...]] | None = None
) -> list[Passage]:
    """Cut a document into passages, each a verbatim substring of its text.

    Args:
        skip: spans of `paragraphs(document)` that are indexed elsewhere.
        also: for a kept paragraph, the other places where it stands.
    """
    elsewhere = sorted((also or {}).items())
    starts = [span[0] for span, _ in elsewhere]
    passages = []
    for start, end in _pieces(document, splitting, frozenset(skip)):
        # A paragraph that is cut has its other places in each of its pieces.
        first = max(0, bisect_right(starts, start) - 1)
        around = elsewhere[first : bisect_left(starts, end)]
        others = tuple(place for span, places in around if start < span[1] for place in places)
        passages.append(_passage(document, start, end, others))
    return passages


def _pieces(document: Document, splitting: Splitting, skip: frozenset[Span]) -> Iterator[Span]:
    """Neighbouring paragraphs of one section and one page are joined up to `size`; longer ones are cut.

    A quote of several pages would be cited at its first; only a piece too short to stand alone goes with another page.
    """
    run: Span | None = None
    for span in paragraphs(document):
        keep = span not in skip
        joined = (run[0], span[1]) if run else span
        if keep and run and document.record_spans.isdisjoint((span, run)):
            same_section = document.headings_at(run[0]) == document.headings_at(span[0])
            between_is_clear = not document.text[run[1] : span[0]].strip()
            together = _on_one_page(document, run, span) or min(run[1] - run[0], span[1] - span[0]) < splitting.minimum
            if same_section and together and between_is_clear and joined[1] - joined[0] <= splitting.size:
                run = joined
                continue
        if run:
            yield from _cut(document, run, splitting)
        run = span if keep else None
    if run:
        yield from _cut(document, run, splitting)


def _on_one_page(document: Document, run: Span, span: Span) -> bool:
    return document.page_at(run[1] - 1) == document.page_at(span[0]) and document.page_at(run[0]) == document.page_at(span[0])


def _cut(document: Document, span: Span, splitting: Splitting) -> Iterator[Span]:
    start, end = span
    if end - start < splitting.minimum and span not in document.record_spans and not _stands_alone(document, start, end):
        return
    # A row of a table loses its meaning when cut: whole, unless it is a document by itself.
    if end - start <= (splitting.record if span in document.record_spans else splitting.size):
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
    """Words are no furniture when they are all that the document says; nor a sentence or a figure, all that its section says."""
    text = document.text
    has_words, has_figure = _WORD.search(text, start, end), _DIGIT.search(text, start, end)
    if not (has_words or has_figure):
        return False
    is_whole = not text[: min(start, _LOOK)].strip() and not text[max(end, len(text) - _LOOK) :].strip()
    if is_whole and start <= _LOOK and len(text) - end <= _LOOK and has_words:
        return True
    left, right = document.section_edges(start)
    says = document.sections and (has_figure or text[end - 1] in ".!?…")
    return bool(says) and right - left <= _LOOK and _trim(text, left, right) == (start, end)


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
        is_fiche=document.is_fiche,
        turns=document.pages[bisect_right(document.pages, start) : bisect_left(document.pages, end)],
    )
