"""A page of a PDF file as a picture, and where a span of its document stands on it.

PDFium draws, in a child process: a page can be made to take it down. The places come from the printed lines
that the loader kept. Rectangles are shares of the page, so they hold at any size. Knows nothing of passages,
of answers or of who asks.
"""

from __future__ import annotations

import ctypes
import io
import math
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.document import Document, Line
from index.errors import PageUnavailable, TaskLost
from index.workers import shared

SCALE = 2.0  # pixels a point: 1,190 × 1,684 for A4, sharp on a telephone
_MAX_PIXELS = 4_000_000  # a poster is drawn smaller, not refused
_KEPT = 48  # pictures in memory; an A4 page of text weighs about 0.2 MB
_GRID = 1_000_000  # steps of the device that PDFium places points on


@dataclass(frozen=True)
class Rectangle:
    """A part of a page: shares of its width and height, 0 to 1, from its top-left corner."""

    left: float
    top: float
    width: float
    height: float


def is_drawn(document: Document) -> bool:
    """True for a document whose pages can be shown as pictures."""
    return bool(document.lines) and document.path.lower().endswith(".pdf")


def pages_of(document: Document, start: int, end: int) -> tuple[int, ...]:
    """The pages that print a span of the document's text, in order."""
    return tuple(sorted({line.page for line in _lines(document, start, end)}))


@lru_cache(maxsize=_KEPT)  # versions are never modified: a path is a content
def picture(file: Path, number: int) -> bytes:
    """A page (1 is the first) as PNG; raises PageUnavailable."""
    content: bytes = _apart(_drawn, file, number)
    return content


@lru_cache(maxsize=10 * _KEPT)
def size(file: Path, number: int) -> tuple[int, int]:
    """Width and height of the picture of a page, in pixels; raises PageUnavailable."""
    width, height = _apart(_measured, file, number)
    return width, height


def rectangles(file: Path, document: Document, start: int, end: int, number: int) -> tuple[Rectangle, ...]:
    """Where a span of the document's text stands on a page, one rectangle a printed line; raises PageUnavailable."""
    lines = [line for line in _lines(document, start, end) if line.page == number]
    printed = [Printed(line, document.text[line.start : line.end], max(start, line.start), min(end, line.end)) for line in lines]
    found: tuple[Rectangle, ...] = _apart(_placed_lines, file, number, printed) if printed else ()
    return found


@dataclass(frozen=True)
class Printed:
    """A printed line, its text, and the part of it to be marked, as offsets in the document."""

    line: Line
    text: str
    first: int
    last: int


def _apart(function: Callable[..., Any], file: Path, number: int, *arguments: Any) -> Any:
    try:
        return shared().run(function, file, number, *arguments)
    except TaskLost as error:
        raise PageUnavailable(f"La page {number} de « {file.name} » ne se dessine pas.") from error


# ------------------------------------------------------------------------------- in a child process


def _drawn(file: Path, number: int) -> bytes:
    with _page(file, number) as page:
        drawn = page.render(scale=_scale(page)).to_pil()
    content = io.BytesIO()
    drawn.save(content, "PNG")
    return content.getvalue()


def _measured(file: Path, number: int) -> tuple[int, int]:
    with _page(file, number) as page:
        scale = _scale(page)
        return math.ceil(page.get_width() * scale), math.ceil(page.get_height() * scale)


def _placed_lines(file: Path, number: int, printed: Sequence[Printed]) -> tuple[Rectangle, ...]:
    with _page(file, number) as page:
        sides = [_sides(page, one) for one in printed]
        return tuple(
            _share(page, left, one.line.bottom, right, one.line.top) for one, (left, right) in zip(printed, sides, strict=True)
        )


def _lines(document: Document, start: int, end: int) -> Iterator[Line]:
    return (line for line in document.lines if line.start < end and line.end > start)


@contextmanager
def _page(file: Path, number: int) -> Iterator[pdfium.PdfPage]:
    """An open page."""
    try:
        pdf = pdfium.PdfDocument(file)
    except (pdfium.PdfiumError, OSError) as error:
        raise PageUnavailable(f"Le fichier « {file.name} » ne s'ouvre pas.") from error
    try:
        if not 1 <= number <= len(pdf):
            raise PageUnavailable(f"« {file.name} » n'a pas de page {number}.")
        page = pdf[number - 1]
        try:
            yield page
        finally:
            page.close()
    except pdfium.PdfiumError as error:
        raise PageUnavailable(f"La page {number} de « {file.name} » ne se dessine pas.") from error
    finally:
        pdf.close()


def _scale(page: pdfium.PdfPage) -> float:
    return float(min(SCALE, math.sqrt(_MAX_PIXELS / max(page.get_width() * page.get_height(), 1.0))))


def _sides(page: pdfium.PdfPage, printed: Printed) -> tuple[float, float]:
    """The left and right ends of the span on a line that it covers, or begins or ends in."""
    line, first, last, text = printed.line, printed.first, printed.last, printed.text
    if (first, last) == (line.start, line.end):
        return line.left, line.right
    glyphs = _glyphs(page, line)
    before, covered = _inked(text[: first - line.start]), _inked(text[first - line.start : last - line.start])
    # Where the text was tidied away from what is printed, the whole line is marked: more, never less.
    if not covered or "".join(glyph[0] for glyph in glyphs)[: len(_inked(text))] != _inked(text):
        return line.left, line.right
    marked = glyphs[len(before) : len(before) + len(covered)]
    return min(left for _, left, _ in marked), max(right for _, _, right in marked)


def _glyphs(page: pdfium.PdfPage, line: Line) -> list[tuple[str, float, float]]:
    """(character, left, right) of what is printed inside a line's rectangle, from left to right."""
    textpage = page.get_textpage()
    box = pdfium_c.FS_RECTF()
    found: list[tuple[str, float, float]] = []
    try:
        for i in range(textpage.count_chars()):
            pdfium_c.FPDFText_GetLooseCharBox(textpage, i, ctypes.byref(box))
            middle, centre = (box.bottom + box.top) / 2, (box.left + box.right) / 2
            if line.bottom <= middle <= line.top and line.left <= centre <= line.right:
                text = _inked(chr(pdfium_c.FPDFText_GetUnicode(textpage, i)))
                found += [(character, box.left, box.right) for character in text]
    finally:
        textpage.close()
    return sorted(found, key=lambda glyph: glyph[1])


def _inked(text: str) -> str:
    """The characters that leave ink, ligatures opened."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and c.isprintable())


def _share(page: pdfium.PdfPage, left: float, bottom: float, right: float, top: float) -> Rectangle:
    """PDF points → shares of the page as drawn: PDFium knows its rotation and its crop box."""
    (x1, y1), (x2, y2) = _placed(page, left, bottom), _placed(page, right, top)
    x1, x2, y1, y2 = *sorted((x1, x2)), *sorted((y1, y2))
    return Rectangle(round(x1, 5), round(y1, 5), round(x2 - x1, 5), round(y2 - y1, 5))


def _placed(page: pdfium.PdfPage, x: float, y: float) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return _bounded(across.value / _GRID), _bounded(down.value / _GRID)


def _bounded(share: float) -> float:
    return min(1.0, max(0.0, share))
