"""A tree of content → blocks: headings, paragraphs, lists, definitions, tables, descriptions of images.

This module reads whatever it is given: what of a page is content was settled before.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lxml.html import HtmlElement

from index.cleaning import normalise, one_line, tidy
from index.loaders.assembly import Block, table_blocks
from index.loaders.html.forms import FIELDS, filled
from index.loaders.html.tables import HtmlRow, cell_rows, holds_table, lays_out, parts_of

MAX_LEVEL = 6
# How Word, Google Docs and the cards of sites mark a title that is no heading.
_TITLE_CLASSES = frozenset({"MsoTitle", "title"})
# Fields and buttons say what one may do; a button in a title is the title.
_CONTROLS = frozenset({"button", "select", "option", "input", "textarea", "head"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TITLES = (*_HEADINGS, "summary", "dt", "th", "caption", "legend")
# Parts of a page with headings of their own, which do not govern what follows them: the heading above does again.
_CLOSED = frozenset({"details", "aside", "blockquote", "figure"})
# So do sections, and boxes with a lesser heading (a callout, a card); the heading of a large box may open the page's next part.
_SECTIONS = frozenset({"section", "article"})
_BOX_LEVEL = 3
_BLOCKS = frozenset(
    "p div section article main header footer body ul ol dl dt dd blockquote pre figure figcaption address details summary "
    "fieldset legend form center tr td th table caption hgroup aside label hr menu nav".split()
)
# An alternative of fewer words names a logo, an icon or a photograph; more say what a plan or a poster says.
MIN_ALTERNATIVE_WORDS = 4
# Elements that styles set apart, « Adulte », « 3,50 € », « Électricité »: no word joins these letters.
_SET_APART = re.compile(r"[a-zà-öø-ÿœ]{3}\n[\dA-ZÀ-ÖØ-ÞŒ]|[€%]\n[A-ZÀ-ÖØ-ÞŒ]")
_FILE_NAME = re.compile(r"\S+\.\w{3,4}")


def blocks_of(element: HtmlElement) -> list[Block]:
    """The blocks of an element, in order."""
    return _HtmlReader().read(element)


class _HtmlReader:
    """Walks a tree and gathers its blocks; inline elements only add to the running text."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._running: list[str] = []
        self._pictures: list[str] = []  # descriptions that wait for the end of their paragraph
        self._lead = ""  # what the next paragraph begins with: a bullet, a term
        self._tight = False
        self._preformatted = False
        self._ranks: dict[HtmlElement, int] = {}  # numbered list → the number of its next item
        self._open: list[Block] = []  # headings above, outermost first
        self._floor = 1  # the highest level that a heading may have here
        self._closed: tuple[Block, int] | None = None  # a heading to say again, and the level that ends the need

    def read(self, element: HtmlElement) -> list[Block]:
        self._walk(element)
        self._flush()
        return self._blocks

    # ------------------------------------------------------------------------- running text

    def _say(self, text: str | None) -> None:
        """Add to the running text; a space parts words that styles alone set apart."""
        if text:
            if self._running and _SET_APART.search(f"{self._running[-1][-3:]}\n{text[:1]}"):
                self._running.append(" ")
            self._running.append(text if self._preformatted else re.sub(r"[ \t\r\n\f]+", " ", text))

    def _flush(self) -> None:
        """End the running paragraph."""
        if not self._running and not self._pictures:
            return
        text = tidy(normalise("".join(self._running)))
        self._running.clear()
        if text:
            self._add(Block(self._lead + text, tight=self._tight))
            self._lead = ""
        pictures, self._pictures = self._pictures, []
        for picture in pictures:
            self._add(Block(picture, tight=self._tight))

    def _add(self, block: Block) -> None:
        self._say_again(block)
        self._blocks.append(block)

    # ------------------------------------------------------------------------- headings

    def _title(self, text: str, level: int) -> None:
        """Open a section, no higher than the part it is in allows."""
        block = Block(one_line(text), min(max(level, self._floor), MAX_LEVEL))
        if block.text:
            self._add(block)
            self._open = [above for above in self._open if above.level < block.level] + [block]

    def _taken(self, element: HtmlElement) -> str:
        """The text of an element, as a title or a term holds it."""
        self._flush()
        outer, self._running = self._running, []
        self._inside(element)
        text, self._running = tidy(normalise("".join(self._running))), outer
        return text

    def _heading(self, element: HtmlElement) -> None:
        self._title(self._taken(element), int(element.tag[1]))

    def _summary(self, element: HtmlElement) -> None:
        """The title of what opens: as high as the heading it is written in, or one level below those above."""
        heading = next(element.iter(*_HEADINGS), None)
        written = element.get("aria-level") or ("" if heading is None else heading.tag[1])
        level = _integer(written, (self._open[-1].level if self._open else 1) + 1)
        if heading is not None:
            heading.tag = "span"
        self._title(self._taken(element), level)
        if element.tag == "summary":
            self._floor = level + 1  # until the end of what opens

    def _leave(self, tag: str, outside: list[Block]) -> None:
        """After a part with headings of its own, those above it govern again."""
        own = next((block for block in self._open if block not in outside), None)
        if own is None or own.level < (2 if tag in _CLOSED | _SECTIONS else _BOX_LEVEL):
            return
        above = outside if tag in _CLOSED else [block for block in outside if block.level < own.level]
        if self._blocks[-1].level:
            return  # a box that holds a heading only names what follows it
        self._closed = (above[-1] if above else Block("", 1), own.level)
        self._open = above

    def _say_again(self, block: Block) -> None:
        """After a part with headings of its own, repeat the heading above it, unless a block as high as they were comes next."""
        if self._closed:
            heading, level = self._closed
            self._closed = None
            if not block.level or block.level > level:
                self._blocks.append(heading)

    # ------------------------------------------------------------------------- elements

    def _walk(self, element: HtmlElement) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in FIELDS:
            self._say(filled(element))
            return
        if not tag or (tag in _CONTROLS and not (tag == "button" and self._is_in_title(element))):
            return
        if tag == "br":
            self._running.append("\n")
        elif tag == "q":
            self._running.append("« ")
            self._inside(element)
            self._running.append(" »")
        elif tag in _HEADINGS:
            self._heading(element)
        elif tag == "p" and not _TITLE_CLASSES.isdisjoint((element.get("class") or "").split()):
            self._summary(element) if self._blocks else self._title(self._taken(element), 1)
        elif tag == "img" or element.get("role") == "img":
            self._picture(element)
        elif read := {"table": self._table, "li": self._item, "dl": self._definitions, "summary": self._summary}.get(tag):
            read(element)
        else:
            self._block(element) if tag in _BLOCKS else self._inside(element)

    @staticmethod
    def _is_in_title(button: HtmlElement) -> bool:
        return any(True for _ in button.iterancestors(*_TITLES))

    def _block(self, element: HtmlElement) -> None:
        outside, floor = self._open, self._floor
        self._flush()
        self._inside(element)
        self._flush()
        if element.tag in _CLOSED | _SECTIONS or element.tag == "div":
            self._floor = floor
            self._leave(element.tag, outside)

    def _inside(self, element: HtmlElement) -> None:
        outside, self._preformatted = self._preformatted, self._preformatted or element.tag == "pre"
        self._say(element.text)
        for child in element:
            self._walk(child)
            self._say(child.tail)
        self._preformatted = outside

    def _item(self, element: HtmlElement) -> None:
        self._flush()
        if re.search(r"[^\W\d_]{2}", self._lead):  # a term above its list
            self._add(Block(self._lead.rstrip(), tight=self._tight))
        before, self._tight, self._lead = self._tight, True, self._bullet(element)
        self._inside(element)
        self._flush()
        self._tight, self._lead = before, ""

    def _bullet(self, item: HtmlElement) -> str:
        """« - », or the number that browsers show before an item of a numbered list."""
        numbered = item.getparent()
        kind = "-" if numbered is None or numbered.tag != "ol" else numbered.get("type") or "1"
        if kind not in {"1", "a", "A", "i", "I"}:
            return "- "
        is_reversed = numbered.get("reversed") is not None
        first = _integer(numbered.get("start"), len(numbered.findall("li")) if is_reversed else 1)
        rank = _integer(item.get("value"), self._ranks.get(numbered, first))
        self._ranks[numbered] = rank + (-1 if is_reversed else 1)
        return f"{_numeral(rank, kind)}. "

    def _definitions(self, element: HtmlElement) -> None:
        """A term and what it says on one line: « Délai : 6 semaines »."""
        self._flush()
        before = self._tight
        terms: list[str] = []
        defined = False
        for part in _definition_parts(element):
            if part.tag == "dt":
                terms = [*([] if defined else terms), one_line(self._taken(part))]
                defined = False
                continue
            if part.tag == "dd":
                self._lead = _named(", ".join(filter(None, terms)))
                defined = True
            self._walk(part)
            self._flush()
            if self._lead:  # nothing is said of the term
                self._add(Block(self._lead.rstrip(), tight=self._tight))
            self._tight, self._lead = True, ""
        if terms and not defined:
            self._add(Block(", ".join(terms), tight=self._tight))
        self._tight = before

    def _picture(self, element: HtmlElement) -> None:
        """Keep the description of a picture, unless it is short, a file's name, or in its caption already."""
        said = one_line(element.get("alt") or element.get("aria-label") or "")
        drawn = element.get("role") in {"presentation", "none"} or _FILE_NAME.fullmatch(said) or said.lower().startswith("logo")
        captioned = said in one_line(element.xpath("string(ancestor::figure[1]//figcaption)"))
        if not drawn and not captioned and len(said.split()) >= MIN_ALTERNATIVE_WORDS:
            self._pictures.append(said)
        if element.tag != "img":
            self._inside(element)

    # ------------------------------------------------------------------------- tables

    def _table(self, table: HtmlElement) -> None:
        """A table of data as rows; one that only lays out the page as its content."""
        rows = cell_rows(table)
        if lays_out(table, rows):
            self._block(table)
            return
        self._flush()
        for caption in table.iterchildren("caption"):
            self._block(caption)
        plain: list[HtmlRow] = []
        for row in rows:
            if not holds_table(row):
                plain.append(row)
                continue
            self._rows(plain)
            plain = []
            for cell in row:  # the name of a cell, then the table inside the next one
                self._block(cell)
        self._rows(plain)

    def _rows(self, rows: list[HtmlRow]) -> None:
        for part in parts_of(rows, _cell_text):
            for i, block in enumerate(table_blocks(part.rows, header_rows=part.header_rows)):
                self._add(replace(block, tight=i > 0))


def _cell_text(cell: HtmlElement) -> str:
    """The paragraphs and items of a cell on one line."""
    if not len(cell):
        return one_line(cell.text or "")
    text = ""
    for block in filter(lambda one: one.text, blocks_of(cell)):
        between = "" if not text else " " if text[-1] in ".;:,!?" else " ; "
        text += between + one_line(block.text.removeprefix("- "))
    return text


def _named(term: str) -> str:
    return "" if not term else f"{term} " if term.endswith("?") else f"{term.rstrip(' :')} : "


def _definition_parts(element: HtmlElement) -> list[HtmlElement]:
    """The terms and definitions of a list, through the boxes that group them."""
    parts: list[HtmlElement] = []
    for child in element:
        parts += _definition_parts(child) if child.tag == "div" else [child]
    return parts


def _numeral(rank: int, kind: str) -> str:
    """A rank in the figures or letters of a list: « 4 », « d », « IV »."""
    if kind in "aA" and 1 <= rank <= 26:
        return chr(ord(kind) + rank - 1)
    if kind in "iI" and 1 <= rank < 40:
        roman = "X" * (rank // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[rank % 10]
        return roman if kind == "I" else roman.lower()
    return str(rank)


def _integer(written: str | None, otherwise: int) -> int:
    return int(written) if written and re.fullmatch(r"-?\d{1,6}", written) else otherwise
