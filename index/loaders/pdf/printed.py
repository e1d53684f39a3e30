"""A printed line, and what a page of a PDF file says: the nouns that the PDF modules share.

Positions are PDF points in the page's reading frame: the page turned so that its text runs from left
to right. This module reads nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

# A step between two lines larger than this many times the usual one opens a paragraph.
PARAGRAPH_STEP = 1.3


class Box(NamedTuple):
    """A rectangle in points, y upwards."""

    left: float
    bottom: float
    right: float
    top: float

    def turned(self, quarters: int) -> Box:
        """The box once the page is turned clockwise by quarters of a circle: (x, y) → (y, -x) for one."""
        box = self
        for _ in range(quarters % 4):
            box = Box(box.bottom, -box.right, box.top, -box.left)
        return box


class Glyph(NamedTuple):
    """A character, its box, its direction in quarters of a circle (None when askew), its place in the page's text."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    turn: int | None
    place: int

    @property
    def box(self) -> Box:
        """Where it stands on the page."""
        return Box(self.left, self.bottom, self.right, self.top)

    @property
    def height(self) -> float:
        """In points."""
        return self.top - self.bottom


@dataclass(frozen=True)
class PrintedLine:
    """A line as printed: its text and rectangle; or the row of a table, or a whole table (`rows`)."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    height: float = 0.0  # of its usual glyph: a symbol in another font does not make a line large
    cut: bool = False  # ends with a hyphen in the middle of a word
    bold: bool = False
    cells: tuple[str, ...] = ()  # of a table's row
    rows: tuple[PrintedLine, ...] = ()  # of a table
    is_row: bool = False  # made of cells far apart, on a line of its own
    is_turned: bool = False  # runs along the side of the page

    @property
    def box(self) -> Box:
        """Where it stands on the page."""
        return Box(self.left, self.bottom, self.right, self.top)


@dataclass(frozen=True)
class PrintedPage:
    """The lines of a page in reading order, and its frame."""

    lines: Sequence[PrintedLine]
    box: Box  # of the page, in the reading frame
    turn: int = 0  # quarters of a circle from the file's frame to the reading frame
    label: str = ""  # the number it prints: « iv »
    lacking: bool = False  # a scan or garbled letters, that nothing here reads
    lost: tuple[str, ...] = ()  # what was left out, in French: « Texte barré non repris »

    def in_file(self, box: Box) -> Box:
        """A box of the reading frame, in the points of the file."""
        return box.turned(-self.turn)


def same_row(a: PrintedLine, b: PrintedLine) -> bool:
    """True when two lines stand side by side."""
    return min(a.top, b.top) - max(a.bottom, b.bottom) > 0.6 * min(a.height, b.height)


def enclosing(lines: Sequence[PrintedLine]) -> Box:
    """The smallest box around lines."""
    return Box(
        min(line.left for line in lines),
        min(line.bottom for line in lines),
        max(line.right for line in lines),
        max(line.top for line in lines),
    )
