"""OpenDocument presentations → Documents: a slide is a page, and its shapes are read in the order of the eye.

Hidden slides are left out and said. This module does not read the texts of page models, nor pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.cleaning import one_line
from index.document import Document
from index.loaders.assembly import Block, assemble
from index.loaders.office.reading_order import LayoutBox, in_reading_order
from index.loaders.opendocument.styles import PRESENTATION
from index.loaders.opendocument.text import OpenDocumentReader
from index.loaders.opendocument.xml import DRAW, OFFICE, SVG, document_title, paragraphs
from index.loaders.titles import title_of

SUFFIXES = (".odp", ".otp", ".fodp")

_FURNITURE = frozenset({"header", "footer", "date-time", "page-number"})
_LENGTH = re.compile(r"(-?[\d.]+) ?(cm|mm|in|pt|pc|px)?")
_POINTS = {"cm": 28.35, "mm": 2.835, "in": 72.0, "pt": 1.0, "pc": 12.0, "px": 0.75, None: 1.0}


def load(path: Path, relative: str) -> Document:
    """Read an OpenDocument presentation or a template, zipped or in one XML file."""
    reader = OpenDocumentReader(path)
    pages = list(reader.body.iterfind(f"{OFFICE}presentation/{DRAW}page"))
    blocks: list[Block] = []
    hidden: list[int] = []
    for number, page in enumerate(pages, 1):
        if reader.styles.shows_page(page.get(f"{DRAW}style-name", "")):
            blocks += _slide(reader, page, number)
        else:
            hidden.append(number)
    said = [f"Diapositives masquées non lues : {', '.join(map(str, hidden))}."] if hidden else []
    first = next((block.text for block in blocks if block.page == 1 or block.level), "")
    named = title_of(relative, blocks, document_title(path), "" if first.startswith("Diapositive ") else first)
    return assemble(relative, named, blocks, page_count=len(pages), remarks=[*said, *reader.remarks()])


def _slide(reader: OpenDocumentReader, page: Any, number: int) -> Iterator[Block]:
    shapes = [shape for shape in page if shape.tag.startswith(DRAW) and shape.get(f"{PRESENTATION}class") not in _FURNITURE]
    titles = [shape for shape in shapes if shape.get(f"{PRESENTATION}class") == "title"]
    title = one_line(" ".join(reader.read(p)[0] for shape in titles for p in paragraphs(shape)))
    shown = [shape for shape in shapes if shape not in titles]
    boxes = [LayoutBox(tuple(block for block in reader.drawn(shape) if block.text), *_place(shape)) for shape in shown]
    told = [replace(block, page=number) for block in in_reading_order(boxes)]
    told += [replace(block, page=number) for notes in page.iterchildren(f"{PRESENTATION}notes") for block in reader.blocks(notes)]
    if told:
        yield Block(title or f"Diapositive {number}", 1)
        yield from told
    elif title:
        yield Block(title, page=number)


def _place(shape: Any) -> tuple[float, float, float, float]:
    """Left, top, width and height in points; those of a group hold its shapes."""
    if shape.tag == f"{DRAW}g":
        places = [_place(inner) for inner in shape if inner.tag.startswith(DRAW)]
        left, top = min((p[0] for p in places), default=0.0), min((p[1] for p in places), default=0.0)
        right = max((p[0] + p[2] for p in places), default=0.0)
        return left, top, right - left, max((p[1] + p[3] for p in places), default=0.0) - top
    return (
        _points(shape.get(f"{SVG}x")), _points(shape.get(f"{SVG}y")),
        _points(shape.get(f"{SVG}width")), _points(shape.get(f"{SVG}height")),
    )  # fmt: skip


def _points(length: str | None) -> float:
    match = _LENGTH.fullmatch(length or "")
    return float(match[1]) * _POINTS[match[2]] if match else 0.0
