"""What the tests of the loaders share."""

from __future__ import annotations

from index.document import Document


def under(document: Document, text: str) -> tuple[str, ...]:
    """The heading path over a piece of a document's text."""
    return document.headings_at(document.text.index(text))
