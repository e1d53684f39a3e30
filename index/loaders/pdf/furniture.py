"""The pages of a PDF file without what repeats from page to page: headers, footers, page numbers, contents.

A header or footer stands at the edge of the page, apart from its text, and follows the pages: a closing
line that several pages share (« adopté à l'unanimité ») is content. Knows lines and places, no sections.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from statistics import median

from index.cleaning import furniture_keys, is_chrome, is_contents_line, is_page_number, one_line
from index.loaders.pdf.printed import PrintedLine, PrintedPage

# Shares of the page's height: a line within the first is at the edge; within the second it is when a
# gap larger than this many usual steps parts it from the text.
EDGE = 0.08
FAR_EDGE = 0.15
GAP = 1.3
MIN_PAGES = 3  # with fewer, a repetition proves nothing
MIN_SHARE = 0.5  # of the pages from its first to its last: left pages alone, one chapter
WATERMARK = 2.0  # times the height of the usual line
LARGE = 1.1  # a numbered line larger than the text is a title: « Délibération 12 »
# This many dotted lines make a page of contents; there, any line that ends with a number is an entry.
MIN_CONTENTS_LINES = 5


def without_furniture(pages: Sequence[PrintedPage]) -> list[PrintedPage]:
    """Drop headers, footers, page numbers, watermarks and the lines of tables of contents."""
    body = median([line.height for page in pages for line in page.lines] or [0.0])
    margins = [{id(line) for line in _margins(page)} for page in pages]
    repeated = _repeated(pages, margins)
    marks = _watermarks(pages, body)
    kept = []
    for number, (page, margin) in enumerate(zip(pages, margins, strict=True), 1):
        lines = [
            line
            for line in page.lines
            if not (id(line) in margin and _is_furniture(line, page, number, repeated, body)) and line.text not in marks
        ]
        kept.append(replace(page, lines=lines))
    entries = _contents_entries(kept)
    return [replace(page, lines=_without_contents(page.lines, entries)) for page in kept]


def _margins(page: PrintedPage) -> Iterator[PrintedLine]:
    """The lines at the top and bottom edges of a page, and along its sides; a table is there as a whole."""
    height = page.box.top - page.box.bottom
    downward = sorted((line for line in page.lines if not line.is_turned), key=lambda line: -line.top)
    yield from (line for line in page.lines if line.is_turned)
    steps = [above.bottom - line.top for above, line in zip(downward, downward[1:], strict=False)]
    usual = median([step for step in steps if step > 0] or [0.0])
    for from_top in (True, False):
        ordered = downward if from_top else downward[::-1]
        depths = [page.box.top - line.bottom if from_top else line.top - page.box.bottom for line in ordered]
        edge = [line for line, depth in zip(ordered, depths, strict=True) if depth <= EDGE * height]
        far = [line for line, depth in zip(ordered, depths, strict=True) if depth <= FAR_EDGE * height]
        for count in range(len(far), len(edge), -1):
            after = ordered[count] if count < len(ordered) else None
            gap = max(far[count - 1].bottom - after.top, after.bottom - far[count - 1].top) if after else 0.0
            if gap > max(GAP * usual, 0.5 * far[count - 1].height):
                edge = far[:count]
                break
        if not edge or len(edge) == len(ordered) or not (edge[-1].cells and ordered[len(edge)].cells):
            yield from edge


def _repeated(pages: Sequence[PrintedPage], margins: Sequence[Collection[int]]) -> frozenset[str]:
    """What stands in the margins of at least half the pages between its first and its last."""
    seen: dict[str, list[int]] = {}
    for number, (page, margin) in enumerate(zip(pages, margins, strict=True), 1):
        for key in {key for line in page.lines if id(line) in margin for key in furniture_keys(line.text, number)}:
            seen.setdefault(key, []).append(number)
    return frozenset(
        key for key, found in seen.items() if len(found) >= MIN_PAGES and len(found) >= MIN_SHARE * (found[-1] - found[0] + 1)
    )


def _is_furniture(line: PrintedLine, page: PrintedPage, number: int, repeated: frozenset[str], body: float) -> bool:
    if is_page_number(line.text) or line.text.strip(" -–—") in (page.label, str(number)):
        return True
    same = one_line(re.sub(r"[‐-―−]", "-", line.text.casefold()))
    keys = furniture_keys(line.text, number) if line.height <= LARGE * body else {same}
    return not repeated.isdisjoint(keys)


def _watermarks(pages: Sequence[PrintedPage], body: float) -> frozenset[str]:
    """Large words that stand at one place on most pages."""
    seen: dict[tuple[str, int, int], int] = {}
    for page in pages:
        for line in page.lines:
            if line.height >= WATERMARK * body:
                key = (line.text, round(line.left), round(line.bottom))
                seen[key] = seen.get(key, 0) + 1
    return frozenset(text for (text, _, _), n in seen.items() if n >= max(MIN_PAGES, MIN_SHARE * len(pages)))


# --------------------------------------------------------------------------------------- contents

_ENTRY = re.compile(r"(.*[^\W\d_]{3}.*?)[\s.…]*\s(\d{1,4})")


def _contents_entries(pages: Sequence[PrintedPage]) -> frozenset[int]:
    """The lines (by id) that name a line printed further on and end with its page, in the order of pages."""
    printed: dict[str, int] = {}
    for number, page in enumerate(pages, 1):
        for line in page.lines:
            printed[_plain(line.text)] = number
    found: set[int] = set()
    for number, page in enumerate(pages, 1):
        entries = [(line, match) for line in page.lines if not line.cells and (match := _ENTRY.fullmatch(line.text))]
        numbers = [int(match[2]) for _, match in entries]
        named = sum(printed.get(_plain(match[1]), 0) > number for _, match in entries)
        if len(entries) >= MIN_CONTENTS_LINES and numbers == sorted(numbers) and named >= MIN_SHARE * len(entries):
            found |= {id(line) for line, _ in entries}
    return frozenset(found)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _without_contents(lines: Sequence[PrintedLine], entries: Collection[int]) -> list[PrintedLine]:
    if sum(line.text[-1:].isdigit() and is_contents_line(line.text) for line in lines) >= MIN_CONTENTS_LINES:
        lines = [line for line in lines if line.cells or not re.search(r" \d{1,4}$", line.text)]
    return [line for line in lines if id(line) not in entries and not is_chrome(line.text)]
