"""PDF files → Documents with pages, printed lines and their rectangles.

Characters and boxes come from PDFium (pypdfium2); scanned pages go to Tesseract when it is
installed, else they are listed as unreadable. This module guesses lines, columns and paragraphs from
positions only: it does not know tables (a row reads as a line) nor the tags of accessible PDF files.
"""

from __future__ import annotations

import ctypes
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.cleaning import (
    furniture,
    is_chrome,
    keeps_hyphen,
    normalise,
    one_line,
    repeated_lines,
    shorten_leaders,
    tidy,
    vocabulary,
)
from index.document import Document, Line, Section
from index.errors import UnreadableDocument
from index.loaders.assembly import page_offsets, readable_name

SUFFIXES = (".pdf",)

# PDF files of LaTeX without a Unicode table give the codes of its T1 fonts: « e\x1bets » for
# « effets ». Seen on every page of a ministry's 78-page documentation.
_LATEX_LIGATURES = {0x1B: "ff", 0x1C: "fi", 0x1D: "fl", 0x1E: "ffi", 0x1F: "ffl"}
# How PDFium writes a hyphen that ends a line in the middle of a word.
_LINE_HYPHENS = {0x02, 0xFFFE, 0xAD}
MAX_PAGES = 5000
# A page with fewer letters than this has no text layer worth the name (a stamp, a page number).
MIN_PAGE_CHARACTERS = 4
OCR_DPI = 300  # what Tesseract's documentation asks for


@dataclass(frozen=True)
class _Printed:
    """A line as printed: its text and rectangle, in PDF points from the bottom-left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    height: float = 0.0  # of its usual glyph: a symbol in another font does not make a line large
    cut: bool = False  # ends with a hyphen in the middle of a word


def load(path: Path, relative: str) -> Document:
    """Read a PDF file."""
    with _opened(path) as pdf:
        if len(pdf) > MAX_PAGES:
            raise UnreadableDocument(f"Ce PDF a plus de {MAX_PAGES} pages : découpez-le.", "too_large")
        pages, unreadable = _read_pages(pdf)
        outline = _outline(pdf)
        title = _metadata_title(pdf)
    if len(unreadable) == len(pages):
        raise UnreadableDocument(_scan_reason(len(pages)))
    title = title or _largest_text(pages) or readable_name(relative)
    return _assemble(relative, title, _without_furniture(pages), outline, unreadable)


def _opened(path: Path) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise UnreadableDocument("Ce PDF est protégé par un mot de passe.") from error
        raise UnreadableDocument("Ce PDF est abîmé : il ne s'ouvre pas.") from error


def _scan_reason(count: int) -> str:
    pages = "La page de ce PDF est numérisée" if count == 1 else f"Les {count} pages de ce PDF sont numérisées"
    advice = "" if _tesseract_is_installed() else " : installez Tesseract, ou fournissez un PDF avec du texte"
    return f"{pages} et sans texte{advice}."


def _read_pages(pdf: pdfium.PdfDocument) -> tuple[list[list[_Printed]], tuple[int, ...]]:
    """The printed lines of each page, and the numbers of the pages that give none."""
    pages: list[list[_Printed]] = []
    unreadable: list[int] = []
    for number in range(1, len(pdf) + 1):
        page = pdf[number - 1]
        lines = _page_lines(page)
        if sum(len(line.text) for line in lines) < MIN_PAGE_CHARACTERS:
            lines = _recognised_lines(page) if _has_picture(page) else []
            if not lines and _has_picture(page):
                unreadable.append(number)
        pages.append(lines)
        page.close()
    if not any(pages):
        unreadable = list(range(1, len(pages) + 1))
    return pages, tuple(unreadable)


def _has_picture(page: pdfium.PdfPage) -> bool:
    """True when something is drawn on the page; a blank page is not a scan."""
    return next(page.get_objects(max_depth=3), None) is not None


# ----------------------------------------------------------------------------- characters → lines

_Glyph = tuple[str, float, float, float, float]


def _page_lines(page: pdfium.PdfPage) -> list[_Printed]:
    """The lines of a page in reading order."""
    textpage = page.get_textpage()
    try:
        rows = [part for row in _rows(textpage) for part in _split_at_gaps(row)]
    finally:
        textpage.close()
    lines = [line for row in rows if (line := _printed(row)) is not None]
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


def _printed(row: Sequence[_Glyph]) -> _Printed | None:
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
    return _Printed(text.rstrip("-") if cut else text, left, bottom, right, top, height, cut)


# ---------------------------------------------------------------------- columns and reading order

# Columns of running text: at least this many rows part at one place, and both sides hold sentences
# rather than the cells of a table.
MIN_COLUMN_ROWS = 5
MIN_COLUMN_CHARACTERS = 25


def _same_row(a: _Printed, b: _Printed) -> bool:
    return min(a.top, b.top) - max(a.bottom, b.bottom) > 0.6 * min(a.height, b.height)


def _merged_rows(lines: Sequence[_Printed]) -> list[_Printed]:
    """Put the cells of a row back on one line, unless the page is set in columns of text."""
    if _gutter(lines) is not None:
        return list(lines)
    rows: list[_Printed] = []
    for line in lines:
        if rows and _same_row(rows[-1], line) and line.left >= rows[-1].right:
            rows[-1] = _side_by_side(rows[-1], line)
        else:
            rows.append(line)
    return rows


def _side_by_side(a: _Printed, b: _Printed) -> _Printed:
    text = f"{a.text}{'-' if a.cut else ''} {b.text}"
    low, high = min(a.bottom, b.bottom), max(a.top, b.top)
    return _Printed(text, a.left, low, b.right, high, max(a.height, b.height), b.cut)


def _gutter(lines: Sequence[_Printed]) -> float | None:
    """Where two columns part, when neighbours in the file face each other across one white band."""
    pairs = [(a, b) for a, b in zip(lines, lines[1:], strict=False) if _same_row(a, b) and b.left > a.right]
    pairs = [(a, b) for a, b in pairs if min(len(a.text), len(b.text)) >= MIN_COLUMN_CHARACTERS]
    if len(pairs) < MIN_COLUMN_ROWS:
        return None
    left, right = max(a.right for a, _ in pairs), min(b.left for _, b in pairs)
    return (left + right) / 2 if left < right else None


def _columns_in_order(lines: list[_Printed]) -> list[_Printed]:
    """Read the left column to its end before the right one; full-width lines part the blocks."""
    gutter = _gutter(lines)
    if gutter is None:
        return lines
    ordered: list[_Printed] = []
    left: list[_Printed] = []
    right: list[_Printed] = []
    for line in lines:
        if line.left < gutter < line.right:
            ordered += [*left, *right, line]
            left, right = [], []
        else:
            (left if line.right <= gutter else right).append(line)
    return [*ordered, *left, *right]


# ------------------------------------------------------------------------------ cleaning the pages


def _without_furniture(pages: Sequence[Sequence[_Printed]]) -> list[list[_Printed]]:
    """Drop headers, footers, page numbers and the lines of tables of contents."""
    downward = [sorted(page, key=lambda line: -line.top) for page in pages]
    repeated = repeated_lines([[line.text for line in page] for page in downward])
    kept: list[list[_Printed]] = []
    for page, sorted_page in zip(pages, downward, strict=True):
        dropped = {id(sorted_page[i]) for i in furniture([line.text for line in sorted_page], repeated)}
        kept.append(_without_contents([line for line in page if id(line) not in dropped]))
    return kept


# This many dotted lines make a page of contents; there, any line that ends with a number is an entry.
MIN_CONTENTS_LINES = 5


def _without_contents(page: Sequence[_Printed]) -> list[_Printed]:
    if sum(is_contents_line(line.text) for line in page) >= MIN_CONTENTS_LINES:
        page = [line for line in page if not re.search(r" \d{1,4}$", line.text)]
    return [line for line in page if not is_chrome(line.text)]


# --------------------------------------------------------------------------------- lines → Document

_ITEM = re.compile(r"(?:[-–—•▪■●○◦➢➤✓☐□*]|\(?\d{1,3}[.)°]|[a-z][.)]|[IVX]+[.)-]|Art(?:icle|\.))\s?")
# A step between two lines larger than this many times the usual one opens a paragraph.
PARAGRAPH_STEP = 1.3
# A line whose end stands within this share of the page's text width is full: the next continues it.
FULL_LINE = 0.85
# Two sizes this far apart are two kinds of text (a heading, its paragraph).
SIZE_CHANGE = 1.12


_STRONG_END = re.compile(r"[.!?:;…]$")

_STARTS_A_HEADING = re.compile(r"(?=.*[^\W\d_]{3})[\W\d_]*[^\W\d_a-zà-öø-ÿ]")

_Headings = dict[int, tuple[int, str] | None]  # id of a line → level and name; None: its second line


def _assemble(
    relative: str,
    title: str,
    pages: Sequence[Sequence[_Printed]],
    outline: Sequence[tuple[int, int, str]],
    unreadable: tuple[int, ...],
) -> Document:
    known = vocabulary("\n".join(line.text for page in pages for line in page if not line.cut))
    headings = _outline_headings(pages, outline) if outline else _large_headings(pages, title)
    writer = _Writer(known)
    starts: dict[int, int] = {}
    for number, page in enumerate(pages, 1):
        for line, joint in zip(page, _joints(page), strict=True):
            if id(line) in headings:
                writer.heading(headings[id(line)])
            else:
                starts.setdefault(number, writer.write(line, number, joint))
    return Document(
        path=relative,
        title=title,
        text=writer.text,
        sections=writer.closed_sections(),
        pages=page_offsets(starts, len(pages), len(writer.text)),
        lines=tuple(writer.lines),
        unreadable_pages=unreadable,
    )


class _Writer:
    """Appends printed lines to a text and keeps their places."""

    def __init__(self, known: frozenset[str]) -> None:
        self.text = ""
        self.lines: list[Line] = []
        self._known = known  # words of the document, to judge hyphens
        self._sections: list[Section] = []
        self._waiting: list[tuple[int, str]] = []
        self._cut = False  # the last line ends in the middle of a word

    def heading(self, heading: tuple[int, str] | None) -> None:
        """Open a section at the next line; None is the second line of a heading already told."""
        if heading:
            self._waiting.append(heading)

    def write(self, line: _Printed, page: int, joint: str) -> int:
        """Append a line after `joint`; return its offset."""
        joint = "\n\n" if self._waiting and self.text else joint
        if self._cut:
            joint = self._hyphen(line.text)
        self.text += joint if self.text else ""
        start = len(self.text)
        self.text += line.text
        self._sections += [Section(name, level, start) for level, name in self._waiting]
        self._waiting.clear()
        self._cut = line.cut
        place = (round(side, 2) for side in (line.left, line.bottom, line.right, line.top))
        self.lines.append(Line(start, len(self.text), page, *place))
        return start

    def _hyphen(self, following: str) -> str:
        """What stands between the halves of a word cut by a line: nothing, or its own hyphen."""
        left, right = re.search(r"[^\W\d_]+(?:-[^\W\d_]+)*$", self.text[-80:]), re.match(r"[^\W\d_]+", following)
        if not left or not right:
            return "-" if right or following[:1].isdigit() else "- "
        return "-" if keeps_hyphen(left[0], right[0], self._known) else ""

    def closed_sections(self) -> tuple[Section, ...]:
        end = len(self.text)
        return (*self._sections, *(Section(name, level, end) for level, name in self._waiting))


def _joints(page: Sequence[_Printed]) -> Iterator[str]:
    """What parts each line of a page from the one before it: a space, a newline or a blank line."""
    if not page:
        return
    steps = [above.top - line.top for above, line in zip(page, page[1:], strict=False)]
    usual = median([step for step in steps if step > 0] or [0.0])
    right = max((line.right for line in page), default=0.0)
    left = min((line.left for line in page), default=0.0)
    full = left + FULL_LINE * (right - left)
    yield "\n\n"
    for above, line, step in zip(page, page[1:], steps, strict=False):
        sizes = sorted((above.height, line.height))
        if step > max(PARAGRAPH_STEP * usual, 2.2 * sizes[0]) or step < -usual or sizes[1] > SIZE_CHANGE * sizes[0]:
            yield "\n\n"
        elif _goes_on(above, line, full):
            yield " "
        else:
            yield "\n"


def _goes_on(above: _Printed, line: _Printed, full: float) -> bool:
    """True when a line continues the sentence of the one above."""
    if _ITEM.match(line.text):
        return False
    if line.text[:1].islower() and not _STRONG_END.search(above.text):
        return True
    return above.right >= full


# ------------------------------------------------------------------------------ headings and title

MAX_HEADING = 150
# Larger than the body by a tenth: the smallest heading of the Word documents this was tried on.
HEADING_SIZE = 1.1
HEADING_LEVELS = 4


def _outline(pdf: pdfium.PdfDocument) -> list[tuple[int, int, str]]:
    """The bookmarks of a PDF as (level, page, title); empty when it has none."""
    entries = []
    for bookmark in pdf.get_toc(max_depth=6):
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        if page is not None and (name := one_line(bookmark.get_title())):
            entries.append((bookmark.level + 1, page + 1, name))
    return entries


def _key(text: str) -> str:
    """A heading without its number, spaces and marks, to find a bookmark in the printed lines."""
    return re.sub(r"[\W_]+", "", re.sub(r"^(?:[\dIVX]+[.)-]?)+\s+", "", text).casefold())


def _outline_headings(pages: Sequence[Sequence[_Printed]], outline: Sequence[tuple[int, int, str]]) -> _Headings:
    """Find the bookmarks among the printed lines of their pages; a heading may take two lines."""
    found: _Headings = {}
    for level, number, name in outline:
        page = pages[number - 1] if number <= len(pages) else []
        for i, line in enumerate(page):
            if id(line) in found:
                continue
            after = page[i + 1] if i + 1 < len(page) else None
            if _key(line.text) == _key(name):
                found[id(line)] = (level, name)
                break
            if after and _key(line.text + after.text) == _key(name):
                found[id(line)], found[id(after)] = (level, name), None
                break
    return found


def _large_headings(pages: Sequence[Sequence[_Printed]], title: str) -> _Headings:
    """Take short lines printed larger than the body as headings, the largest first in rank."""
    sizes = Counter[float]()
    for line in (line for page in pages for line in page):
        sizes[_size(line)] += len(line.text)
    if not sizes:
        return {}
    body = sizes.most_common(1)[0][0]
    levels = {
        size: min(rank, HEADING_LEVELS)
        for rank, size in enumerate(sorted((s for s in sizes if s >= HEADING_SIZE * body), reverse=True), 1)
    }
    found: _Headings = {}
    for page in pages:
        for size, group in groupby(page, key=_size):
            if size in levels:
                found.update(_one_heading(list(group), levels[size], title))
    return found


def _one_heading(lines: Sequence[_Printed], level: int, title: str) -> _Headings:
    """Lines of one size in a row → one heading, or none when they read as a paragraph."""
    name = " ".join(line.text for line in lines)
    if len(name) > MAX_HEADING or name.endswith((".", ",", ";")) or not _STARTS_A_HEADING.match(name):
        return {}
    told = None if name == title else (level, name)
    return {id(lines[0]): told, **{id(line): None for line in lines[1:]}}


def _size(line: _Printed) -> float:
    """The size of a line's letters, to the half point."""
    return round(2 * line.height) / 2


_MEANINGLESS_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)|untitled|sans titre|document\d*$|diapositive|présentation powerpoint"
    r"|.*\.(?:docx?|odt|pptx?|xlsx?|pdf|indd|qxd|tex|rtf)$)",
    re.IGNORECASE,
)


def _metadata_title(pdf: pdfium.PdfDocument) -> str:
    """The title of the file's metadata, unless a word processor wrote it."""
    title = one_line(pdf.get_metadata_dict().get("Title", ""))
    return "" if _MEANINGLESS_TITLE.match(title) or len(title) < 4 else title


# The first page's largest text is a title only when it stands out from the rest of the document.
TITLE_SIZE = 1.4


def _largest_text(pages: Sequence[Sequence[_Printed]]) -> str:
    """The large lines of the first page, joined; empty when none stands out."""
    first = next((page for page in pages if page), [])
    body = median([line.height for page in pages for line in page] or [0.0])
    largest = max((_size(line) for line in first), default=0.0)
    if largest < TITLE_SIZE * body:
        return ""
    title = " ".join(line.text for line in first if _size(line) == largest)
    return title if 4 <= len(title) <= MAX_HEADING and re.search(r"[^\W\d_]{3}", title) else ""


# ------------------------------------------------------------------------------------------ scans


def _tesseract_is_installed() -> bool:
    try:
        import pytesseract  # noqa: F401  # optional: only machines with Tesseract need it
    except ImportError:
        return False
    return shutil.which("tesseract") is not None


def _recognised_lines(page: pdfium.PdfPage) -> list[_Printed]:
    """The lines that Tesseract reads on a scanned page; empty when it is not installed."""
    if not _tesseract_is_installed():
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


def _recognised(words: dict[str, list], line: Sequence[int], page_height: float) -> _Printed:
    """Tesseract's pixels from the top → points from the bottom."""
    point = 72 / OCR_DPI
    text = tidy(normalise(" ".join(words["text"][i] for i in line)))
    cut = bool(re.search(r"[^\W\d_]-$", text))
    left, right = min(words["left"][i] for i in line), max(words["left"][i] + words["width"][i] for i in line)
    top, bottom = min(words["top"][i] for i in line), max(words["top"][i] + words["height"][i] for i in line)
    sides = (left * point, page_height - bottom * point, right * point, page_height - top * point)
    return _Printed(text.rstrip("-") if cut else text, *sides, height=(bottom - top) * point, cut=cut)
