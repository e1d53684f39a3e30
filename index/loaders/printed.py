"""A page of a PDF file → its printed lines with their rectangles, in reading order.

Characters and boxes come from PDFium; a scanned page goes to Tesseract where it is installed. This
module guesses lines and columns from positions only, and knows nothing of paragraphs or documents.
"""

from __future__ import annotations

import ctypes
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.cleaning import normalise, shorten_leaders, tidy

# PDF files of LaTeX without a Unicode table give the codes of its T1 fonts: « e\x1bets » for
# « effets ». On 42 of the 78 pages of a ministry's documentation.
_LATEX_LIGATURES = {0x1B: "ff", 0x1C: "fi", 0x1D: "fl", 0x1E: "ffi", 0x1F: "ffl"}
# How PDFium writes a hyphen that ends a line in the middle of a word.
_LINE_HYPHENS = {0x02, 0xFFFE, 0xAD}
OCR_DPI = 300  # what Tesseract's documentation asks for


@dataclass(frozen=True)
class PrintedLine:
    """A line as printed: its text and rectangle, in PDF points from the bottom-left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    height: float = 0.0  # of its usual glyph: a symbol in another font does not make a line large
    cut: bool = False  # ends with a hyphen in the middle of a word


# ----------------------------------------------------------------------------- characters → lines

_Glyph = tuple[str, float, float, float, float]


def page_lines(page: pdfium.PdfPage) -> list[PrintedLine]:
    """The lines of a page in reading order."""
    textpage = page.get_textpage()
    try:
        rows = [part for row in _rows(textpage) for part in _split_at_gaps(row)]
    finally:
        textpage.close()
    lines = [line for row in rows if (line := _line_of(row)) is not None]
    return _columns_in_order(_merged_rows(lines))


def _rows(textpage: pdfium.PdfTextPage) -> Iterator[list[_Glyph]]:
    """The glyphs of each line as PDFium parts them, in the order of the file."""
    row: list[_Glyph] = []
    box = pdfium_c.FS_RECTF()
    for i in range(textpage.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(textpage, i)
        if code in (0x0A, 0x0D):
            if row:
                yield row
            row = []
            continue
        pdfium_c.FPDFText_GetLooseCharBox(textpage, i, ctypes.byref(box))
        row.append((_character(code), box.left, box.bottom, box.right, box.top))
        if code in _LINE_HYPHENS:
            yield row
            row = []
    if row:
        yield row


def _character(code: int) -> str:
    if code in _LINE_HYPHENS:
        return "\u00ad"
    return _LATEX_LIGATURES.get(code) or (chr(code) if code else "")


# A gap wider than this many times the line's height parts two cells or two columns: the spaces of
# justified text stay under one.
MAX_GAP = 1.5


def _split_at_gaps(row: Sequence[_Glyph]) -> Iterator[list[_Glyph]]:
    """Part a row where its glyphs stand far from each other."""
    part: list[_Glyph] = []
    edge = None  # right edge of the last visible glyph
    for glyph in row:
        visible = bool(glyph[0].strip())
        if visible and edge is not None and glyph[1] - edge > MAX_GAP * max(glyph[4] - glyph[2], 1.0):
            yield part
            part = []
        part.append(glyph)
        edge = glyph[3] if visible else edge
    if part:
        yield part


def _line_of(row: Sequence[_Glyph]) -> PrintedLine | None:
    """Glyphs → a line; None when nothing is visible."""
    raw = "".join(glyph[0] for glyph in row)
    text = shorten_leaders(tidy(normalise(raw)))
    inked = [glyph for glyph in row if glyph[0].strip()]
    if not text or not inked:
        return None
    left, bottom = min(g[1] for g in inked), min(g[2] for g in inked)
    right, top = max(g[3] for g in inked), max(g[4] for g in inked)
    cut = raw.rstrip().endswith("\u00ad") or bool(re.search(r"[^\W\d_]-$", text))
    height = median(glyph[4] - glyph[2] for glyph in inked)
    return PrintedLine(text.rstrip("-") if cut else text, left, bottom, right, top, height, cut)


# ---------------------------------------------------------------------- columns and reading order

# Columns of running text: at least this many rows part at one place, and both sides hold sentences
# rather than the cells of a table.
MIN_COLUMN_ROWS = 5
MIN_COLUMN_CHARACTERS = 25


def _same_row(a: PrintedLine, b: PrintedLine) -> bool:
    return min(a.top, b.top) - max(a.bottom, b.bottom) > 0.6 * min(a.height, b.height)


def _merged_rows(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Put the cells of a row back on one line, unless the page is set in columns of text."""
    if _gutter(lines) is not None:
        return list(lines)
    rows: list[PrintedLine] = []
    for line in lines:
        if rows and _same_row(rows[-1], line) and line.left >= rows[-1].right:
            rows[-1] = _side_by_side(rows[-1], line)
        else:
            rows.append(line)
    return rows


def _side_by_side(a: PrintedLine, b: PrintedLine) -> PrintedLine:
    text = f"{a.text}{'-' if a.cut else ''} {b.text}"
    low, high = min(a.bottom, b.bottom), max(a.top, b.top)
    return PrintedLine(text, a.left, low, b.right, high, max(a.height, b.height), b.cut)


def _gutter(lines: Sequence[PrintedLine]) -> float | None:
    """Where two columns part, when neighbours in the file face each other across one white band."""
    pairs = [(a, b) for a, b in zip(lines, lines[1:], strict=False) if _same_row(a, b) and b.left > a.right]
    pairs = [(a, b) for a, b in pairs if min(len(a.text), len(b.text)) >= MIN_COLUMN_CHARACTERS]
    if len(pairs) < MIN_COLUMN_ROWS:
        return None
    left, right = max(a.right for a, _ in pairs), min(b.left for _, b in pairs)
    return (left + right) / 2 if left < right else None


def _columns_in_order(lines: list[PrintedLine]) -> list[PrintedLine]:
    """Read the left column to its end before the right one; full-width lines part the blocks."""
    gutter = _gutter(lines)
    if gutter is None:
        return lines
    ordered: list[PrintedLine] = []
    left: list[PrintedLine] = []
    right: list[PrintedLine] = []
    for line in lines:
        if line.left < gutter < line.right:
            ordered += [*left, *right, line]
            left, right = [], []
        else:
            (left if line.right <= gutter else right).append(line)
    return [*ordered, *left, *right]


# ------------------------------------------------------------------------------------------ scans


def tesseract_is_installed() -> bool:
    """True when scanned pages can be read: the program and its Python binding are there."""
    try:
        import pytesseract  # noqa: F401  # optional: only machines with Tesseract need it
    except ImportError:
        return False
    return shutil.which("tesseract") is not None


def recognised_lines(page: pdfium.PdfPage) -> list[PrintedLine]:
    """The lines that Tesseract reads on a scanned page; empty when it is not installed."""
    if not tesseract_is_installed():
        return []
    import pytesseract

    picture = page.render(scale=OCR_DPI / 72, grayscale=True).to_pil()
    language = "fra" if "fra" in pytesseract.get_languages() else "eng"
    words = pytesseract.image_to_data(picture, lang=language, output_type=pytesseract.Output.DICT)
    lines: dict[tuple[int, int, int], list[int]] = {}
    for i, word in enumerate(words["text"]):
        if word.strip():
            place = (words["block_num"][i], words["par_num"][i], words["line_num"][i])
            lines.setdefault(place, []).append(i)
    return [_recognised(words, line, page.get_height()) for line in lines.values()]


def _recognised(words: dict[str, list[Any]], line: Sequence[int], page_height: float) -> PrintedLine:
    """Tesseract's pixels from the top → points from the bottom."""
    point = 72 / OCR_DPI
    text = tidy(normalise(" ".join(words["text"][i] for i in line)))
    cut = bool(re.search(r"[^\W\d_]-$", text))
    left, right = min(words["left"][i] for i in line), max(words["left"][i] + words["width"][i] for i in line)
    top, bottom = min(words["top"][i] for i in line), max(words["top"][i] + words["height"][i] for i in line)
    sides = (left * point, page_height - bottom * point, right * point, page_height - top * point)
    return PrintedLine(text.rstrip("-") if cut else text, *sides, height=(bottom - top) * point, cut=cut)
