"""A page of a PDF file → a PrintedPage: what is printed and added, in reading order, with its faults told.

A page that is a picture with at most a stamp, or whose letters mean nothing, goes to Tesseract where it
is installed; else it is lacking. This module knows one page at a time.
"""

from __future__ import annotations

from dataclasses import replace

import pypdfium2 as pdfium

from index.loaders.pdf.annotations import added_on, with_labels
from index.loaders.pdf.drawings import Drawings, drawings
from index.loaders.pdf.glyphs import read
from index.loaders.pdf.layout import in_reading_order
from index.loaders.pdf.ocr import RECOGNISED, Recogniser
from index.loaders.pdf.printed import Box, PrintedLine, PrintedPage
from index.loaders.pdf.tables import with_tables
from index.loaders.text_quality import is_garbled, shifted

# A page with fewer letters than this has no text layer worth the name (a page number).
MIN_PAGE_CHARACTERS = 4
PICTURE = 0.5  # of a page: a picture that covers as much is the page itself
STAMP = 0.12  # of the page's height, from its top or its bottom: what is printed there, or along a side, is a stamp on a scan
ATTACHED = "Pièce jointe "
GARBLED = "Lettres illisibles, que la police du fichier ne traduit pas"


def read_page(page: pdfium.PdfPage, ocr: Recogniser, label: str = "") -> PrintedPage:
    """Read a page, by `ocr` when it is a scan; the caller closes it."""
    drawn = drawings(page)
    added = added_on(page)
    runs, turn, lost = read(page, drawn, added.struck)
    box = Box(*page.get_cropbox()).turned(turn)
    fields = [replace(run, **run.box.turned(turn)._asdict()) for run in with_labels(added, [] if turn else runs)]
    lines = in_reading_order(with_tables([*runs, *fields], drawn.turned(turn)))
    lost = (*lost, *(ATTACHED + name for name in added.attached))
    result = PrintedPage(lines, box, turn, label, lost=lost)
    if _is_scan(result, drawn):
        return _recognised(page, result, ocr)
    text = "\n".join(line.text for line in lines)
    if not is_garbled(text):
        return result
    if right := shifted(text):
        lines = [replace(line, text=words, cells=()) for line, words in zip(lines, right.split("\n"), strict=True)]
        return replace(result, lines=lines)
    return _recognised(page, replace(result, lost=(*lost, GARBLED)), ocr)


def _is_scan(page: PrintedPage, drawn: Drawings) -> bool:
    """True for a page that is a picture, a stamp aside; a blank page is not one."""
    if sum(len(line.text) for line in page.lines) < MIN_PAGE_CHARACTERS:
        return not drawn.is_blank
    return drawn.pictures >= PICTURE and all(_is_stamp(line, page.box) for line in page.lines)


def _is_stamp(line: PrintedLine, box: Box) -> bool:
    edge = STAMP * (box.top - box.bottom)
    return line.is_turned or line.bottom > box.top - edge or line.top < box.bottom + edge


def _recognised(page: pdfium.PdfPage, printed: PrintedPage, ocr: Recogniser) -> PrintedPage:
    """What Tesseract reads on the picture of a page, and the stamp in its own letters; lacking when that means nothing."""
    turn = page.get_rotation() // 90
    shown = Box(*page.get_cropbox()).turned(turn)
    scan = ocr.read(page, shown)
    turn, box = turn + scan.turn, shown.turned(scan.turn)
    stamp = [] if GARBLED in printed.lost else [_turned(line, turn - printed.turn) for line in printed.lines]
    read = [run for run in scan.runs if not any(_covers(line, run) for line in stamp)]
    if not read or is_garbled("\n".join(run.text for run in read)):
        return replace(printed, lines=(), lacking=True, lost=(*printed.lost, *scan.lost))
    lines = in_reading_order(with_tables([*stamp, *read], scan.drawn))
    lost = (*(what for what in printed.lost if what != GARBLED), RECOGNISED)
    return replace(printed, lines=lines, box=box, turn=turn, lost=lost)


def _turned(line: PrintedLine, quarters: int) -> PrintedLine:
    return replace(line, **line.box.turned(quarters)._asdict(), is_turned=line.is_turned != bool(quarters % 2))


def _covers(line: PrintedLine, run: PrintedLine) -> bool:
    """True for a run that stands on a line."""
    x, y = (run.left + run.right) / 2, (run.bottom + run.top) / 2
    return line.left <= x <= line.right and line.bottom - line.height / 2 <= y <= line.top + line.height / 2
