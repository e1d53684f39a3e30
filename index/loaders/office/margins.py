"""What the headers and footers of a document say that its body does not.

A header is printed on every page: a town's name, a reference, a page number; now and then a deadline that stands
nowhere else. This module knows nothing of file formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from index.cleaning import is_page_number, one_line
from index.loaders.assembly import Block

# A line informs when it holds a figure or says what it names (« Contact : service voirie »).
_INFORMS = re.compile(r"\d|\w ?: ?\w")
_WORD = re.compile(r"\w+")


def margin_blocks(lines: Iterable[str], title: str, body: Iterable[Block], *, page: int = 0) -> list[Block]:
    """One block of the lines that inform and whose words are not all in the body; each line once."""
    known = set(_words(title))
    for block in body:
        known.update(_words(block.text))
    kept: dict[str, str] = {}
    for line in map(one_line, lines):
        if _INFORMS.search(line) and not is_page_number(line) and not known.issuperset(_words(line)):
            kept.setdefault(line.casefold(), line)
    return [Block("\n".join(kept.values()), record=True, page=page)] if kept else []


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
