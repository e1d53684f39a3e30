"""Which headings of an office file open a section, and which lines only point at them.

This module knows nothing of styles: loaders say what is set as a heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.cleaning import is_contents_line, one_line
from index.loaders.assembly import Block

_PAGE = re.compile(r"[\s.…·_]*\d+$")
_NUMBER = re.compile(r"^(?:\d+|[IVX]+|[A-Z])(?:[.)]\d*)*\s+")
MAX_HEADING = 320  # characters, room for a criterion of an audit; a longer one is a paragraph set in the style of a heading


def opening_headings(blocks: Sequence[Block]) -> list[Block]:
    """Keep as headings those with something under them; the others are lines of text, as on a poster."""
    kept: list[Block] = []
    below = 0  # the level of what follows; 0 is text, 1 also stands for the end
    for block in reversed(blocks):
        opens = block.level and len(block.text) <= MAX_HEADING and (not below or below > block.level) and kept
        kept.append(block if opens or not block.level else replace(block, level=0))
        below = block.level if opens else 0
    return kept[::-1]


def without_contents(blocks: Sequence[Block]) -> list[Block]:
    """Drop a table of contents typed by hand: « Commerce ..... 7 » where « Commerce » stands again; a price stays."""
    lines = [block for block in blocks if not block.level and is_contents_line(block.text)]
    said = {_bare(block.text) for block in blocks if block not in lines}
    again = sum(_bare(_PAGE.sub("", line.text)) in said for line in lines)
    return [block for block in blocks if block not in lines] if again > len(lines) / 2 else list(blocks)


def _bare(text: str) -> str:
    return _NUMBER.sub("", one_line(text)).casefold()
