"""Word documents and PowerPoint presentations → Documents, with python-docx and python-pptx.

Headings come from the styles, a slide is a page. Headers and footers repeat on every page and are
left out. This module does not read text boxes and footnotes of Word, nor pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import docx
import pptx
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from pptx.enum.shapes import PP_PLACEHOLDER

from index.cleaning import is_contents_line, normalise, one_line, shorten_leaders, tidy
from index.document import Document
from index.loaders.assembly import (
    Block,
    assemble,
    first_heading,
    meaningful_title,
    readable_name,
    table_blocks,
    without_title,
)

SUFFIXES = (".docx", ".pptx")

_HEADING_STYLE = re.compile(r"(?:heading|titre) ?([1-9])$", re.IGNORECASE)
_TITLE_STYLE = re.compile(r"(?:title|titre)$", re.IGNORECASE)
_CONTENTS_STYLE = re.compile(r"(?:toc|tm|table of) ?", re.IGNORECASE)
_FURNITURE = {PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER}


def load(path: Path, relative: str) -> Document:
    """Read a Word document or a PowerPoint presentation."""
    return _load_docx(path, relative) if path.suffix.lower() == ".docx" else _load_pptx(path, relative)


# ------------------------------------------------------------------------------------------- Word


def _load_docx(path: Path, relative: str) -> Document:
    word = docx.Document(str(path))
    blocks = list(_word_blocks(word.element.body, word))
    title = meaningful_title(word.core_properties.title) or first_heading(blocks) or readable_name(relative)
    return assemble(relative, title, without_title(blocks, title))


def _word_blocks(parent: Any, owner: Any) -> Iterator[Block]:
    """The paragraphs and tables under an XML element, content controls opened."""
    for element in parent.iterchildren():
        name = element.tag.rpartition("}")[2]
        if name == "p":
            yield from _word_paragraph(Paragraph(element, owner))
        elif name == "tbl":
            yield from table_blocks(_word_rows(Table(element, owner)))
        elif name in {"sdt", "sdtContent", "ins", "customXml"}:
            yield from _word_blocks(element, owner)


def _word_paragraph(paragraph: Paragraph) -> Iterator[Block]:
    text = shorten_leaders(tidy(normalise(paragraph.text)))
    style = (paragraph.style.name if paragraph.style is not None else None) or ""
    if not text or _CONTENTS_STYLE.match(style) or is_contents_line(text):
        return
    heading = _HEADING_STYLE.match(style)
    if heading or _TITLE_STYLE.match(style):
        yield Block(one_line(text), int(heading[1]) if heading else 1)
    elif _is_item(paragraph, style):
        yield Block(f"- {text}", tight=True)
    else:
        yield Block(text)


def _is_item(paragraph: Paragraph, style: str) -> bool:
    properties = paragraph._p.pPr
    numbered = properties is not None and properties.numPr is not None
    return numbered or bool(re.match(r"(?:list|liste)\b(?! paragraph)", style, re.IGNORECASE))


def _word_rows(table: Table) -> Iterator[list[str]]:
    for row in table.rows:
        cells: dict[int, str] = {}  # merged cells come once for each column they span
        for cell in row.cells:
            cells.setdefault(id(cell._tc), _word_cell(cell))
        yield list(cells.values())


def _word_cell(cell: _Cell) -> str:
    parts = [
        item.text if isinstance(item, Paragraph) else _nested(item) for item in cell.iter_inner_content()
    ]
    return one_line(" ".join(parts))


def _nested(table: Table) -> str:
    return " ".join(" ".join(row) for row in _word_rows(table))


# ------------------------------------------------------------------------------------- PowerPoint


def _load_pptx(path: Path, relative: str) -> Document:
    slides = pptx.Presentation(str(path))
    blocks: list[Block] = []
    for number, slide in enumerate(slides.slides, 1):
        heading = slide.shapes.title
        name = one_line(heading.text_frame.text) if heading is not None else ""
        # A slide without title would otherwise read as the end of the one before it.
        blocks.append(Block(name or f"Diapositive {number}", 1))
        shapes = [shape for shape in slide.shapes if heading is None or shape.shape_id != heading.shape_id]
        blocks += [block for shape in _downward(shapes) for block in _shape_blocks(shape, number)]
        if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
            blocks += _frame_blocks(frame, number, items=False)
    named = blocks[0].text if blocks and not blocks[0].text.startswith("Diapositive ") else ""
    title = meaningful_title(slides.core_properties.title) or named or readable_name(relative)
    return assemble(relative, title, blocks, page_count=len(slides.slides))


def _downward(shapes: Iterable[Any]) -> list[Any]:
    """Shapes as people read them; the file keeps the order in which they were drawn."""
    return sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))


def _shape_blocks(shape: Any, page: int) -> Iterator[Block]:
    if shape.is_placeholder and shape.placeholder_format.type in _FURNITURE:
        return
    if hasattr(shape, "shapes"):
        for inner in _downward(shape.shapes):
            yield from _shape_blocks(inner, page)
    elif getattr(shape, "has_table", False):
        rows = [[one_line(cell.text) for cell in row.cells] for row in shape.table.rows]
        yield from table_blocks(rows, page=page)
    elif shape.has_text_frame:
        yield from _frame_blocks(shape.text_frame, page, items=shape.is_placeholder)


def _frame_blocks(frame: Any, page: int, *, items: bool) -> Iterator[Block]:
    """The paragraphs of a frame; those of a placeholder with several are its bullets."""
    texts = [text for paragraph in frame.paragraphs if (text := tidy(normalise(paragraph.text)))]
    bulleted = items and len(texts) > 1
    for i, text in enumerate(texts):
        yield Block(f"- {text}" if bulleted else text, tight=bulleted and i > 0, page=page)
