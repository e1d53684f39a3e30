"""PDF files → Documents with pages, printed lines and their rectangles.

The lines come from `printed`; here page furniture is dropped, headings are told from bookmarks or
from large letters, and lines are joined into paragraphs. Pages without text are listed as unreadable.
This module does not know tables (a row reads as a line) nor the tags of accessible PDF files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.cleaning import (
    furniture,
    is_chrome,
    is_contents_line,
    keeps_hyphen,
    one_line,
    repeated_lines,
    vocabulary,
)
from index.document import Document, Line, Section
from index.errors import UnreadableDocument
from index.loaders.assembly import meaningful_title, page_offsets, readable_name
from index.loaders.printed import PrintedLine, page_lines, recognised_lines, tesseract_is_installed
from index.pages import LOCK

SUFFIXES = (".pdf",)

MAX_PAGES = 5000
# A page with fewer letters than this has no text layer worth the name (a stamp, a page number).
MIN_PAGE_CHARACTERS = 4


def load(path: Path, relative: str) -> Document:
    """Read a PDF file."""
    with LOCK:
        pdf = _opened(path)
    try:
        if len(pdf) > MAX_PAGES:
            raise UnreadableDocument(f"Ce PDF a plus de {MAX_PAGES} pages : découpez-le.", "too_large")
        pages, unreadable = _read_pages(pdf)
        with LOCK:
            outline = _outline(pdf)
            title = meaningful_title(pdf.get_metadata_dict().get("Title", ""))
    finally:
        with LOCK:
            pdf.close()
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
    pages = (
        "La page de ce PDF est numérisée" if count == 1 else f"Les {count} pages de ce PDF sont numérisées"
    )
    advice = "" if tesseract_is_installed() else " : installez Tesseract, ou fournissez un PDF avec du texte"
    return f"{pages} et sans texte{advice}."


def _read_pages(pdf: pdfium.PdfDocument) -> tuple[list[list[PrintedLine]], tuple[int, ...]]:
    """The printed lines of each page, and the numbers of the pages that give none."""
    pages: list[list[PrintedLine]] = []
    unreadable: list[int] = []
    for number in range(1, len(pdf) + 1):
        with LOCK:  # page by page: a long file keeps nobody waiting for a picture
            lines, lacking = _read_page(pdf[number - 1])
        pages.append(lines)
        unreadable += [number] if lacking else []
    if not any(pages):
        unreadable = list(range(1, len(pages) + 1))
    return pages, tuple(unreadable)


def _read_page(page: pdfium.PdfPage) -> tuple[list[PrintedLine], bool]:
    """The printed lines of a page, and whether it is a scan that gives none."""
    lines = page_lines(page)
    lacking = False
    if sum(len(line.text) for line in lines) < MIN_PAGE_CHARACTERS:
        lines = recognised_lines(page) if _has_picture(page) else []
        lacking = not lines and _has_picture(page)
    page.close()
    return lines, lacking


def _has_picture(page: pdfium.PdfPage) -> bool:
    """True when something is drawn on the page; a blank page is not a scan."""
    return next(page.get_objects(max_depth=3), None) is not None


# ------------------------------------------------------------------------------ cleaning the pages


def _without_furniture(pages: Sequence[Sequence[PrintedLine]]) -> list[list[PrintedLine]]:
    """Drop headers, footers, page numbers and the lines of tables of contents."""
    downward = [sorted(page, key=lambda line: -line.top) for page in pages]
    repeated = repeated_lines([[line.text for line in page] for page in downward])
    kept: list[list[PrintedLine]] = []
    for number, (page, down) in enumerate(zip(pages, downward, strict=True), 1):
        dropped = {id(down[i]) for i in furniture([line.text for line in down], number, repeated)}
        kept.append(_without_contents([line for line in page if id(line) not in dropped]))
    return kept


# This many dotted lines make a page of contents; there, any line that ends with a number is an entry.
MIN_CONTENTS_LINES = 5


def _without_contents(page: Sequence[PrintedLine]) -> list[PrintedLine]:
    if sum(is_contents_line(line.text) for line in page) >= MIN_CONTENTS_LINES:
        page = [line for line in page if not re.search(r" \d{1,4}$", line.text)]
    return [line for line in page if not is_chrome(line.text)]


# --------------------------------------------------------------------------------- lines → Document

_ITEM = re.compile(r"(?:[-–—•▪■●○◦➢➤✓☐□*]|\(?\d{1,3}[.)°]|[a-z][.)]|[IVX]+[.)-]|Art(?:icle|\.))\s?")
# A step between two lines larger than this many times the usual one opens a paragraph.
PARAGRAPH_STEP = 1.3
# A line this long, compared with the longest of its column, is full: the next continues it.
FULL_LINE = 0.85
MARGIN = 30.0  # points; lines that begin this close stand in one column, indents included
# Two sizes this far apart are two kinds of text (a heading, its paragraph).
SIZE_CHANGE = 1.12


_STRONG_END = re.compile(r"[.!?:;…]$")

_STARTS_A_HEADING = re.compile(r"(?=.*[^\W\d_]{3})[\W\d_]*[^\W\d_a-zà-öø-ÿ]")

_Headings = dict[int, tuple[int, str] | None]  # id of a line → level and name; None: its second line


def _assemble(
    relative: str,
    title: str,
    pages: Sequence[Sequence[PrintedLine]],
    outline: Sequence[tuple[int, int, str]],
    unreadable: tuple[int, ...],
) -> Document:
    known = vocabulary("\n".join(line.text for page in pages for line in page if not line.cut))
    headings = _outline_headings(pages, outline) if outline else _large_headings(pages, title)
    writer = _Writer(known)
    starts: dict[int, int] = {}
    for number, page in enumerate(pages, 1):
        for line, joint in zip(page, _joints(page, writer.text[-1:]), strict=True):
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

    def write(self, line: PrintedLine, page: int, joint: str) -> int:
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
        left, right = (
            re.search(r"[^\W\d_]+(?:-[^\W\d_]+)*$", self.text[-80:]),
            re.match(r"[^\W\d_]+", following),
        )
        if not left or not right:
            return "-" if right or following[:1].isdigit() else "- "
        return "-" if keeps_hyphen(left[0], right[0], self._known) else ""

    def closed_sections(self) -> tuple[Section, ...]:
        end = len(self.text)
        return (*self._sections, *(Section(name, level, end) for level, name in self._waiting))


def _joints(page: Sequence[PrintedLine], before: str) -> Iterator[str]:
    """What parts each line of a page from the one before it: a space, a newline or a blank line.

    `before` is the last character of the page above: its sentence may go on here.
    """
    if not page:
        return
    steps = [above.top - line.top for above, line in zip(page, page[1:], strict=False)]
    usual = median([step for step in steps if step > 0] or [0.0])
    yield " " if before and not _STRONG_END.match(before) and page[0].text[:1].islower() else "\n\n"
    for above, line, step in zip(page, page[1:], steps, strict=False):
        sizes = sorted((above.height, line.height))
        if (
            step > max(PARAGRAPH_STEP * usual, 2.2 * sizes[0])
            or step < -usual
            or sizes[1] > SIZE_CHANGE * sizes[0]
        ):
            yield "\n\n"
        elif _goes_on(above, line, page):
            yield " "
        else:
            yield "\n"


def _goes_on(above: PrintedLine, line: PrintedLine, page: Sequence[PrintedLine]) -> bool:
    """True when a line continues the sentence of the one above."""
    if _ITEM.match(line.text):
        return False
    if line.text[:1].islower() and not _STRONG_END.search(above.text):
        return True
    column = max(other.right for other in page if abs(other.left - above.left) < MARGIN)
    return above.right - above.left >= FULL_LINE * (column - above.left)


# ------------------------------------------------------------------------------ headings and title

MAX_HEADING = 150
# Larger than the body by a tenth: 10 points over 9 is the smallest heading of the files tried.
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


def _outline_headings(
    pages: Sequence[Sequence[PrintedLine]], outline: Sequence[tuple[int, int, str]]
) -> _Headings:
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


def _large_headings(pages: Sequence[Sequence[PrintedLine]], title: str) -> _Headings:
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


def _one_heading(lines: Sequence[PrintedLine], level: int, title: str) -> _Headings:
    """Lines of one size in a row → one heading, or none when they read as a paragraph."""
    name = " ".join(line.text for line in lines)
    if len(name) > MAX_HEADING or name.endswith((".", ",", ";")) or not _STARTS_A_HEADING.match(name):
        return {}
    told = None if name == title else (level, name)
    return {id(lines[0]): told, **{id(line): None for line in lines[1:]}}


def _size(line: PrintedLine) -> float:
    """The size of a line's letters, to the half point."""
    return round(2 * line.height) / 2


# The first page's largest text is a title only when it stands out from the rest of the document.
TITLE_SIZE = 1.4


def _largest_text(pages: Sequence[Sequence[PrintedLine]]) -> str:
    """The large lines of the first page, joined; empty when none stands out."""
    first = next((page for page in pages if page), [])
    body = median([line.height for page in pages for line in page] or [0.0])
    largest = max((_size(line) for line in first), default=0.0)
    if largest < TITLE_SIZE * body:
        return ""
    title = " ".join(line.text for line in first if _size(line) == largest)
    return title if 4 <= len(title) <= MAX_HEADING and re.search(r"[^\W\d_]{3}", title) else ""
