"""Pages made by pdf2htmlEX → printed pages, as the PDF modules know them: lines with their places.

Classes say where each line stands, how large its letters are and how wide its gaps (« t m1 x2c y3b fs4 »); a gap
wider than any space parts the cells of a row. The widths of letters are in fonts that this module does not open: it
reckons them, well enough to tell columns. It knows nothing of bold letters nor of ruled lines, which are in pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median

from lxml.html import HtmlElement

from index.cleaning import one_line
from index.loaders.html.grid import with_grids
from index.loaders.pdf.layout import CELL_GAP, JOINED, in_reading_order
from index.loaders.pdf.printed import Box, PrintedLine, PrintedPage, same_row
from index.loaders.symbols import RAISE

# pdf2htmlEX writes a page as <div class="pf …">, a printed line as <div class="t …">, a gap as <span class="_ …">.
_OF_CLASS = "descendant::div[contains(concat(' ', @class, ' '), ' {} ')]"
_CLASS = r"(?:fs|ls|ws|x|y|w|h|m|_)[0-9a-f]+"
_RULE = re.compile(rf"\.({_CLASS})\{{[a-z-]+:([^;}}]*)")  # « .x2c{left:48.1px;} »: one property a class
_PIXELS = re.compile(r"(-?[\d.]+)px")
_MATRIX = re.compile(r"matrix\((-?[\d.]+),(-?[\d.]+)")
_FIELDS = {
    "x": "left",
    "y": "bottom",
    "w": "width",
    "h": "height",
    "fs": "size",
    "ls": "letter_space",
    "ws": "word_space",
    "_": "gap",
}
_UNKNOWN = re.compile("[\ue000-\uf8ff]")  # glyphs that the file gives no letter for: thin spaces most often
# Widths of letters, as parts of their height.
_NARROW = frozenset("ijlftrI.,;:!|()[]'’-·• ")
# Letters smaller than this part of those beside them, on one line, are raised.
SMALL = 0.8
ClassStyles = Mapping[str, Mapping[str, float]]  # class → what it says, by field of `_PrintedStyle`
_NARROW_WIDTH, _USUAL_WIDTH, _CAPITAL_WIDTH = 0.3, 0.55, 0.66


def sheets_of(page: HtmlElement) -> list[HtmlElement]:
    """The printed pages of an HTML page; none when pdf2htmlEX did not make it."""
    return list(page.xpath(_OF_CLASS.format("pf")))


def printed_pages(page: HtmlElement) -> list[PrintedPage]:
    """The printed pages, their lines in reading order and their tables as tables."""
    styles: dict[str, Mapping[str, float]] = {}
    for sheet in page.iter("style"):
        for name, value in _RULE.findall(sheet.text or ""):
            styles.setdefault(name, _said(name, value))  # what follows is for print
    return [_printed(sheet, styles) for sheet in sheets_of(page)]


def _printed(sheet: HtmlElement, styles: ClassStyles) -> PrintedPage:
    own = _PrintedStyle().of(sheet, styles)
    runs = [run for line in sheet.xpath(_OF_CLASS.format("t")) for run in _runs(line, styles)]
    placed = in_reading_order(with_grids(_joined(runs))) if styles else [replace(run, text=one_line(run.text)) for run in runs]
    return PrintedPage(placed, Box(0.0, 0.0, own.width, own.height))


def _joined(runs: list[PrintedLine]) -> list[PrintedLine]:
    """Runs whose pieces are joined: words parted where the letters change or move, raised letters (« 1 », « er »)."""
    joined: list[PrintedLine] = []
    ends: list[float] = []  # the height of the last piece of each
    for run in runs:
        at = _left_piece(joined, run)
        if at < 0:
            joined.append(run)
            ends.append(run.height)
        else:
            joined[at] = _one(joined[at], run, after_raised=ends[at] < SMALL * run.height)
            ends[at] = run.height
    return [replace(run, text=one_line(run.text)) for run in joined]


def _left_piece(runs: list[PrintedLine], run: PrintedLine) -> int:
    """The run that another goes on with: the one written before it, or the one that its raised letters touch; -1 for none."""
    near = [i for i, other in enumerate(runs) if same_row(other, run) and abs(run.left - other.right) < run.height]
    small = [i for i in near if run.height < SMALL * runs[i].height]
    if small:
        return min(small, key=lambda i: abs(run.left - runs[i].right))
    return near[-1] if near and near[-1] == len(runs) - 1 else -1


def _one(a: PrintedLine, b: PrintedLine, after_raised: bool) -> PrintedLine:
    """Two pieces of a line as one, as high as the longer: bullets may be in huge letters."""
    text = b.text.translate(RAISE) if b.height < SMALL * a.height and b.text.strip().isdigit() else b.text
    figures = a.text[-1].isdigit() and (text[0].isdigit() or text[0] in "%€") and b.left - a.right > JOINED * a.height
    after_bullet = not any(map(str.isalnum, a.text))
    space = " " if after_bullet or figures or (after_raised and text[0].isalnum()) else ""
    main = max(a, b, key=lambda run: len(run.text))
    return replace(main, text=a.text + space + text, left=min(a.left, b.left), right=max(a.right, b.right))


def _said(name: str, value: str) -> Mapping[str, float]:
    """What a class says, by field of `_PrintedStyle`."""
    if matrix := _MATRIX.match(value):
        return {"across": float(matrix[1]), "along": float(matrix[2])}
    number = _PIXELS.match(value)
    prefix = name[:2] if name[:2] in _FIELDS else name[:1]
    return {_FIELDS[prefix]: float(number[1])} if number and prefix in _FIELDS else {}


@dataclass(frozen=True)
class _PrintedStyle:
    """What the classes of an element say, in pixels; `size`, `gap` and spaces before the scale of the line."""

    left: float = 0.0
    bottom: float = 0.0
    width: float = 0.0
    height: float = 0.0
    size: float = 1.0
    gap: float = 0.0
    letter_space: float = 0.0
    word_space: float = 0.0
    across: float = 1.0  # the scale along a line that runs from left to right
    along: float = 0.0  # … along one that runs up the page

    def of(self, element: HtmlElement, styles: ClassStyles) -> _PrintedStyle:
        """The style of an element that stands in one of this style."""
        said = {key: value for name in (element.get("class") or "").split() for key, value in styles.get(name, {}).items()}
        return replace(self, **said) if said else self


@dataclass(frozen=True)
class _Letter:
    """A letter on its line, before the scale."""

    text: str
    left: float
    right: float
    size: float


def _runs(line: HtmlElement, styles: ClassStyles) -> Iterator[PrintedLine]:
    """The runs of a printed line: one, or one a cell."""
    look = _PrintedStyle().of(line, styles)
    boxes = [_PrintedStyle().of(box, styles) for box in line.iterancestors("div") if "c" in (box.get("class") or "").split()]
    left, bottom = look.left + sum(box.left for box in boxes), look.bottom + sum(box.bottom for box in boxes)
    scale = float((look.across**2 + look.along**2) ** 0.5)
    run: list[_Letter] = []
    for letter in [*_letters(line, look, styles, _Pen()), None]:
        if run and (letter is None or _opens_cell(letter, run)):
            text, size = "".join(one.text for one in run), median(one.size for one in run if one.text.strip())
            box = Box(left + run[0].left * scale, bottom, left + _end(run) * scale, bottom + size * scale)
            yield PrintedLine(text, *box, height=size * scale, is_turned=abs(look.along) > abs(look.across))
            run = []
        if letter and (run or letter.text.strip()):
            run.append(letter)


def _opens_cell(letter: _Letter, run: list[_Letter]) -> bool:
    """Whether a letter stands too far from a run to be of it; a bullet stays with its text."""
    says = any(one.text.isalnum() for one in run)
    return says and not letter.text.isspace() and letter.left - _end(run) > CELL_GAP * letter.size


def _end(run: list[_Letter]) -> float:
    return max(letter.right for letter in run if letter.text.strip())


@dataclass
class _Pen:
    """How far a line is written, in pixels before its scale."""

    at: float = 0.0


def _letters(element: HtmlElement, look: _PrintedStyle, styles: ClassStyles, pen: _Pen) -> Iterator[_Letter]:
    """The letters of a line in order; a gap between two words is a space."""
    if (element.get("class") or "").startswith("_ "):
        pen.at += look.gap
        if element.text:
            yield _Letter(" ", pen.at, pen.at, look.size)
        return
    yield from _written(element.text, look, pen)
    for child in element:
        yield from _letters(child, look.of(child, styles), styles, pen)
        yield from _written(child.tail, look, pen)


def _written(text: str | None, look: _PrintedStyle, pen: _Pen) -> Iterator[_Letter]:
    for character in _UNKNOWN.sub(" ", text or ""):
        narrow = character in _NARROW or character.isspace()
        width = _NARROW_WIDTH if narrow else _CAPITAL_WIDTH if character.isupper() else _USUAL_WIDTH
        start = pen.at
        pen.at += width * look.size + look.letter_space + (look.word_space if character == " " else 0.0)
        yield _Letter(character, start, pen.at, look.size)
