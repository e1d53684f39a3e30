"""The headings of a PDF file: its bookmarks, else its large, bold or numbered lines; and its title.

Levels come from the bookmarks, else from the size, then from the order in which numberings appear
(« I. » above « 1. » above « 1.1 »). Knows printed lines only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

import pypdfium2 as pdfium

from index.cleaning import one_line
from index.loaders.pdf.printed import PrintedLine, PrintedPage

MAX_HEADING = 150  # characters
MAX_ARTICLE = 300  # characters of the heading of a part of a legal text, which may tell all of it
DIVISIONS = ("division", "section", "article")
# Larger than the body by a tenth: 10 points over 9 is the smallest heading of the files tried.
HEADING_SIZE = 1.1
HEADING_LEVELS = 6
MAX_COUNTED = 60  # characters of a numbered heading in the letters of the body
MIN_COUNTED = 3  # such headings in a document
MAX_BOLD = 0.4  # share of bold letters above which bold marks no heading
# The first page's largest text is a title only when it stands out from the rest of the document.
TITLE_SIZE = 1.4

Heading = tuple[int, str]  # level and name
Headings = dict[int, Heading | None]  # id of a line → its heading; None: the second line of one already told

_STARTS_A_HEADING = re.compile(r"(?=.*[^\W\d_]{3})[\W\d_]*[^\W\d_a-zà-öø-ÿ]")
# The numberings of headings, as text and as what tells one kind from another.
_NUMBERINGS = (
    ("division", re.compile(r"(?:titre|chapitre|partie|livre|annexe)\s+(?:[IVXLC]+|\d+|premier|[A-Z])\b", re.IGNORECASE)),
    ("section", re.compile(r"section\s+(?:[IVXLC]+|\d+)\b", re.IGNORECASE)),
    ("article", re.compile(r"art(?:icle|\.)\s+(?:\d+|premier|1er|[LRD]\.)", re.IGNORECASE)),
    ("decimal", re.compile(r"\d{1,2}(?:\.\d{1,2}){0,4}\.?\s?[-–—)]?\s+(?=\D)")),
    ("roman", re.compile(r"[IVX]{1,5}\s?[.)/–—-]+\s+")),
    ("letter", re.compile(r"[A-Z]\s?[.)/–—-]+\s+")),
)


class _HeadingStyle(NamedTuple):
    """What a kind of heading looks like; sorted, the highest first."""

    smallness: float
    rank: int  # of its numbering, by order of appearance
    is_light: bool


def outline(pdf: pdfium.PdfDocument) -> list[tuple[int, int, str]]:
    """The bookmarks of a PDF as (level, page, title); empty when it has none."""
    entries = []
    for bookmark in pdf.get_toc(max_depth=6):
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        if page is not None and (name := one_line(bookmark.get_title())):
            entries.append((bookmark.level + 1, page + 1, name))
    return entries


def headings(pages: Sequence[PrintedPage], marks: Sequence[tuple[int, int, str]], title: str) -> Headings:
    """The headings of a document among its lines: its bookmarks' when half of them are found, else by their looks."""
    found = _outline_headings(pages, marks)
    told = sum(heading is not None for heading in found.values())
    return found if marks and told >= len(marks) / 2 else _printed_headings(pages, title)


# -------------------------------------------------------------------------------------- bookmarks


def _key(text: str) -> str:
    """A heading without its number, spaces and marks, to find a bookmark in the printed lines."""
    return re.sub(r"[\W_]+", "", re.sub(r"^(?:[\dIVX]+[.)-]?)+\s+", "", text).casefold())


def _outline_headings(pages: Sequence[PrintedPage], marks: Sequence[tuple[int, int, str]]) -> Headings:
    """Find the bookmarks among the printed lines of their pages; a heading may take two lines."""
    found: Headings = {}
    for level, number, name in marks:
        page = pages[number - 1].lines if number <= len(pages) else []
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


# ------------------------------------------------------------------------------------------ looks


def _printed_headings(pages: Sequence[PrintedPage], title: str) -> Headings:
    """Short lines that are larger or bolder than the body, or that carry a number and stand alone."""
    lines = [line for page in pages for line in page.lines]
    if not lines:
        return {}
    body = _usual_size(lines)
    lines = [line for line in lines if not line.cells]
    counted = _counted(lines)
    letters = sum(len(line.text) for line in lines)
    bold_tells = sum(len(line.text) for line in lines if line.bold) <= MAX_BOLD * letters
    groups = [group for page in pages for group in _groups(page.lines, body, bold_tells, counted)]
    ranks: dict[str, int] = {}
    for group in groups:
        if kind := _numbering(group[0].text):
            ranks.setdefault(kind, len(ranks))
    styles = {id(group[0]): _style(group[0], ranks) for group in groups}
    levels = {style: min(level, HEADING_LEVELS) for level, style in enumerate(sorted(set(styles.values())), 1)}
    found: Headings = {}
    for group in groups:
        name = _name(group)
        found[id(group[0])] = (levels[styles[id(group[0])]], name) if name != title else None
        found |= {id(line): None for line in group[1:]}
    return found


def _usual_size(lines: Sequence[PrintedLine]) -> float:
    sizes = Counter[float]()
    for line in lines:
        sizes[_size(line)] += len(line.text)
    return sizes.most_common(1)[0][0]


def _groups(lines: Sequence[PrintedLine], body: float, bold_tells: bool, counted: frozenset[int]) -> Iterator[list[PrintedLine]]:
    """The lines of each heading of a page: those of one look in a row, unless they read as a paragraph."""

    def look(line: PrintedLine) -> tuple[float, bool] | None:
        is_large, is_bold = _size(line) >= HEADING_SIZE * body, line.bold and bold_tells and _size(line) >= 0.95 * body
        is_title = is_large if line.cells else is_large or is_bold  # a title across a table is larger than its rows
        return (_size(line), line.bold) if is_title and len(line.cells) < 2 and not line.is_turned else None

    for key, run in groupby(lines, key=look):
        for group in _split_at_numbers(list(run)) if key else ([line] for line in run):
            is_told = key or _stands_as_article(group)
            if id(group[0]) in counted or (is_told and _reads_as_heading(_name(group)) and not _goes_on(group[-1], lines)):
                yield group


def _goes_on(line: PrintedLine, lines: Sequence[PrintedLine]) -> bool:
    """True when the line below ends its sentence in the same size: bold words open a paragraph."""
    after = next((after for before, after in pairwise(lines) if before is line), None)
    return after is not None and after.text[:1].islower() and line.height < HEADING_SIZE * after.height


def _split_at_numbers(run: Sequence[PrintedLine]) -> Iterator[list[PrintedLine]]:
    """A numbered line, or one after a blank, opens another heading: « Titre I », « Article 1 »."""
    group: list[PrintedLine] = []
    for line in run:
        if group and (_numbering(line.text) or group[-1].bottom - line.top > 0.9 * line.height):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _counted(lines: Sequence[PrintedLine]) -> frozenset[int]:
    """The short lines « 1. Objet », « 2. Durée »… that count the parts of a document: text stands between them.

    The items of a list follow each other, or run to the end of their line.
    """
    numbered = {
        i: int(match[1])
        for i, line in enumerate(lines)
        if (match := re.match(r"(\d{1,2})\s?[.)–-]\s", line.text)) and len(line.text) <= MAX_COUNTED and not line.is_turned
    }
    in_order = list(numbered.values()) == list(range(1, len(numbered) + 1))
    is_apart = all(after - before > 1 for before, after in pairwise([*numbered, len(lines)]))
    return frozenset(id(lines[i]) for i in numbered) if len(numbered) >= MIN_COUNTED and in_order and is_apart else frozenset()


def _stands_as_article(group: Sequence[PrintedLine]) -> bool:
    """« Article 2 » alone on a line is a heading in any letters; other numbers open items of lists too."""
    line = group[0]
    return not line.cells and _numbering(line.text) in DIVISIONS and len(line.text) <= 60


def _reads_as_heading(name: str) -> bool:
    longest = MAX_ARTICLE if _numbering(name) in DIVISIONS else MAX_HEADING
    return len(name) <= longest and not name.endswith((".", ",", ";")) and bool(_STARTS_A_HEADING.match(name))


def _style(line: PrintedLine, ranks: dict[str, int]) -> _HeadingStyle:
    kind = _numbering(line.text)
    return _HeadingStyle(-_size(line), ranks.get(kind, 0), not line.bold)


def _numbering(text: str) -> str:
    """The kind of a heading's number: « decimal 2 » for « 1.2 Durée »; empty when it has none."""
    for kind, pattern in _NUMBERINGS:
        if match := pattern.match(text):
            depth = len(re.findall(r"\d+", match[0])) if kind == "decimal" else 1
            return f"{kind} {depth}" if kind == "decimal" else kind
    return ""


def _name(group: Sequence[PrintedLine]) -> str:
    return " ".join(line.text + ("-" if line.cut else "") for line in group)


def _size(line: PrintedLine) -> float:
    """The size of a line's letters, to the half point."""
    return round(2 * line.height) / 2


# ------------------------------------------------------------------------------------------ title


def largest_text(pages: Sequence[PrintedPage]) -> str:
    """The first large lines of the first page, joined; empty when none stands out or when they are numbered."""
    first = next((page.lines for page in pages if page.lines), [])
    body = median([line.height for page in pages for line in page.lines] or [0.0])
    first = [line for line in first if not line.is_turned]
    largest = max(map(_size, first), default=0.0)
    if largest < TITLE_SIZE * body:
        return ""
    group = next(list(run) for size, run in groupby(first, key=_size) if size == largest)
    title = _name(group)
    return title if 4 <= len(title) <= MAX_HEADING and not _numbering(title) and re.search(r"[^\W\d_]{3}", title) else ""
