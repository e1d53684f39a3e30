"""PDF files → Documents with pages, printed lines and their rectangles.

The pages come from `pages`, without what repeats (`furniture`); here lines are joined into
paragraphs under their headings (`headings`) and rows into tables, over page breaks too. Pages that
cannot be read are listed. This module does not know the tags of accessible PDF files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.cleaning import keeps_hyphen, vocabulary
from index.document import Document, Line, Section
from index.errors import UnreadableDocument
from index.loaders.assembly import Block, page_offsets, table_blocks
from index.loaders.pdf import ocr
from index.loaders.pdf.annotations import attachment_name
from index.loaders.pdf.furniture import without_furniture
from index.loaders.pdf.headings import Heading, headings, largest_text, outline
from index.loaders.pdf.pages import ATTACHED, GARBLED, read_page
from index.loaders.pdf.printed import PARAGRAPH_STEP, PrintedLine, PrintedPage
from index.loaders.text_quality import ligatures
from index.loaders.titles import meaningful_title, title_of

SUFFIXES = (".pdf",)

MAX_PAGES = 5000
NAMED = 5  # of the pages or files that a remark is about: as many are named


def load(path: Path, relative: str) -> Document:
    """Read a PDF file.

    Raises:
        UnreadableDocument: protected, damaged, too long, or none of whose pages can be read.
    """
    pdf = _opened(path)
    try:
        if len(pdf) > MAX_PAGES:
            raise UnreadableDocument(f"Ce PDF a plus de {MAX_PAGES} pages : découpez-le.", "too_large")
        pages = _with_ligatures(_read_pages(pdf))
        marks = outline(pdf)
        said = pdf.get_metadata_dict().get("Title", "")
        attached = [attachment_name(pdf.get_attachment(i)) for i in range(pdf.count_attachments())]
    finally:
        pdf.close()
    if not any(page.lines for page in pages):
        told = [replace(page, lost=tuple(what for what in page.lost if what != GARBLED)) for page in pages]
        raise UnreadableDocument(" ".join((_reason(pages), *_remarks(told, attached))))
    opening = [Block(line.text) for page in pages[:2] for line in page.lines]
    largest = largest_text(pages)
    document = _assemble(relative, largest or meaningful_title(said), without_furniture(pages), marks)
    first = document.sections[0].heading if document.sections else ""
    title = title_of(relative, opening, said, largest or first)
    return replace(document, title=title, remarks=_remarks(pages, attached))


def _opened(path: Path) -> pdfium.PdfDocument:
    try:
        pdf = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise UnreadableDocument("Ce PDF est protégé par un mot de passe.") from error
        raise UnreadableDocument("Ce PDF est abîmé : il ne s'ouvre pas.") from error
    if pdf.get_formtype() == pdfium_c.FORMTYPE_XFA_FULL:
        pdf.close()
        raise UnreadableDocument("Ce formulaire (XFA) ne s'ouvre que dans Adobe Reader : imprimez-le en PDF.")
    pdf.init_forms()
    return pdf


def _reason(pages: Sequence[PrintedPage]) -> str:
    """Why no page of a file can be read."""
    told = "La page de ce PDF est numérisée" if len(pages) == 1 else f"Les {len(pages)} pages de ce PDF sont numérisées"
    told += ", ou ses lettres sont illisibles" if any(GARBLED in page.lost for page in pages) else " et sans texte"
    advice = f" : installez {ocr.missing()}, ou fournissez un PDF avec du texte" if ocr.missing() else ""
    return f"{told}{advice}."


def _read_pages(pdf: pdfium.PdfDocument) -> list[PrintedPage]:
    pages: list[PrintedPage] = []
    recogniser = ocr.Recogniser()
    for number in range(len(pdf)):
        page = pdf[number]
        pages.append(read_page(page, recogniser, pdf.get_page_label(number)))
        page.close()
    return pages


def _with_ligatures(pages: Sequence[PrintedPage]) -> list[PrintedPage]:
    """Put back the ligatures that the fonts of a document give as other signs."""
    table = str.maketrans(dict(ligatures(line.text for page in pages for line in page.lines)))

    def repaired(line: PrintedLine) -> PrintedLine:
        return replace(line, text=line.text.translate(table), cells=tuple(cell.translate(table) for cell in line.cells))

    return [replace(page, lines=[repaired(line) for line in page.lines]) for page in pages]


def _remarks(pages: Sequence[PrintedPage], attached: Iterable[str]) -> tuple[str, ...]:
    """What the file holds and the document does not, in French."""
    lost: dict[str, list[int]] = {}
    for number, page in enumerate(pages, 1):
        for what in page.lost:
            lost.setdefault(what, []).append(number)
    files = [*attached, *(what.removeprefix(ATTACHED) for what in lost if what.startswith(ATTACHED))]
    remarks = [f"Pièces jointes non lues : {_listed(files)}"] if files else []
    for what, numbers in lost.items():
        if not what.startswith(ATTACHED):
            remarks.append(f"{what} : page{'s' if len(numbers) > 1 else ''} {_listed(numbers)}")
    return tuple(remarks)


def _listed(items: Sequence[object]) -> str:
    return ", ".join(map(str, items[:NAMED])) + ("…" if len(items) > NAMED else ".")


# --------------------------------------------------------------------------------- lines → Document

_ITEM = re.compile(r"(?:[-–—•▪■●○◦➢➤✓☐☑□*]|\(?\d{1,3}[.)°]|[a-z][.)]|[IVX]+[.)-]|Art(?:icle|\.))\s?")
# A line this long, compared with the longest of its column, is full: the next continues it.
FULL_LINE = 0.85
MARGIN = 30.0  # points; lines that begin this close stand in one column, indents included
# Two sizes this far apart are two kinds of text (a heading, its paragraph).
SIZE_CHANGE = 1.12

_STRONG_END = re.compile(r"[.!?:;…]$")


def _assemble(relative: str, title: str, pages: Sequence[PrintedPage], marks: Sequence[tuple[int, int, str]]) -> Document:
    known = vocabulary("\n".join(line.text for page in pages for line in page.lines if not line.cut))
    told = headings(pages, marks, title)
    writer = _Writer(known, len(pages))
    for number, page in enumerate(pages, 1):
        for line, joint in zip(page.lines, _joints(page.lines, writer.text[-1:]), strict=True):
            if id(line) in told:
                writer.heading(told[id(line)], line, number, page)
            elif line.cells:
                writer.row(line, number, page)
            else:
                writer.line(line, number, page, joint)
    writer.close()
    return Document(
        path=relative,
        title=title,
        text=writer.text,
        sections=tuple(writer.sections),
        pages=page_offsets(writer.starts, len(pages), len(writer.text)),
        lines=tuple(writer.lines),
        unreadable_pages=tuple(number for number, page in enumerate(pages, 1) if page.lacking),
    )


_LinePlace = tuple[PrintedLine, int, PrintedPage]  # a line, the number of its page, its page


class _Writer:
    """Appends printed lines to a text and keeps their places."""

    def __init__(self, known: frozenset[str], page_count: int) -> None:
        self.text = ""
        self.lines: list[Line] = []
        self.sections: list[Section] = []
        self.starts: dict[int, int] = {}  # page → offset of its first character
        self._known = known  # words of the document, to judge hyphens
        self._waiting: list[tuple[Heading, _LinePlace]] = []  # headings without a text yet
        self._rows: list[_LinePlace] = []  # of the table being read
        self._cut = False  # the last line ends in the middle of a word

    def heading(self, heading: Heading | None, line: PrintedLine, number: int, page: PrintedPage) -> None:
        """Open a section at the next line; None is the second line of a heading already told."""
        self._close_table()
        if heading:
            self._keep_headings(heading[0])
            self._waiting.append((heading, (line, number, page)))

    def row(self, line: PrintedLine, number: int, page: PrintedPage) -> None:
        """Add a row to the table being read, or begin one."""
        if self._rows and (self._is_beside(line, number) or (len(line.cells) > 1 and len(line.cells) != self._width())):
            self._close_table()
        self._rows.append((line, number, page))

    def line(self, line: PrintedLine, number: int, page: PrintedPage, joint: str) -> None:
        """Append a line after `joint`."""
        self._close_table()
        self._write(line.text, (line, number, page), joint, line.cut)

    def close(self) -> None:
        """Write what waits: the last table, the headings that no text follows."""
        self._close_table()
        self._keep_headings(0)

    def _is_beside(self, line: PrintedLine, number: int) -> bool:
        """True for a row of another table, on the right of the one being read."""
        return all(own == number and row.right <= line.left for row, own, _ in self._rows)

    def _width(self) -> int:
        return max(len(line.cells) for line, _, _ in self._rows)

    def _close_table(self) -> None:
        """Write the rows of a table with their column names; a header printed again on each page is one."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        header = rows[0][0].cells
        rows = [rows[0], *(row for row in rows[1:] if row[0].cells != header)]
        cells = [line.cells for line, _, _ in rows]
        blocks = table_blocks(cells, header_rows=0 if _repeats_a_name(cells) else None)
        for i, (block, place) in enumerate(zip(blocks, rows[-len(blocks) :] if blocks else (), strict=True)):
            self._write(block.text, place, "\n" if i else "\n\n")

    def _keep_headings(self, level: int) -> None:
        """A heading that no text follows keeps its words as text: those as deep as the next one, or deeper."""
        kept = [place for (own, _), place in self._waiting if own >= level]
        texts = [name for (own, name), _ in self._waiting if own >= level]
        self._waiting = [(heading, place) for heading, place in self._waiting if heading[0] < level]
        for name, place in zip(texts, kept, strict=True):
            self._write(name, place, "\n\n")

    def _write(self, text: str, place: _LinePlace, joint: str, cut: bool = False) -> None:
        """Append a text after `joint`, open there the sections that wait, keep where it is printed."""
        line, number, page = place
        joint = "\n\n" if self._waiting and self.text else joint
        if self._cut:
            joint = self._hyphen(text)
        self.text += joint if self.text else ""
        start = len(self.text)
        self.text += text
        self.sections += [Section(name, level, start) for (level, name), _ in self._waiting]
        self._waiting.clear()
        self._cut = cut
        self.starts.setdefault(number, start)
        box = page.in_file(line.box)
        self.lines.append(Line(start, len(self.text), number, *(round(side, 2) for side in box)))

    def _hyphen(self, following: str) -> str:
        """What stands between the halves of a word cut by a line: nothing, or its own hyphen."""
        left = re.search(r"[^\W\d_]+(?:-[^\W\d_]+)*$", self.text[-80:])
        right = re.match(r"[^\W\d_]+", following)
        if not left or not right:
            return "-" if right or following[:1].isdigit() else "- "
        return "-" if keeps_hyphen(left[0], right[0], self._known) else ""


def _repeats_a_name(rows: Sequence[Sequence[str]]) -> bool:
    """True when the next row holds a cell of the first one: no row of names, a form with its units (« €HT »)."""
    return len(rows) > 1 and any(name and name == cell for name, cell in zip(rows[0], rows[1], strict=False))


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
        if step > max(PARAGRAPH_STEP * usual, 2.2 * sizes[0]) or step < -usual or sizes[1] > SIZE_CHANGE * sizes[0]:
            yield "\n\n"
        elif _goes_on(above, line, page):
            yield " "
        else:
            yield "\n"


def _goes_on(above: PrintedLine, line: PrintedLine, page: Sequence[PrintedLine]) -> bool:
    """True when a line continues the sentence of the one above."""
    if _ITEM.match(line.text) or above.is_turned != line.is_turned:
        return False
    if line.text[:1].islower() and not _STRONG_END.search(above.text):
        return True
    if above.is_row or line.is_row:
        return False
    column = max(other.right for other in page if abs(other.left - above.left) < MARGIN)
    return above.right - above.left >= FULL_LINE * (column - above.left)
