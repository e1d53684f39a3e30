"""Word documents → Documents: what the page shows, in reading order, changes accepted.

Text boxes, charts and notes come after the paragraph that holds or calls them, so that no sentence is cut. Read with
lxml: python-docx has no notes, boxes, numbers or changes and refuses files that Word opens; docx2python writes every
number as « 1) », keeps hidden and struck text and takes the memory that a merged cell asks for. This module does not
read pictures nor embedded files: it says how many there are of the latter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.cleaning import normalise, one_line, shorten_leaders, tidy
from index.document import Document
from index.loaders.assembly import Block, assemble, table_blocks, without_title
from index.loaders.office.drawings import chart_lines, described, diagram_lines
from index.loaders.office.equations import omml
from index.loaders.office.headings import opening_headings, without_contents
from index.loaders.office.margins import margin_blocks
from index.loaders.office.numbering import SIGNS, WordNumbering
from index.loaders.office.package import CHART, CHART_EX, DIAGRAM, A, M, Package, R, W
from index.loaders.office.word_styles import WordStyles
from index.loaders.office.word_tree import PRINTING, is_on, show
from index.loaders.symbols import columns_apart, in_symbol_font, is_symbol_font, raised
from index.loaders.tables.merged import Cell, full_rows, lays_out
from index.loaders.titles import title_of

SUFFIXES = (".docx", ".docm", ".dotx", ".dotm")

_VML = "{urn:schemas-microsoft-com:vml}"
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_NOTES = {f"{W}footnoteReference": "footnotes", f"{W}endnoteReference": "endnotes"}
_BOX, _WORD_ART, _OBJECT, _PICTURE = f"{W}txbxContent", f"{_VML}textpath", f"{_OFFICE}OLEObject", f"{_DRAWING}docPr"
_CHARTS, _DIAGRAM = {f"{CHART}chart", f"{CHART_EX}chart"}, f"{DIAGRAM}relIds"
_BESIDE = {_BOX, _WORD_ART, _OBJECT, _DIAGRAM, *_CHARTS}
_SIGNS = {f"{W}{name}": sign for name, sign in (
    ("tab", "\t"), ("ptab", "\t"), ("br", "\n"), ("cr", "\n"), ("noBreakHyphen", "-"), ("softHyphen", ""),
)}  # fmt: skip


def load(path: Path, relative: str) -> Document:
    """Read a Word document, with macros or not, or a template."""
    with Package(path) as package:
        reader = _WordReader(package)
        body = without_contents(list(reader.body()))
        title = title_of(relative, body, package.title())
        blocks = opening_headings(without_title(body, title))
        margins = margin_blocks(reader.margin_lines(), title, body)
        return assemble(relative, title, [*margins, *blocks], remarks=reader.remarks())


class _WordReader:
    """Reads the stories of a document: its body, its notes, its headers."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._main = package.main()
        self._styles = WordStyles(self._related("styles"))
        self._numbering = WordNumbering(self._related("numbering"))
        self._notes = {tag: self._notes_of(kind) for tag, kind in _NOTES.items()}
        self._objects = 0
        self._told = False  # whether the body says something besides its pictures
        root = package.tree(self._main)
        if root is None:
            raise ValueError("the main part is not XML")
        self._root = show(root, self._styles)

    def body(self) -> Iterator[Block]:
        """The blocks of the document, headers and footers apart."""
        body = self._root.find(f"{W}body")
        for block in self._blocks(body if body is not None else self._root):
            self._told |= bool(block.text)
            yield block

    def margin_lines(self) -> list[str]:
        """The lines of the headers and footers that are shown, cells and tabs apart."""
        lines: list[str] = []
        for name in self._margins():
            if (root := self._package.tree(name)) is not None:
                show(root, self._styles, PRINTING)
                for paragraph in root.iter(f"{W}p"):
                    lines += self._inline(paragraph)[0].split("\t")
        return lines

    def remarks(self) -> list[str]:
        """What could not be read, in French."""
        unread = (
            ("Objets incorporés non lus (feuilles de calcul, équations anciennes…)", self._objects),
            ("Documents insérés non lus", len(list(self._root.iter(f"{W}altChunk", f"{W}subDoc")))),
            ("Images non lues", 0 if self._told else len(list(self._root.iter(f"{A}blip", f"{_VML}imagedata")))),
        )
        return [f"{what} : {count}." for what, count in unread if count]

    # ------------------------------------------------------------------------------ parts

    def _related(self, kind: str) -> Any | None:
        return next((self._package.tree(name) for name in self._package.related(self._main, kind)), None)

    def _notes_of(self, kind: str) -> dict[str, Any]:
        """The notes of a kind, by identifier, without the lines that part them from the text."""
        root = self._related(kind)
        notes = [] if root is None else list(show(root, self._styles))
        return {note.get(f"{W}id", ""): note for note in notes if not (note.get(f"{W}type") or "").endswith("eparator")}

    def _margins(self) -> list[str]:
        """The parts of the headers and footers that some page shows."""
        settings = self._related("settings")
        even = settings is not None and is_on(settings.find(f"{W}evenAndOddHeaders"))
        relations, names = self._package.relations(self._main), []
        for section in self._root.iter(f"{W}sectPr"):
            shown = {"default", *(["even"] if even else []), *(["first"] if is_on(section.find(f"{W}titlePg")) else [])}
            for reference in section.iterchildren(f"{W}headerReference", f"{W}footerReference"):
                identifier = reference.get(f"{R}id", "")
                if reference.get(f"{W}type", "default") in shown and identifier in relations:
                    names.append(relations[identifier][1])
        return list(dict.fromkeys(names))

    # --------------------------------------------------------------------------- blocks

    def _blocks(self, parent: Any) -> Iterator[Block]:
        for element in parent:
            if element.tag == f"{W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{W}tbl":
                yield from self._table(element)

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        """The block of a paragraph, then those of what stands beside it; a line of a table of contents gives none."""
        raw, beside = self._inline(paragraph)
        text, label = shorten_leaders(tidy(normalise(columns_apart(raw)))), self._label(paragraph)
        level = self._styles.heading_level(paragraph)
        if level and (heading := one_line(" ".join(filter(None, ("" if label in SIGNS else label, text))))):
            yield Block(heading, level)
        elif text and not self._styles.is_contents(paragraph):
            yield Block(f"{label} {text}" if label else text, tight=bool(label))
        for element in beside:
            yield from self._beside(element)

    def _label(self, paragraph: Any) -> str:
        place = self._styles.place_in_list(paragraph, self._numbering)
        return "" if place is None else one_line(self._numbering.label(*place))

    def _table(self, table: Any) -> Iterator[Block]:
        rows = [(row, list(row.iterchildren(f"{W}tc"))) for row in table.iterchildren(f"{W}tr")]
        if lays_out([[len(cell.findall(f"{W}p")) for cell in cells] for _, cells in rows]):
            for _, cells in rows:
                for cell in cells:
                    yield from self._blocks(cell)
            return
        beside: list[Any] = []
        named = next((i for i, (row, _) in enumerate(rows) if row.find(f"{W}trPr/{W}tblHeader") is None), 0)
        texts = full_rows([self._row(row, cells, beside) for row, cells in rows])
        yield from table_blocks(texts, header_rows=named or None)
        for element in beside:
            yield from self._beside(element)

    def _row(self, row: Any, cells: list[Any], beside: list[Any]) -> list[Cell]:
        before = row.find(f"{W}trPr/{W}gridBefore")
        shifted = [Cell(columns=_count(before))] if before is not None and _count(before) else []
        return [*shifted, *(self._cell(cell, beside) for cell in cells)]

    def _cell(self, cell: Any, beside: list[Any]) -> Cell:
        merged, span = cell.find(f"{W}tcPr/{W}vMerge"), cell.find(f"{W}tcPr/{W}gridSpan")
        above = merged is not None and merged.get(f"{W}val", "continue") == "continue"
        text = "" if above else self._cell_text(cell, beside)
        return Cell(text, 1 if span is None else max(_count(span), 1), above)

    def _cell_text(self, cell: Any, beside: list[Any]) -> str:
        """The paragraphs of a cell on one line; those of its boxes too, charts and notes being read after the table."""
        parts: list[str] = []
        for element in cell:
            if element.tag == f"{W}p":
                text, found = self._inline(element)
                parts += [self._label(element), text]
                parts += [self._cell_text(box, beside) for box in found if box.tag == _BOX]
                beside += [other for other in found if other.tag != _BOX]
            elif element.tag == f"{W}tbl":
                for row in element.iterchildren(f"{W}tr"):
                    texts = (self._cell_text(inner, beside) for inner in row.iterchildren(f"{W}tc"))
                    parts.append(" ".join(filter(None, texts)) + ("," if row.getnext() is not None else ""))
        return one_line(" ".join(filter(None, parts)))

    # --------------------------------------------------------------------------- inside

    def _inline(self, element: Any) -> tuple[str, list[Any]]:
        """The text of a paragraph, and what it holds or calls that stands beside the text."""
        parts: list[str] = []
        beside: list[Any] = []
        for child in element:
            if child.tag == f"{W}r":
                self._run(child, parts, beside)
            elif isinstance(child.tag, str) and child.tag.startswith(M):
                parts.append(omml(child))
            elif child.tag != f"{W}pPr":
                text, found = self._inline(child)
                parts.append(text)
                beside += found
        return "".join(parts), beside

    def _run(self, run: Any, parts: list[str], beside: list[Any]) -> None:
        fonts = run.find(f"{W}rPr/{W}rFonts")
        font = "" if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or ""
        is_raised = self._styles.is_raised(run)
        for piece in run:
            if piece.tag == f"{W}t":
                text = raised(piece.text or "") if is_raised else piece.text or ""
                parts.append(in_symbol_font(text, font) if is_symbol_font(font) else text)
            elif piece.tag == f"{W}sym":
                parts.append(_sign(piece))
            elif piece.tag in _SIGNS:
                parts.append(_SIGNS[piece.tag])
            elif piece.tag in _NOTES:
                beside.append(piece)
            else:
                beside += _held(piece)

    def _beside(self, element: Any) -> Iterator[Block]:
        """The blocks of a box, a chart, a diagram or a note; a heading in a box names the box alone."""
        if element.tag in _NOTES:
            note = self._notes[element.tag].get(element.get(f"{W}id", ""))
            yield from self._plain(() if note is None else note)
        elif element.tag == _BOX:
            yield from self._plain(element)
        elif element.tag == _WORD_ART:
            yield Block(one_line(element.get("string", "")))
        elif element.tag == _PICTURE:
            yield Block(described(element.get("descr", "")))
        elif element.tag == _OBJECT:
            self._objects += 1
        else:
            yield from self._drawn(element)

    def _plain(self, parent: Any) -> Iterator[Block]:
        return (replace(block, level=0) for block in self._blocks(parent))

    def _drawn(self, element: Any) -> Iterator[Block]:
        identifier = element.get(f"{R}dm" if element.tag == _DIAGRAM else f"{R}id", "")
        _, name = self._package.relations(self._main).get(identifier, ("", ""))
        if (root := self._package.tree(name)) is not None:
            lines = diagram_lines(root) if element.tag == _DIAGRAM else chart_lines(root)
            yield from (Block(line, tight=i > 0) for i, line in enumerate(lines))


def _held(piece: Any) -> Iterator[Any]:
    """What a drawing holds that can be read, outermost first; a box in a box is read with it."""
    if piece.tag in _BESIDE:
        yield piece
        return
    properties = piece.find(_PICTURE)
    if properties is not None and properties.get("hidden") in {"1", "true"}:
        return
    if properties is not None and piece.find(f"{A}graphic/{A}graphicData/{_PIC}pic") is not None:
        yield properties
    for child in piece:
        yield from _held(child)


def _sign(symbol: Any) -> str:
    """The character of a symbol, written as the place it has in its font."""
    code, font = symbol.get(f"{W}char", ""), symbol.get(f"{W}font", "")
    try:
        letter = chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
    return in_symbol_font(letter, font) if is_symbol_font(font) else letter


def _count(element: Any) -> int:
    said = element.get(f"{W}val", "")
    return int(said) if said.isdigit() and len(said) < 9 else 1
