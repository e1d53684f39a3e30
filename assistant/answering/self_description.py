"""« Tu es qui ? », « d'où viennent tes infos ? », « c'est à jour ? »: true answers, from the base that is running.

Reads counts, dates and publishers of the documents; the sentences are those of `texts`.
"""

from __future__ import annotations

from collections import Counter

from assistant import texts
from index.figures import long_date
from index.search import Retriever

_NAMED = 5  # publishers named


def identity(retriever: Retriever) -> str:
    """What the assistant is, and what it covers."""
    return texts.IDENTITY.format(documents=_documents(retriever)) + texts.COVERED


def sources(retriever: Retriever) -> str:
    """What answers rest on: how many documents, whose pages they cite most."""
    cited = Counter(note.publisher for document in retriever.documents.values() for note in document.notes if note.publisher)
    if not cited:
        return texts.SOURCES_PLAIN.format(documents=_documents(retriever))
    publishers = ", ".join(name for name, _ in cited.most_common(_NAMED))
    return texts.SOURCES.format(documents=_documents(retriever), publishers=publishers)


def freshness(retriever: Retriever) -> str:
    """When the base was built, and the dates of its documents."""
    dates = sorted(document.date for document in retriever.documents.values() if document.date)
    newest = texts.NEWEST.format(date=long_date(dates[-1]), oldest=long_date(dates[0])) if dates else ""
    return texts.FRESHNESS.format(built=long_date(retriever.manifest.created), newest=newest)


def _documents(retriever: Retriever) -> str:
    count = len(retriever.documents)
    return texts.DOCUMENTS[count == 1].format(count=count)
