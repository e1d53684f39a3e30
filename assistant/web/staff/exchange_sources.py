"""An exchange of the journal → its sources as they were read, for whoever checks them.

Looks in the version that answered while it is kept, and says when a passage has changed or gone since.
Of a document withdrawn since, nothing is shown. Knows no request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from assistant.answering.answer import Citation
from assistant.records.journal import Exchange
from assistant.web.shared import page_pictures, sources
from assistant.web.shared.published_base import PublishedBase
from index import originals
from index.document import Document, Passage
from index.errors import IndexingError
from index.page_rendering import is_drawn
from index.search import Retriever
from index.serialisation import read_documents
from index.versions import Versions


class Standing(StrEnum):
    """What has become of a cited passage since the answer."""

    CURRENT = "current"
    CHANGED = "changed"  # its document no longer holds it
    WITHDRAWN = "withdrawn"  # its document is no longer in the base
    LOST = "lost"  # the version that answered is no longer kept, and the quote is nowhere in the published one


@dataclass(frozen=True)
class Proof:
    """One citation of an exchange, as the page shows it."""

    marker: int
    title: str
    section: str
    page: int | None
    quote: str
    url: str
    standing: Standing
    extract: Markup  # the quote marked in its text; empty when only the journal's quote is left
    notes: Markup
    pictures: Markup
    file: str  # name of the original file, empty when it is not kept


def proofs(exchange: Exchange, base: PublishedBase, versions: Versions, page: Callable[[int, int], str]) -> list[Proof]:
    """Every citation of an exchange. `page` gives the address of a page's picture from (marker, number)."""
    return [_proof(citation, exchange, base, versions, page) for citation in exchange.citations]


def original(exchange: Exchange, marker: int, base: PublishedBase, versions: Versions) -> tuple[Path, Document] | None:
    """The file and the document of a citation; None once it is withdrawn or its version gone."""
    citation = next((c for c in exchange.citations if c.get("marker") == marker), None)
    place = _place(citation, exchange, base, versions) if citation else None
    if place is None or place.file is None or place.standing is Standing.WITHDRAWN:
        return None
    return place.file, place.document


@dataclass(frozen=True)
class _QuotePlace:
    """Where a quote stands: a document of some version, and its file."""

    document: Document
    start: int
    end: int
    file: Path | None
    standing: Standing


def _proof(
    citation: Mapping[str, Any], exchange: Exchange, base: PublishedBase, versions: Versions, page: Callable[[int, int], str]
) -> Proof:
    """A citation where its quote stands now; what the journal kept of it where the quote stands nowhere any more."""
    marker, quote, url = int(citation["marker"]), str(citation["quote"]), str(citation.get("url") or "")
    shown = str(citation.get("title") or citation["document"]), str(citation.get("section") or "")
    address = url if sources.is_web(url) else ""
    place = _place(citation, exchange, base, versions)
    if place is None:
        gone = citation["document"] not in base.edition.assistant.retriever.documents
        standing = Standing.WITHDRAWN if gone else Standing.LOST
        left = "" if gone else quote
        return Proof(marker, *shown, citation.get("page"), left, address, standing, Markup(), Markup(), Markup(), "")
    document, start, end = place.document, place.start, place.end
    headings, number = document.headings_at(start), document.page_at(start)
    notes = document.notes_between(start, end)
    passage = Passage("", document.path, document.title, headings, document.text[start:end], start, end, number, notes)
    source = sources.source_of(Citation(marker, passage, start, end), {document.path: document})
    pictures = page_pictures.html(place.file, document, start, end, lambda n: page(marker, n))
    return Proof(
        marker,
        *shown,
        number,
        quote,
        address,
        place.standing,
        Markup(sources.extract(source)),
        Markup(sources.originals(notes)),
        Markup(pictures),
        place.file.name if place.file else "",
    )


def _place(citation: Mapping[str, Any], exchange: Exchange, base: PublishedBase, versions: Versions) -> _QuotePlace | None:
    """The quote in the published version, else in the version that answered while its document is not withdrawn."""
    path, retriever = str(citation["document"]), base.edition.assistant.retriever
    published = retriever.documents.get(path)
    if published is None:
        return None
    if span := _span(published, citation):
        return _QuotePlace(published, *span, retriever.original(path), Standing.CURRENT)
    folder = versions.folder(exchange.index_version) if exchange.index_version in versions.names() else None
    former = _documents(folder).get(path) if folder else None
    if folder and former and (span := _span(former, citation)):
        return _QuotePlace(former, *span, originals.find(folder, path), Standing.CHANGED)
    return None


def _span(document: Document, citation: Mapping[str, Any]) -> tuple[int, int] | None:
    """Where a quote stands in a document: where its page and section agree, else its first place."""
    quote = str(citation["quote"])
    starts, start = [], document.text.find(quote) if quote else -1
    while start >= 0:
        starts.append(start)
        start = document.text.find(quote, start + 1)
    if not starts:
        return None

    def agreement(start: int) -> int:
        same_page = document.page_at(start) == citation.get("page")
        return 2 * (" › ".join(document.headings_at(start)) == citation.get("section")) + same_page

    best = max(starts, key=agreement)  # the first of equals
    return best, best + len(quote)


@lru_cache(maxsize=2)  # versions are never modified
def _documents(folder: Path) -> dict[str, Document]:
    try:
        return {document.path: document for document in read_documents(folder / "documents.jsonl")}
    except (IndexingError, OSError, ValueError, KeyError, TypeError):  # of an older format: as good as gone
        return {}


def is_inline(document: Document, file: Path) -> bool:
    """True for an original that browsers show by themselves and run nothing of."""
    return is_drawn(document) and file.suffix.lower() == ".pdf"


def themes(retriever: Retriever) -> dict[str, tuple[str, ...]]:
    """Theme → the documents of the published version that have it."""
    found: dict[str, list[str]] = {}
    for document in retriever.documents.values():
        if theme := document.header.theme:
            found.setdefault(theme, []).append(document.path)
    return {theme: tuple(paths) for theme, paths in sorted(found.items())}
