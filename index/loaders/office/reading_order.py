"""Boxes placed on a slide → their blocks, in the order in which people read them.

A slide is parted where its widest white band runs from edge to edge, across or down, then each part is parted in
turn: cards side by side are read one after the other, a title before what stands under it, a row of a table of boxes
before the next. A card says one thing, so it stays whole and apart. This module knows nothing of file formats.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.loaders.assembly import Block

SLACK = 0.2  # of the shorter side
MAX_DEPTH = 200  # parts in parts; a slide has a few
# Characters of a card: a longer text is a column of the slide, a shorter one says nothing without its neighbours.
MIN_CARD, MAX_CARD = 20, 400


@dataclass(frozen=True)
class LayoutBox:
    """A rectangle and what it holds, in any one unit, counted from the top-left corner."""

    blocks: tuple[Block, ...]
    left: float = 0.0
    top: float = 0.0
    width: float = 0.0
    height: float = 0.0

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge; the page goes downwards."""
        return self.top + self.height

    @property
    def area(self) -> float:
        """Its width times its height."""
        return self.width * self.height

    @property
    def slack(self) -> float:
        """By how much the next box may cover this one without meaning it: texts rarely fill their box."""
        return SLACK * min(self.width, self.height)

    def holds(self, other: LayoutBox) -> bool:
        """Whether another box lies inside this one, which is larger."""
        inside = self.left <= other.left and self.top <= other.top
        return inside and other.right <= self.right and other.bottom <= self.bottom and self.area > other.area


@dataclass(frozen=True)
class _BlockGroup:
    """Blocks that follow each other; `beside` when they stand beside others, as a card does."""

    blocks: tuple[Block, ...]
    beside: bool = False


def in_reading_order(boxes: Sequence[LayoutBox]) -> list[Block]:
    """The blocks of boxes, in order. A box without blocks, drawn around others, keeps them together."""
    filled = [box for box in boxes if box.blocks]
    # What is drawn around all of them is the background.
    frames = [box for box in boxes if not box.blocks and not all(map(box.holds, filled))]
    alone: list[LayoutBox] = []
    framed: dict[int, list[LayoutBox]] = {}
    for box in filled:
        around = [i for i, frame in enumerate(frames) if frame.holds(box)]
        if around:
            framed.setdefault(min(around, key=lambda i: frames[i].area), []).append(box)
        else:
            alone.append(box)
    cards = [replace(frames[i], blocks=_joined(_parted(inside))) for i, inside in framed.items()]
    parts = _parted([*alone, *cards])
    framed_blocks = [card.blocks for card in cards if len(card.blocks) > 1]
    return list(_whole_cards([replace(part, beside=part.beside or part.blocks in framed_blocks) for part in parts]))


def _whole_cards(parts: Sequence[_BlockGroup]) -> Iterator[Block]:
    """Each card as one record, when they all have the size of a card."""
    cards = [part for part in parts if part.beside and len(part.blocks) > 1]
    apart = all(MIN_CARD <= len(_text(part)) <= MAX_CARD for part in cards)
    for part in parts:
        if apart and part in cards:
            yield replace(part.blocks[0], text=_text(part), tight=False, record=True)
        else:
            yield from part.blocks


def _text(part: _BlockGroup) -> str:
    return "\n".join(block.text for block in part.blocks)


def _joined(parts: Sequence[_BlockGroup]) -> tuple[Block, ...]:
    return tuple(block for part in parts for block in part.blocks)


def _parted(boxes: Sequence[LayoutBox], depth: int = 0) -> list[_BlockGroup]:
    """Boxes parted at their widest band; those that overlap are read from the top."""
    across = _widest_band([(box.top, box.bottom - box.slack) for box in boxes])
    down = _widest_band([(box.left, box.right - box.slack) for box in boxes])
    if max(across, down)[0] <= 0 or depth > MAX_DEPTH:
        return [_BlockGroup(box.blocks) for box in sorted(boxes, key=lambda box: (box.top, box.left))]
    if down[0] >= across[0]:
        sides = [box for box in boxes if box.left < down[1]], [box for box in boxes if box.left >= down[1]]
        return [part for side in sides for part in _side(_parted(side, depth + 1))]
    above, below = [box for box in boxes if box.top < across[1]], [box for box in boxes if box.top >= across[1]]
    return _parted(above, depth + 1) + _parted(below, depth + 1)


def _side(parts: list[_BlockGroup]) -> list[_BlockGroup]:
    """One side of a band down: a column, unless it has sides itself."""
    return parts if any(part.beside for part in parts) else [_BlockGroup(_joined(parts), beside=True)]


def _widest_band(spans: list[tuple[float, float]]) -> tuple[float, float]:
    """The width of the widest gap between spans and where it ends; 0 when they leave none."""
    widest, end = (0.0, 0.0), None
    for start, stop in sorted(spans):
        if end is not None and start - end > widest[0]:
            widest = start - end, start
        end = stop if end is None else max(end, stop)
    return widest
