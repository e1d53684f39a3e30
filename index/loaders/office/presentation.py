"""PowerPoint presentations → Documents: a slide is a page, and its shapes are read in the order of the eye.

Read with lxml: python-pptx refuses files that PowerPoint opens and shows (.ppsx), and gives no diagram, no struck
text and no shape written for new and old versions. Hidden slides and shapes are left out and said. This module reads
neither pictures nor the texts of masters and layouts, which stand on every slide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from index.cleaning import normalise, one_line, tidy
from index.document import Document
from index.loaders.assembly import Block, assemble, table_blocks
from index.loaders.office.drawings import chart_lines, described, diagram_lines
from index.loaders.office.equations import omml
from index.loaders.office.margins import margin_blocks
from index.loaders.office.numbering import counted
from index.loaders.office.package import CHART, CHART_EX, DIAGRAM, A, M, Package, R, choose_alternatives
from index.loaders.office.reading_order import LayoutBox, in_reading_order
from index.loaders.symbols import in_symbol_font, is_symbol_font, raised
from index.loaders.tables.merged import Cell, full_rows
from index.loaders.titles import title_of

SUFFIXES = (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx")

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_TITLES = frozenset({"title", "ctrTitle"})
MAX_TITLE = 120  # characters of a box that can be the title of its slide
_MARGINS = frozenset({"ftr", "hdr"})
_FURNITURE = frozenset({"sldNum", "dt", "sldImg", *_MARGINS})
_SHAPES = frozenset(f"{P}{name}" for name in ("sp", "pic", "grpSp", "graphicFrame"))
# « arabicPeriod », « alphaLcParenR »: what is counted, then what stands around it.
_COUNTED = {
    "arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman", "romanUc": "upperRoman",
}  # fmt: skip
_AROUND = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Plain": "{}"}


def load(path: Path, relative: str) -> Document:
    """Read a presentation, a show or a template."""
    with Package(path) as package:
        reader = _PresentationReader(package)
        blocks = reader.blocks()
        title = title_of(relative, blocks, package.title(), reader.first_title)
        margins = margin_blocks(reader.margin_lines, title, blocks, page=1)
        return assemble(relative, title, [*margins, *blocks], page_count=reader.count, remarks=reader.remarks())


class _PresentationReader:
    """Reads the slides of a presentation one by one."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._main = package.main()
        root = package.tree(self._main)
        if root is None:
            raise ValueError("the main part is not XML")
        relations = package.relations(self._main)
        slides = root.iterfind(f"{P}sldIdLst/{P}sldId")
        self._slides = [relations.get(slide.get(f"{R}id", ""), ("", ""))[1] for slide in slides]
        size = root.find(f"{P}sldSz")
        self._width, self._height = (_number(size, name) for name in ("cx", "cy")) if size is not None else (0, 0)
        self.count = len(self._slides)
        self.first_title = ""
        self.margin_lines: list[str] = []
        self._hidden: list[int] = []
        self._pictures: list[int] = []  # numbers of the slides that are nothing but a picture
        self._objects = 0  # embedded, not read
        self._name = ""  # of the part being read

    def blocks(self) -> list[Block]:
        """The blocks of all the slides that are shown."""
        return [block for number, name in enumerate(self._slides, 1) for block in self._slide(name, number)]

    def remarks(self) -> list[str]:
        """What was left out, in French."""
        unread = (
            ("Diapositives masquées non lues", ", ".join(map(str, self._hidden))),
            ("Diapositives qui ne sont qu'une image, non lues", ", ".join(map(str, self._pictures))),
            ("Objets incorporés non lus (feuilles de calcul…)", self._objects),
        )
        return [f"{what} : {which}." for what, which in unread if which]

    def _slide(self, name: str, page: int) -> Iterator[Block]:
        root = self._package.tree(name)
        if root is None:
            return
        if root.get("show") in {"0", "false"}:
            self._hidden.append(page)
            return
        choose_alternatives(root)
        self._name = name
        layout = _Layout(self._package, name)
        shapes = [shape for shape in root.iterfind(f"{P}cSld/{P}spTree/*") if shape.tag in _SHAPES and not _is_hidden(shape)]
        titles = [shape for shape in shapes if _placeholder(shape) in _TITLES] or _set_as_title(shapes)
        title = one_line(" ".join(_frame_text(shape) for shape in titles))
        blocks = [*self._shapes([shape for shape in shapes if shape not in titles], layout, page), *self._notes(page)]
        if blocks:
            # A slide without title would otherwise read as the end of the one before it.
            yield Block(title or f"Diapositive {page}", 1)
            yield from blocks
        elif title:
            yield Block(title, page=page)
        elif next(root.iter(f"{A}blip"), None) is not None:
            self._pictures.append(page)
        self.first_title = self.first_title or (title if page == 1 else "")

    def _notes(self, page: int) -> Iterator[Block]:
        for name in self._package.related(self._name, "notesSlide"):
            root = self._package.tree(name)
            for shape in () if root is None else root.iter(f"{P}sp"):
                if _placeholder(shape) == "body":
                    yield from _frame(shape, page, items=False)

    def _shapes(self, shapes: list[Any], layout: _Layout, page: int) -> Iterator[Block]:
        """The blocks of shapes in reading order; headers and footers are set aside, dates and numbers dropped."""
        boxes: list[LayoutBox] = []
        for shape in shapes:
            kind = _placeholder(shape)
            if kind in _MARGINS:
                self.margin_lines += _frame_text(shape).split("\n")
            if kind in _FURNITURE:
                continue
            box = layout.box(shape, self._shape(shape, layout, page))
            if not self._is_off(box):
                boxes.append(box)
        yield from in_reading_order(boxes)

    def _is_off(self, box: LayoutBox) -> bool:
        """True for a shape put aside, beyond the edges of the slide."""
        if not self._width or not box.width:
            return False
        return box.left >= self._width or box.top >= self._height or box.right <= 0 or box.bottom <= 0

    def _shape(self, shape: Any, layout: _Layout, page: int) -> Iterator[Block]:
        if shape.tag == f"{P}grpSp":
            # Inside a group, places are counted on the group's own scale.
            inner = [inside for inside in shape if inside.tag in _SHAPES and not _is_hidden(inside)]
            yield from in_reading_order([layout.box(inside, self._shape(inside, layout, page)) for inside in inner])
        elif shape.tag == f"{P}pic":
            for properties in shape.iterfind(f"{P}nvPicPr/{P}cNvPr"):
                if said := described(properties.get("descr", "")):
                    yield Block(said, page=page)
        elif shape.tag == f"{P}sp":
            yield from _frame(shape, page, items=_placeholder(shape) not in {None, "subTitle"})
        else:
            yield from self._graphic(shape, page)

    def _graphic(self, frame: Any, page: int) -> Iterator[Block]:
        for table in frame.iter(f"{A}tbl"):
            yield from table_blocks(full_rows(_rows(table)), page=page)
        for element in frame.iter(f"{CHART}chart", f"{CHART_EX}chart", f"{DIAGRAM}relIds"):
            is_diagram = element.tag == f"{DIAGRAM}relIds"
            identifier = element.get(f"{R}dm" if is_diagram else f"{R}id", "")
            root = self._package.tree(self._package.relations(self._name).get(identifier, ("", ""))[1])
            lines = [] if root is None else diagram_lines(root) if is_diagram else chart_lines(root)
            yield from (Block(line, tight=i > 0, page=page) for i, line in enumerate(lines))
        self._objects += len(list(frame.iter(f"{P}oleObj")))


# ------------------------------------------------------------------------------------------ shapes


def _placeholder(shape: Any) -> str | None:
    """What a shape stands for on its layout: « title », « body », « sldNum »; None for a shape of its own."""
    place = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    place = shape.find(f"{P}nvGraphicFramePr/{P}nvPr/{P}ph") if place is None else place
    return None if place is None else place.get("type", "obj")


def _is_hidden(shape: Any) -> bool:
    return any(properties.get("hidden") in {"1", "true"} for properties in shape.iterfind(f"*/{P}cNvPr"))


def _set_as_title(shapes: Sequence[Any]) -> list[Any]:
    """Where no box is the title: the highest one, when it is a line set larger than the others (Canva, Google Slides)."""
    sizes = [(max((_number(properties, "sz") for properties in shape.iter(f"{A}rPr")), default=0), shape) for shape in shapes]
    placed = [(_number(place.find(f"{A}off"), "y"), shape) for shape in shapes if (place := _transform(shape)) is not None]
    if len(shapes) < 2 or len(placed) < len(shapes):
        return []
    largest, shape = max(sizes, key=lambda pair: pair[0])
    text = _frame_text(shape).strip()
    is_alone = sum(size == largest for size, _ in sizes) == 1
    is_first = min(placed, key=lambda pair: pair[0])[1] is shape
    return [shape] if is_alone and is_first and "\n" not in text and 0 < len(text) <= MAX_TITLE else []


class _Layout:
    """Where the shapes of a slide stand; a placeholder that says nothing stands where its layout puts it."""

    def __init__(self, package: Package, slide: str) -> None:
        layouts = package.related(slide, "slideLayout")
        masters = [master for layout in layouts for master in package.related(layout, "slideMaster")]
        trees = [tree for name in (*layouts, *masters) if (tree := package.tree(name)) is not None]
        self._shapes = [shape for tree in trees for shape in tree.iter(f"{P}sp") if _placeholder(shape) is not None]

    def box(self, shape: Any, blocks: Iterable[Block]) -> LayoutBox:
        """A shape's rectangle, in the units of the file; empty when no layout says it."""
        place = _transform(shape)
        if place is None and (mine := shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")) is not None:
            places = (_transform(other) for other in self._shapes if _is_same(other.find(f"{P}nvSpPr/{P}nvPr/{P}ph"), mine))
            place = next((found for found in places if found is not None), None)
        offset, size = (None, None) if place is None else (place.find(f"{A}off"), place.find(f"{A}ext"))
        if offset is None or size is None:
            return LayoutBox(tuple(blocks))
        return LayoutBox(tuple(blocks), _number(offset, "x"), _number(offset, "y"), _number(size, "cx"), _number(size, "cy"))


def _is_same(one: Any, other: Any) -> bool:
    if one.get("idx") is not None or other.get("idx") is not None:
        return one.get("idx") == other.get("idx")
    return one.get("type") == other.get("type")


def _transform(shape: Any) -> Any | None:
    names = (f"{P}spPr/{A}xfrm", f"{P}grpSpPr/{A}xfrm", f"{P}xfrm")
    return next((found for name in names if (found := shape.find(name)) is not None), None)


def _number(element: Any | None, name: str) -> int:
    try:
        return 0 if element is None else int(element.get(name, "0"))
    except ValueError:
        return 0


# -------------------------------------------------------------------------------------------- text


def _frame(shape: Any, page: int, *, items: bool) -> Iterator[Block]:
    """The paragraphs of a shape; those of a placeholder with several are its bullets."""
    counts: dict[int, int] = {}
    paragraphs = [(tidy(normalise(_paragraph_text(p))), p.find(f"{A}pPr")) for p in shape.iterfind(f"{P}txBody/{A}p")]
    told = [(text, properties) for text, properties in paragraphs if text]
    for i, (text, properties) in enumerate(told):
        label = _label(properties, counts) or ("-" if items and len(told) > 1 else "")
        yield Block(f"{label} {text}" if label else text, tight=bool(label) and i > 0, page=page)


def _label(properties: Any | None, counts: dict[int, int]) -> str:
    """The number of a paragraph that PowerPoint counts; the numbers of deeper levels begin again after it."""
    level = 0 if properties is None else _number(properties, "lvl")
    numbered = None if properties is None else properties.find(f"{A}buAutoNum")
    for deeper in [deeper for deeper in counts if deeper > level or (deeper == level and numbered is None)]:
        del counts[deeper]
    if numbered is None:
        return ""
    counts[level] = counts[level] + 1 if level in counts else max(_number(numbered, "startAt"), 1)
    kind = numbered.get("type", "")
    form = next((form for name, form in _COUNTED.items() if kind.startswith(name)), "decimal")
    around = next((around for name, around in _AROUND.items() if kind.endswith(name)), "{}.")
    return around.format(counted(counts[level], form))


def _frame_text(shape: Any) -> str:
    return "\n".join(_paragraph_text(paragraph) for paragraph in shape.iterfind(f"{P}txBody/{A}p"))


def _paragraph_text(paragraph: Any) -> str:
    """The text of a paragraph, without its struck runs; equations on the line."""
    parts: list[str] = []
    for child in paragraph:
        properties = child.find(f"{A}rPr") if isinstance(child.tag, str) else None
        if child.tag == f"{A}br":
            parts.append("\n")
        elif child.get("type") == "slidenum":
            continue
        elif child.tag in {f"{A}r", f"{A}fld"} and (properties is None or properties.get("strike", "noStrike") == "noStrike"):
            font = None if properties is None else properties.find(f"{A}latin")
            face = "" if font is None else font.get("typeface", "")
            text = child.findtext(f"{A}t") or ""
            text = raised(text) if _number(properties, "baseline") > 0 else text
            parts.append(in_symbol_font(text, face) if is_symbol_font(face) else text)
        elif isinstance(child.tag, str):
            parts += [omml(equation) for equation in child.iter(f"{M}oMath")]
    return "".join(parts)


def _rows(table: Any) -> Iterator[list[Cell]]:
    for row in table.iterfind(f"{A}tr"):
        cells = [cell for cell in row.iterfind(f"{A}tc") if cell.get("hMerge") not in {"1", "true"}]
        yield [Cell(_cell_text(cell), max(_number(cell, "gridSpan"), 1), cell.get("vMerge") in {"1", "true"}) for cell in cells]


def _cell_text(cell: Any) -> str:
    return one_line(" ".join(_paragraph_text(paragraph) for paragraph in cell.iterfind(f"{A}txBody/{A}p")))
