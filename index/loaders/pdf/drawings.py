"""A page of a PDF file → the ruled lines drawn on it, and what is painted under and over its text.

Straight lines and the sides of framed rectangles count, curves do not; the sides of tinted areas count
on pages without vertical lines, where they part the rows. Of colours, only white is told from the others.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.loaders.pdf.printed import Box

MAX_RULES = 4000  # more is a map or a chart, not a table
_STRAIGHT = 2.5  # points: a ruled line is no thicker
_RECTANGLE = 5  # steps of a path that draws one
WHITE = 250  # of 255: no lighter grey is seen on paper
BACKGROUND = 0.25  # of the page: a larger rectangle, clipped perhaps, is believed to hide nothing
_SHORTEST = 4.0  # the ends of a thick line drawn as a rectangle are shorter


class RuledLine(NamedTuple):
    """A ruled line: its place across, and where it begins and ends along; points."""

    at: float
    start: float
    end: float


class Area(NamedTuple):
    """A place that is painted, and when: what comes later is painted over."""

    box: Box
    order: int
    hides: bool  # opaque, and no background: text painted earlier is not seen
    is_white: bool


@dataclass
class Drawings:
    """What is drawn on a page besides text."""

    horizontal: list[RuledLine] = field(default_factory=list)  # `at` is y
    vertical: list[RuledLine] = field(default_factory=list)  # `at` is x
    pictures: float = 0.0  # share of the page that the largest picture covers
    is_blank: bool = True  # nothing at all, text included
    areas: list[Area] = field(default_factory=list)  # in the file's frame, whatever the turn
    orders: dict[int, int] = field(default_factory=dict)  # address of a text object → when it is painted

    def turned(self, quarters: int) -> Drawings:
        """The same in the frame of a page turned by quarters of a circle."""
        result = replace(self, horizontal=[], vertical=[])
        for rule in self.horizontal:
            result.add(Box(rule.start, rule.at, rule.end, rule.at).turned(quarters))
        for rule in self.vertical:
            result.add(Box(rule.at, rule.start, rule.at, rule.end).turned(quarters))
        return result

    def moved(self, x: float, y: float) -> Drawings:
        """The same, moved by points."""
        return replace(
            self,
            horizontal=[RuledLine(rule.at + y, rule.start + x, rule.end + x) for rule in self.horizontal],
            vertical=[RuledLine(rule.at + x, rule.start + y, rule.end + y) for rule in self.vertical],
        )

    def add(self, box: Box) -> None:
        """Keep a straight line, given by its two ends."""
        width, height = box.right - box.left, box.top - box.bottom
        if height <= _STRAIGHT and width >= _SHORTEST:
            self.horizontal.append(RuledLine((box.bottom + box.top) / 2, box.left, box.right))
        elif width <= _STRAIGHT and height >= _SHORTEST:
            self.vertical.append(RuledLine((box.left + box.right) / 2, box.bottom, box.top))


def drawings(page: pdfium.PdfPage) -> Drawings:
    """The ruled lines and pictures of a page, in the file's frame."""
    found, tinted = Drawings(), Drawings()
    area = max(page.get_width() * page.get_height(), 1.0)
    for order, drawn in enumerate(page.get_objects(max_depth=3)):
        found.is_blank = False
        if drawn.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            found.orders[_address(drawn)] = order
        elif box := _painted(drawn):
            hides = _is_opaque(drawn) and _size(box) < BACKGROUND * area
            found.areas.append(Area(box, order, hides, _is_white(drawn)))
        if drawn.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            found.pictures = max(found.pictures, _area(drawn) / area)
        elif drawn.type == pdfium_c.FPDF_PAGEOBJ_PATH and len(found.horizontal) + len(found.vertical) <= MAX_RULES:
            for box in _straight_lines(drawn):
                (tinted if _is_tinted(drawn) else found).add(box)
    if not found.vertical:
        found.horizontal += tinted.horizontal
        found.vertical += tinted.vertical
    if len(found.horizontal) + len(found.vertical) > MAX_RULES:
        found.horizontal, found.vertical = [], []
    return found


def _placement(drawn: pdfium.PdfObject) -> pdfium.PdfMatrix:
    """From the coordinates of an object to those of the page, through the forms that hold it."""
    matrix = drawn.get_matrix()
    while (drawn := drawn.container) is not None:
        matrix = matrix.multiply(drawn.get_matrix())
    return matrix


def _address(drawn: pdfium.PdfObject) -> int:
    return ctypes.cast(drawn.raw, ctypes.c_void_p).value or 0


def _painted(drawn: pdfium.PdfObject) -> Box | None:
    """The place that an object fills; None for lines and for what draws nothing."""
    if drawn.type not in (pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_SHADING):
        return None
    if drawn.type == pdfium_c.FPDF_PAGEOBJ_PATH:
        fill = ctypes.c_int()
        pdfium_c.FPDFPath_GetDrawMode(drawn, ctypes.byref(fill), ctypes.byref(ctypes.c_int()))
        if not fill.value:
            return None
    box = Box(*drawn.get_bounds())
    if min(box.right - box.left, box.top - box.bottom) <= _STRAIGHT:
        return None
    return box if drawn.container is None else Box(*_placement(drawn.container).on_rect(*box))


def _is_opaque(drawn: pdfium.PdfObject) -> bool:
    """True for a plain rectangle that lets nothing through."""
    is_rectangle = drawn.type == pdfium_c.FPDF_PAGEOBJ_PATH and pdfium_c.FPDFPath_CountSegments(drawn) <= _RECTANGLE
    return is_rectangle and not pdfium_c.FPDFPageObj_HasTransparency(drawn)


def _is_white(drawn: pdfium.PdfObject) -> bool:
    """True for a path filled with white."""
    colour = [ctypes.c_uint() for _ in range(4)]
    is_known = pdfium_c.FPDFPageObj_GetFillColor(drawn, *map(ctypes.byref, colour))
    return bool(is_known) and drawn.type == pdfium_c.FPDF_PAGEOBJ_PATH and all(part.value >= WHITE for part in colour[:3])


def _size(box: Box) -> float:
    return (box.right - box.left) * (box.top - box.bottom)


def _area(picture: pdfium.PdfObject) -> float:
    """In square points: a picture is a unit square before its matrix."""
    corners = _placement(picture).on_rect(0, 0, 1, 1)
    return abs((corners[2] - corners[0]) * (corners[3] - corners[1]))


def _is_tinted(path: pdfium.PdfObject) -> bool:
    """True for an area filled without a frame; a thin one is a line."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    left, bottom, right, top = path.get_bounds()
    return not stroke.value and min(right - left, top - bottom) > _STRAIGHT


def _straight_lines(path: pdfium.PdfObject) -> Iterator[Box]:
    """The lines of a path; the sides of a rectangle."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return
    if path.container is None and pdfium_c.FPDFPath_CountSegments(path) <= _RECTANGLE:  # nearly all: one call, not fifteen
        yield from _sides(Box(*path.get_bounds()), is_line=pdfium_c.FPDFPath_CountSegments(path) == 2)
        return
    matrix = _placement(path)
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = (0.0, 0.0)
    for i in range(min(pdfium_c.FPDFPath_CountSegments(path), MAX_RULES)):
        part = pdfium_c.FPDFPath_GetPathSegment(path, i)
        pdfium_c.FPDFPathSegment_GetPoint(part, ctypes.byref(x), ctypes.byref(y))
        point = matrix.on_point(x.value, y.value)
        kind = pdfium_c.FPDFPathSegment_GetType(part)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium_c.FPDF_SEGMENT_LINETO:
            yield _between(last, point)
        if pdfium_c.FPDFPathSegment_GetClose(part):
            yield _between(point, first)
        last = point


def _sides(box: Box, is_line: bool) -> Iterator[Box]:
    if is_line or min(box.right - box.left, box.top - box.bottom) <= _STRAIGHT:
        yield box
        return
    yield box._replace(bottom=box.top)
    yield box._replace(top=box.bottom)
    yield box._replace(left=box.right)
    yield box._replace(right=box.left)


def _between(a: tuple[float, float], b: tuple[float, float]) -> Box:
    return Box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
