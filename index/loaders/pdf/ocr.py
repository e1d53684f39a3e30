"""A scanned page → its printed lines, read by Tesseract where it is installed with its French.

Knows nothing of layout but the lines that Tesseract tells; what it reads badly is judged elsewhere.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pypdfium2 as pdfium
import pytesseract

from index.cleaning import normalise, tidy
from index.loaders.pdf.printed import Box, PrintedLine

OCR_DPI = 300  # what Tesseract's documentation asks for
LANGUAGE = "fra"  # English letters would lose the accents


@lru_cache(maxsize=1)
def missing() -> str:
    """What must be installed before scans can be read, as people are told; empty when all is there."""
    if shutil.which("tesseract") is None:
        return "Tesseract"
    return "" if LANGUAGE in pytesseract.get_languages() else "le français de Tesseract (tesseract-ocr-fra)"


def recognised_lines(page: pdfium.PdfPage, box: Box) -> list[PrintedLine]:
    """The lines of a scanned page, in its reading frame (`box` is the page there); empty when something is missing."""
    if missing():
        return []
    picture = page.render(scale=OCR_DPI / 72, grayscale=True).to_pil()
    words = pytesseract.image_to_data(picture, lang=LANGUAGE, output_type=pytesseract.Output.DICT)
    lines: dict[tuple[int, int, int], list[int]] = {}
    for i, word in enumerate(words["text"]):
        if word.strip():
            place = (words["block_num"][i], words["par_num"][i], words["line_num"][i])
            lines.setdefault(place, []).append(i)
    return [_recognised(words, line, box) for line in lines.values()]


def _recognised(words: dict[str, list[Any]], line: Sequence[int], box: Box) -> PrintedLine:
    """Tesseract's pixels from the top left → points of the reading frame."""
    point = 72 / OCR_DPI
    text = tidy(normalise(" ".join(words["text"][i] for i in line)))
    cut = bool(re.search(r"[^\W\d_]-$", text))
    left, right = min(words["left"][i] for i in line), max(words["left"][i] + words["width"][i] for i in line)
    top, bottom = min(words["top"][i] for i in line), max(words["top"][i] + words["height"][i] for i in line)
    sides = (box.left + left * point, box.top - bottom * point, box.left + right * point, box.top - top * point)
    return PrintedLine(text.rstrip("-") if cut else text, *sides, height=(bottom - top) * point, cut=cut)
