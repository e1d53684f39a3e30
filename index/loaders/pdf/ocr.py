"""A scanned page → its runs of words, read by Tesseract where it is installed with its French.

Tesseract tells where each word stands and how sure of it it is: words that it doubts are not read, nor is a
page made of such words (a photo). It is given some seconds a page and some minutes a file. Knows nothing of
layout: the runs are put in reading order elsewhere, with the ruled lines found on the picture.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from statistics import mean, median
from typing import NamedTuple

import lxml.html
import pypdfium2 as pdfium
import pytesseract
from PIL import Image

from index.cleaning import normalise, tidy
from index.loaders.pdf.drawings import Drawings
from index.loaders.pdf.glyphs import MAX_GAP
from index.loaders.pdf.printed import Box, PrintedLine
from index.loaders.pdf.scans import straightened, without_rules

OCR_DPI = 300  # what Tesseract's documentation asks for
LANGUAGE = "fra"  # English letters would lose the accents
PAGE_SECONDS = 30  # Tesseract takes 1 to 5 for a page
FILE_SECONDS = 300  # about 100 pages
SURE = 60  # of 100: a page read right has 90, one upside down 35, a photo 25
DOUBTED = 40  # a line under it is a signature, a logo, a crease
SAME_SIZE = 0.15  # letters whose sizes differ by less have one size: a scan is measured to the pixel
DESCENT = 0.25  # share of a line's height under its baseline

RECOGNISED = "Page numérisée lue par reconnaissance de caractères, chiffres à vérifier"
TOO_LONG = "Page numérisée trop longue à reconnaître, non lue"
PAST_LIMIT = f"Page numérisée non lue : plus de {FILE_SECONDS // 60} minutes pour ce fichier, découpez-le"


class Scan(NamedTuple):
    """What Tesseract read on a page: runs in the frame of the page's picture, and its ruled lines there."""

    runs: list[PrintedLine]
    drawn: Drawings
    turn: int = 0  # quarters of a circle, clockwise, that set the picture upright
    lost: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def missing() -> str:
    """What must be installed before scans can be read, as people are told; empty when all is there."""
    if shutil.which("tesseract") is None:
        return "Tesseract"
    return "" if LANGUAGE in pytesseract.get_languages() else "le français de Tesseract (tesseract-ocr-fra)"


class Recogniser:
    """Reads the scanned pages of one file, within its time."""

    def __init__(self) -> None:
        self._left = float(FILE_SECONDS)

    def read(self, page: pdfium.PdfPage, box: Box) -> Scan:
        """Read a page; `box` is the page as it is shown. Without runs when nothing there is readable."""
        nothing = Scan([], Drawings())
        if missing():
            return nothing
        if self._left <= 0:
            return nothing._replace(lost=(PAST_LIMIT,))
        start = time.monotonic()
        try:
            return _read(page.render(scale=OCR_DPI / 72, grayscale=True).to_pil(), box)
        except pytesseract.TesseractError:
            return nothing
        except RuntimeError:  # out of time
            return nothing._replace(lost=(TOO_LONG,))
        finally:
            self._left -= time.monotonic() - start


def _read(picture: Image.Image, box: Box) -> Scan:
    """Read a picture as it stands, else turned upright."""
    scan = _read_upright(picture, box)
    if scan.runs or "osd" not in pytesseract.get_languages():
        return scan
    try:
        found = pytesseract.image_to_osd(_saved(picture), output_type=pytesseract.Output.DICT, timeout=PAGE_SECONDS)
    except pytesseract.TesseractError:  # too few letters to tell
        return scan
    turn = int(found["rotate"]) // 90 % 4
    return _read_upright(picture.rotate(-90 * turn, expand=True), box.turned(turn))._replace(turn=turn) if turn else scan


def _read_upright(picture: Image.Image, box: Box) -> Scan:
    """Read a picture as if upright; without runs when its words are doubted, or most of them stand along the side."""
    picture, drawn = without_rules(straightened(picture), OCR_DPI)
    drawn = drawn.moved(box.left, box.bottom)
    # One thread: Tesseract's own wait for each other longer than they work.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    hocr = pytesseract.image_to_pdf_or_hocr(_saved(picture), lang=LANGUAGE, extension="hocr", timeout=PAGE_SECONDS)
    tree = lxml.html.fromstring(hocr, parser=lxml.html.HTMLParser(encoding="utf-8"))
    lines = [line for line in map(_RecognisedLine.of, tree.xpath("//span[span[@class='ocrx_word']]")) if line.words]
    words = [word for line in lines for word in line.words]
    along = sum(len(line.words) for line in lines if line.is_turned)
    if not words or mean(word.sure for word in words) < SURE or along > len(words) / 2:
        return Scan([], drawn)
    usual = median(line.size for line in lines for _ in line.words)
    lines = [line for line in lines if mean(word.sure for word in line.words) >= DOUBTED]
    return Scan([run for line in lines for run in line.runs(usual, box, drawn)], drawn)


def _saved(picture: Image.Image) -> Image.Image:
    """The picture, to be handed over as it is: a PNG takes longer to write than a page to read."""
    picture.format = "BMP"
    return picture


# ------------------------------------------------------------------------------ hOCR → runs


class _Word(NamedTuple):
    """A word of Tesseract; pixels from the top left."""

    text: str
    left: float
    right: float
    sure: float  # of 100


class _RecognisedLine(NamedTuple):
    """A line of Tesseract; pixels from the top left."""

    words: list[_Word]
    left: float
    bottom: float
    right: float
    top: float
    baseline: float
    size: float
    is_turned: bool  # runs along the side of the page

    @classmethod
    def of(cls, span: lxml.html.HtmlElement) -> _RecognisedLine:
        """From the hOCR of a line: « bbox 36 92 580 122; baseline 0.01 -6; x_size 24 »."""
        said = _properties(span)
        left, top, right, bottom = said["bbox"]
        words = []
        for word in span.xpath("span[@class='ocrx_word']"):
            if text := tidy(normalise(word.text_content())):
                own = _properties(word)
                words.append(_Word(text, own["bbox"][0], own["bbox"][2], own["x_wconf"][0]))
        baseline = bottom + said.get("baseline", [0, 0])[1]
        return cls(words, left, bottom, right, top, baseline, said["x_size"][0], "baseline" not in said)

    def runs(self, usual: float, box: Box, drawn: Drawings) -> Iterator[PrintedLine]:
        """The words of the line, parted at wide gaps and at ruled lines, in points of the page."""
        size = usual if abs(self.size - usual) <= SAME_SIZE * usual else self.size
        point = 72 / OCR_DPI
        bottom = box.top - (self.baseline + DESCENT * size) * point
        if self.is_turned:
            text = " ".join(word.text for word in self.words)
            sides = (box.left + self.left * point, box.top - self.bottom * point, box.left + self.right * point)
            yield PrintedLine(text, *sides, box.top - self.top * point, height=size * point, is_turned=True)
            return
        run = [self.words[0]]
        for before, word in pairwise(self.words):
            edge, start = (box.left + place * point for place in (before.right, word.left))
            is_ruled = any(
                edge - 1 <= rule.at <= start + 1 and rule.start <= bottom + size * point / 2 <= rule.end
                for rule in drawn.vertical
            )
            if is_ruled or word.left - before.right > MAX_GAP * size:
                yield _run(run, box, bottom, size * point)
                run = []
            run.append(word)
        yield _run(run, box, bottom, size * point)


def _run(words: Sequence[_Word], box: Box, bottom: float, height: float) -> PrintedLine:
    text = tidy(" ".join(word.text for word in words))
    cut = bool(re.search(r"[^\W\d_]-$", text))
    left, right = (box.left + place * 72 / OCR_DPI for place in (words[0].left, words[-1].right))
    return PrintedLine(text.rstrip("-") if cut else text, left, bottom, right, bottom + height, height=height, cut=cut)


def _properties(span: lxml.html.HtmlElement) -> dict[str, list[float]]:
    parts = (part.split() for part in span.get("title", "").split(";"))
    return {name: [float(value) for value in values] for name, *values in parts}
