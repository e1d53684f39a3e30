"""Which headings of an office file open a section.

This module knows nothing of styles: loaders say what is set as a heading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.loaders.assembly import Block

MAX_HEADING = 250  # characters; a longer one is a paragraph set in the style of a heading


def opening_headings(blocks: Sequence[Block]) -> list[Block]:
    """Keep as headings those with something under them; the others are lines of text, as on a poster."""
    kept: list[Block] = []
    below = 0  # the level of what follows; 0 is text, 1 also stands for the end
    for block in reversed(blocks):
        opens = block.level and len(block.text) <= MAX_HEADING and (not below or below > block.level) and kept
        kept.append(block if opens or not block.level else replace(block, level=0))
        below = block.level if opens else 0
    return kept[::-1]
