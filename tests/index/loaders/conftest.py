"""What the tests of the loaders share."""

from __future__ import annotations

import re

from index.document import Document


def under(document: Document, text: str) -> tuple[str, ...]:
    """The heading path over a piece of a document's text."""
    return document.headings_at(document.text.index(text))


def assert_remarks(document: Document, *said: tuple[str, ...]) -> None:
    """One remark for each group of words: what was not read, how many, where; however its sentence is put.

    A word is the beginning of one (« masqué » is in « masquées »); a number is a whole number.
    """
    assert len(document.remarks) == len(said), document.remarks
    for remark, words in zip(document.remarks, said, strict=True):
        for word in words:
            whole = rf"(?<!\w){re.escape(word)}" + (r"(?!\d)" if word[-1].isdigit() else "")
            assert re.search(whole, remark, re.IGNORECASE), (word, remark)
