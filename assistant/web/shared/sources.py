"""The source panel: a cited passage, marked in the text around it, with where it comes from.

`sources_of` takes from the documents, at answer time, the little that the panel shows: a source can
still be read after a new version of the base is published. Everything shown is escaped here, because
the chat's frame escapes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from urllib.parse import urlsplit

from assistant.answering.answer import Answer, Citation
from assistant.web.shared import common_texts as common
from assistant.web.shared import typography
from index.document import Document, Note, Passage
from index.figures import long_date

_AROUND = 1500  # characters shown before and after the quote, cut at paragraphs


@dataclass(frozen=True)
class ContextParagraph:
    """A paragraph or a heading of the text around a quote; `marked` is the part the answer cites."""

    before: str
    marked: str = ""
    after: str = ""
    heading: bool = False


@dataclass(frozen=True)
class CitedSource:
    """What the panel shows of one citation. Plain values: holds no document; `start` and `end` place the quote in its text."""

    marker: int
    document: str
    title: str
    headings: tuple[str, ...]
    page: int | None
    updated: str | None  # ISO date
    review: str | None  # ISO date after which it should be read again
    blocks: tuple[ContextParagraph, ...]
    notes: tuple[Note, ...]
    places: tuple[str, ...]  # the other places of the passage
    cut_before: bool = False
    cut_after: bool = False
    quote: str = ""
    start: int = 0
    end: int = 0


def sources_of(answer: Answer, documents: Mapping[str, Document]) -> tuple[CitedSource, ...]:
    """What the panel will show of each citation of an answer."""
    return tuple(source_of(citation, documents) for citation in answer.citations)


def source_of(citation: Citation, documents: Mapping[str, Document]) -> CitedSource:
    """What the panel will show of one citation."""
    passage = citation.passage
    document = documents.get(passage.document) or Document(passage.document, passage.title, passage.text)
    start, end = _section_span(document, citation)
    places = [place for place in passage.also if place.document in documents]
    return CitedSource(
        citation.marker,
        passage.document,
        passage.title,
        passage.headings,
        citation.page,
        document.date,
        document.review_date,
        _blocks(document, citation, start, end),
        passage.notes,
        tuple(_place(documents[place.document], place.start, place.page) for place in places),
        cut_before=start > 0,
        cut_after=end < len(document.text),
        quote=citation.quote,
        start=citation.start,
        end=citation.end,
    )


def _section_span(document: Document, citation: Citation) -> tuple[int, int]:
    """(start, end) of what is shown: the section that holds the quote's own section, within `_AROUND` of the quote."""
    level = _parent_level(document, citation.start)
    start, end = 0, len(document.text)
    for section in document.sections:
        if section.level > level:
            continue
        if section.start > citation.start:
            end = section.start
            break
        start = section.start
    start = _paragraph_start(document.text, max(start, citation.start - _AROUND), start)
    return start, min(end, _paragraph_end(document.text, citation.end + _AROUND))


def _parent_level(document: Document, offset: int) -> int:
    """The level above the innermost section at a place; 0 is the whole document."""
    levels: list[int] = []
    for section in document.sections:
        if section.start > offset:
            break
        levels = [level for level in levels if level < section.level] + [section.level]
    return levels[-2] if len(levels) > 1 else sum(levels)


def _paragraph_start(text: str, offset: int, floor: int) -> int:
    found = text.rfind("\n\n", 0, offset)
    return max(floor, found + 2) if found >= 0 else floor


def _paragraph_end(text: str, offset: int) -> int:
    found = text.find("\n\n", offset)
    return found if found >= 0 else len(text)


def _blocks(document: Document, citation: Citation, start: int, end: int) -> tuple[ContextParagraph, ...]:
    """The headings and paragraphs of a span of a document, the quote marked in those that it touches."""
    headings = {section.start: section.heading for section in document.sections if start <= section.start < end}
    # A section and its first sub-section begin at the same character: the deeper heading is kept.
    cuts = sorted({start, end, *headings, *_paragraph_starts(document.text, start, end)})
    blocks: list[ContextParagraph] = []
    for left, right in zip(cuts, cuts[1:], strict=False):
        if left in headings:
            blocks.append(ContextParagraph(headings[left], heading=True))
        if document.text[left:right].strip():
            blocks.append(_marked(document.text, left, right, citation))
    return tuple(blocks)


def _paragraph_starts(text: str, start: int, end: int) -> list[int]:
    starts, found = [], text.find("\n\n", start, end)
    while found >= 0:
        starts.append(found + 2)
        found = text.find("\n\n", found + 2, end)
    return starts


def _marked(text: str, left: int, right: int, citation: Citation) -> ContextParagraph:
    right = left + len(text[left:right].rstrip())
    first, last = max(left, min(citation.start, right)), max(left, min(citation.end, right))
    if first >= last:
        return ContextParagraph(text[left:right])
    return ContextParagraph(text[left:first], text[first:last], text[last:right])


def _place(document: Document, offset: int, page: int | None) -> str:
    return typography.place(document.title, document.headings_at(offset), page)


# -- HTML ----------------------------------------------------------------------------------------


def panel(source: CitedSource, withdrawn: bool = False, today: date | None = None, pictures: str = "") -> str:
    """The panel's content for one source; `pictures` are its pages, drawn."""
    path = "".join(f"<li>{escape(typography.tied(heading))}</li>" for heading in source.headings)
    return (
        f'<p class="source-number">{escape(common.SOURCE_NUMBER.format(number=source.marker))}</p>'
        f'<h2 class="source-title" tabindex="-1">{escape(source.title)}</h2>'
        + (f'<ol class="source-path" aria-label="{common.SECTION_PATH}">{path}</ol>' if path else "")
        + _facts(source, today or date.today())
        + (f'<p class="warning">{escape(common.WITHDRAWN)}</p>' if withdrawn else "")
        + pictures
        + extract(source)
        + originals(source.notes)
        + _others(source.places)
    )


def _facts(source: CitedSource, today: date) -> str:
    facts = []
    if source.page:
        facts.append(f'<span class="fact">{escape(common.PAGE.format(page=source.page))}</span>')
    if source.updated:
        facts.append(f'<span class="fact">{escape(common.UPDATED.format(date=long_date(source.updated)))}</span>')
    if is_stale(source, today):
        review = common.TO_REVIEW.format(date=long_date(str(source.review)))
        facts.append(f'<span class="fact stale">{escape(review)}</span>')
    return f'<p class="facts">{"".join(facts)}</p>' if facts else ""


def is_stale(source: CitedSource, today: date) -> bool:
    """True when the document should have been read again by now."""
    return bool(source.review) and str(source.review) < today.isoformat()


def extract(source: CitedSource) -> str:
    """The text around the quote, with its headings, the quote marked."""
    parts = ['<p class="cut" aria-hidden="true">…</p>'] if source.cut_before else []
    for block in source.blocks:
        if block.heading:
            parts.append(f"<h3>{escape(typography.tied(block.before))}</h3>")
        else:
            marked = f"<mark>{_lines(block.marked)}</mark>" if block.marked else ""
            parts.append(f"<p>{_lines(block.before)}{marked}{_lines(block.after)}</p>")
    parts += ['<p class="cut" aria-hidden="true">…</p>'] if source.cut_after else []
    return f'<div class="extract" tabindex="0" role="region" aria-label="{common.EXTRACT}">{"".join(parts)}</div>'


def _lines(text: str) -> str:
    return escape(typography.unbroken(text)).replace("\n", "<br>")


def originals(notes: tuple[Note, ...]) -> str:
    """The original sources of a passage."""
    if not notes:
        return ""
    items = "".join(f"<li>{original(note)}</li>" for note in notes)
    return f'<h3 class="label">{common.ORIGINALS}</h3><ul class="originals">{items}</ul>'


def original(note: Note) -> str:
    """An original source as HTML: publisher, date and, when it is a web address, its link."""
    name = f'<span class="publisher">{escape(note.publisher)}</span>'
    dated = f'<span class="date">, {escape(note.date)}</span>' if note.date else ""
    if not is_web(note.url):
        return name + dated
    host = escape(urlsplit(str(note.url)).netloc.removeprefix("www."))
    return (
        f'<a href="{escape(str(note.url))}" target="_blank" rel="noopener noreferrer">{name}'
        f'<span class="sr-only"> {common.NEW_WINDOW}</span></a>{dated}<span class="host">{host}</span>'
    )


def is_web(url: str | None) -> bool:
    """True for http and https only: « javascript: » is not a source."""
    try:
        return bool(url) and urlsplit(str(url)).scheme in ("http", "https")
    except ValueError:  # « http://[ » is no address
        return False


def _others(places: tuple[str, ...]) -> str:
    if not places:
        return ""
    items = "".join(f"<li>{escape(place)}</li>" for place in places)
    return f'<h3 class="label">{common.OTHER_PLACES}</h3><ul class="places">{items}</ul>'


def name_of(passage: Passage) -> str:
    """A source in one line, as under an answer."""
    return typography.place(passage.title, passage.headings, passage.page)
