"""What of a page's text is not seen: off the page, without ink, white on white, painted over, struck through.

Knows glyphs, ruled lines and painted areas; text set askew is told elsewhere.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.loaders.pdf.drawings import WHITE, Drawings, RuledLine
from index.loaders.pdf.printed import Box, Glyph


def is_hidden(textpage: pdfium.PdfTextPage, part: Sequence[Glyph], visible: Box, drawn: Drawings) -> bool:
    """Off the page, white on white, or printed without ink; such ink over a picture is the text of a scan."""
    x, y = _middle(part[0])
    if not (visible.left <= x <= visible.right and visible.bottom <= y <= visible.top):
        return True
    if _is_white(textpage, part) and not any(_holds(area.box, x, y) and not area.is_white for area in drawn.areas):
        return True
    written = pdfium_c.FPDFText_GetTextObject(textpage, part[0].place) if drawn.pictures < 0.5 else None
    return bool(written) and pdfium_c.FPDFTextObj_GetTextRenderMode(written) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE


def _is_white(textpage: pdfium.PdfTextPage, part: Sequence[Glyph]) -> bool:
    colour = [ctypes.c_uint() for _ in range(4)]
    place = next((glyph.place for glyph in part if not glyph.text.isspace()), part[0].place)
    is_known = pdfium_c.FPDFText_GetFillColor(textpage, place, *map(ctypes.byref, colour))
    return bool(is_known) and all(value.value >= WHITE for value in colour[:3])


def is_covered(textpage: pdfium.PdfTextPage, part: Sequence[Glyph], drawn: Drawings) -> bool:
    """True for words under a rectangle painted after them: whoever painted it meant that nobody reads them, and none is shown."""
    x, y = _middle(part[len(part) // 2])
    orders = [area.order for area in drawn.areas if area.hides and _holds(area.box, x, y)]
    if not orders:
        return False
    written = ctypes.cast(pdfium_c.FPDFText_GetTextObject(textpage, part[len(part) // 2].place), ctypes.c_void_p).value
    return max(orders) > drawn.orders.get(written or 0, max(orders))


def _middle(glyph: Glyph) -> tuple[float, float]:
    """The middle of a glyph, in the file's frame."""
    box = glyph.box.turned(-(glyph.turn or 0))
    return (box.left + box.right) / 2, (box.bottom + box.top) / 2


def _holds(box: Box, x: float, y: float) -> bool:
    return box.left <= x <= box.right and box.bottom <= y <= box.top


def without_struck(part: list[Glyph], turn: int, floors: Sequence[RuledLine], struck: Sequence[Box]) -> list[Glyph]:
    """Drop the letters that a line crosses at mid-height; an underline runs lower, a frame elsewhere."""
    if part[0].turn != turn or not (floors or struck):
        return part
    left, right, bottom, top, height = part[0].left, part[-1].right, part[0].bottom, part[0].top, part[0].height
    spans = [
        (rule.start, rule.end)
        for rule in between(floors, bottom + 0.35 * height, bottom + 0.68 * height)
        if rule.start > left - height and rule.end < right + height
    ]
    boxes = [box.turned(turn) for box in struck]
    spans += [(box.left, box.right) for box in boxes if box.bottom < (bottom + top) / 2 < box.top]
    return [glyph for glyph in part if not any(a <= (glyph.left + glyph.right) / 2 <= b for a, b in spans)] if spans else part


def between(rules: Sequence[RuledLine], low: float, high: float) -> Sequence[RuledLine]:
    """Of sorted ruled lines, those that stand between two places."""
    return rules[bisect_left(rules, (low,)) : bisect_right(rules, (high,))]
