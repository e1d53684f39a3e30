"""The rows of the table of documents: what the base holds, and the changes that wait for publication.

Reads the running version and the draft; knows nothing of requests or templates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from assistant.curation.drafts import Change
from index import retitling
from index.document import Document
from index.manifest import SourceFile
from index.search import Retriever

PAGE = "/equipe/documents"


@dataclass(frozen=True)
class DocumentRow:
    """A document as the table shows it."""

    path: str
    title: str
    format: str
    pages: int
    passages: int
    status: str  # the build report's word, or empty for a document not yet published
    reason: str
    changed: datetime | None  # since when the base has this content
    updated: str | None  # the date its content gives itself
    review: str | None
    pending: Change | None

    @property
    def is_stale(self) -> bool:
        """Whether the date at which it had to be read again is past."""
        return bool(self.review) and str(self.review) < date.today().isoformat()

    @property
    def address(self) -> str:
        """Of its page, from the root of the site."""
        draft = {"version": "brouillon"} if not self.status else {}
        return f"{PAGE}/fiche?{urlencode({'chemin': self.path, **draft})}"


def rows(retriever: Retriever, changes: Sequence[Change], titles: Mapping[str, str]) -> list[DocumentRow]:
    """The rows of the table: the documents that a change waits for first, then by title.

    Args:
        changes: those of the draft.
        titles: path → the title given to a document not published yet.
    """
    pending = {change.path: change for change in changes}
    found = [
        _row(retriever, path, fate, retriever.documents.get(path), pending.get(path))
        for path, fate in retriever.manifest.sources.items()
    ]
    new = (one for one in changes if one.path not in retriever.manifest.sources and one.path != retitling.FILE)
    found += [
        DocumentRow(one.path, titles.get(one.path) or one.name or one.path, suffix(one.path), 0, 0, "", "", None, None, None, one)
        for one in new
    ]
    return sorted(found, key=lambda row: (row.pending is None, row.title.casefold()))


def _row(retriever: Retriever, path: str, fate: SourceFile, document: Document | None, pending: Change | None) -> DocumentRow:
    original = retriever.original(path)
    # A version shares its unchanged files with the one before: the date is the one this content came with.
    changed = datetime.fromtimestamp(original.stat().st_mtime, UTC) if original else None
    title = document.title if document else path.rpartition("/")[2]
    return DocumentRow(
        path,
        title,
        suffix(path),
        fate.pages,
        fate.passages,
        fate.status,
        fate.reason,
        changed,
        document.date if document else None,
        document.review_date if document else None,
        pending,
    )


def matches(row: DocumentRow, query: str, state: str) -> bool:
    """Whether a row has every word of a query and is in a state: « attente », « relire », « illisible », or any when empty."""
    words = query.casefold().split()
    named = f"{row.title} {row.path}".casefold()
    states = {
        "": True,
        "attente": row.pending is not None,
        "relire": row.is_stale,
        "illisible": row.status not in ("indexed", "") or bool(row.reason),
    }
    return all(word in named for word in words) and states.get(state, True)


def suffix(path: str) -> str:
    """The format of a file as people know it: « PDF »."""
    return path.rpartition(".")[2].upper()
