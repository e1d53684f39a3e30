"""HTML pages → Documents: the page's own text, with its headings, lists and tables.

The tree is lxml's. Trafilatura (2.3) reads less: on a 60-page guide it dropped the lines that occur twice,
so table rows lost their amounts; on pages of town halls it lost asides, a section of class « social »
and the names of panels and columns, and kept struck texts. Here what is not navigation is kept. Pages
made by pdf2htmlEX keep their page numbers. This module does not run scripts: a page that draws itself in
the browser is empty.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from index.cleaning import clean, join_hyphens, normalise, tidy
from index.document import Document
from index.loaders.assembly import Block, assemble, table_blocks, without_navigation, without_title
from index.loaders.html.blocks import blocks_of
from index.loaders.html.content import drop_site, drop_unread, main_parts
from index.loaders.html.forms import make_definitions
from index.loaders.html.notes import settle_notes
from index.loaders.html.panels import open_panels
from index.loaders.html.printed import printed_pages, sheets_of
from index.loaders.html.style import styles_of
from index.loaders.html.tables import make_tables
from index.loaders.pdf.furniture import without_furniture
from index.loaders.pdf.headings import Headings, headings, largest_text
from index.loaders.pdf.printed import PARAGRAPH_STEP, PrintedLine
from index.loaders.text.encoding import decode
from index.loaders.titles import first_heading, meaningful_title, readable_name

SUFFIXES = (".html", ".htm", ".xhtml")

_CHARSET = re.compile(rb"<(?:meta[^>]{0,200}charset|\?xml[^>]{0,80}encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
# Pictures and fonts that a saved page carries within it: most of its bytes, and no text.
_EMBEDDED = re.compile(rb"data:[\w/+.-]{3,80};(?:charset=[\w-]+;)?base64,[A-Za-z0-9+/=%]{100,}")
_HEAD_BYTES = 4096  # where browsers look for the charset
_A_TAG = re.compile(rf"</?(?:{'|'.join(sorted(lxml.html.defs.tags))})\b[^<>]*>", re.IGNORECASE)


def load(path: Path, relative: str) -> Document:
    """Read an HTML page."""
    page = parsed(_decoded(path.read_bytes()))
    if sheets_of(page):
        return _load_printed(page, relative)
    formulas, drawn = len(page.findall(".//math")), page.find(".//script") is not None
    title, blocks = read_page(page)
    title = title or readable_name(relative)
    remarks = [f"Formules non lues ({formulas}) : enregistrez cette page en .pdf."] if formulas else []
    if drawn and not blocks:
        remarks = ["Cette page se dessine par un script : enregistrez-la depuis un navigateur, complète, ou en .pdf."]
    return assemble(relative, title, without_title(titled(blocks, title), title), remarks=remarks)


def read_page(page: HtmlElement) -> tuple[str, list[Block]]:
    """The title that a page gives itself, or nothing, and its blocks without navigation."""
    blocks = without_navigation([block for part in _content(page, of_site=True) for block in blocks_of(part)])
    return _title(page, blocks), blocks


def fragment_blocks(source: str) -> list[Block]:
    """The blocks of a piece of HTML that is content from end to end: Markdown, the cell of a spreadsheet."""
    return [block for part in _content(parsed(f"<body>{source}</body>"), of_site=False) for block in blocks_of(part)]


def fragment_text(source: str) -> str:
    """The text of a piece of HTML; lists keep their marks, and what is no tag stays (« < 10 agents »)."""
    if not _A_TAG.search(source):
        return tidy(normalise(html.unescape(source)))
    return "\n".join(block.text for block in fragment_blocks(source) if block.text)


def titled(blocks: list[Block], title: str) -> list[Block]:
    """Give the title's words to the headings that have none: they say that what follows stands under it again."""
    return [replace(block, text=title) if block.level and not block.text else block for block in blocks]


def parsed(source: str) -> HtmlElement:
    """The tree of a page; strict XHTML is read as XML, where <a/> and <script/> are closed.

    Raises:
        lxml.etree.ParserError: for a source without any element or text.
    """
    declared = re.match(r"\s*<\?xml[^>]*\?>", source)
    source = source[declared.end() :] if declared else source
    if declared:
        try:
            return _strict(source)
        except lxml.etree.XMLSyntaxError:
            pass  # browsers forgive, and so does the parser of HTML
    return lxml.html.document_fromstring(source)


def _strict(source: str) -> HtmlElement:
    named = re.sub(r"&(?!(?:amp|lt|gt|quot|apos);)\w+;", lambda entity: html.unescape(entity[0]), source)
    page = lxml.etree.fromstring(named.encode("utf-8"), lxml.html.XHTMLParser(resolve_entities=False, no_network=True))
    lxml.html.xhtml_to_html(page)
    return page


def _decoded(raw: bytes) -> str:
    declared = _CHARSET.search(raw[:_HEAD_BYTES])
    return decode(_EMBEDDED.sub(b"data:,", raw), declared[1].decode("ascii") if declared else "")


def _title(page: HtmlElement, blocks: list[Block]) -> str:
    """The page's only main heading, else what it says of itself, else its first heading."""
    main = list(dict.fromkeys(block.text for block in blocks if block.level == 1 and block.text))
    said = [*page.xpath("//meta[@property='og:title']/@content"), *page.xpath("//head/title/text()")]
    return main[0] if len(main) == 1 else meaningful_title(said[0] if said else "") or first_heading(blocks)


def _content(page: HtmlElement, of_site: bool) -> list[HtmlElement]:
    """The elements of a page that hold its content, in the form that `blocks_of` reads.

    Args:
        of_site: the page is one of a site, whose navigation leaves; False for a piece that is content from end to end.
    """
    body = page.find("body")
    body = page if body is None else body
    styles = styles_of(page)
    for shadow in body.xpath(".//template[@shadowrootmode or @shadowroot]"):
        shadow.tag = "div"  # how saved pages keep what a component draws
    open_panels(body, styles)
    make_tables(body)
    make_definitions(body)
    drop_unread(body, styles)
    settle_notes(body, styles)
    if of_site:
        drop_site(body)
    return main_parts(body) if of_site else [body]


# ------------------------------------------------------------------------------ pages of pdf2htmlEX


def _load_printed(page: HtmlElement, relative: str) -> Document:
    """A PDF turned into HTML: lines placed one by one, whose size and place tell headings, columns and tables."""
    pages = without_furniture(printed_pages(page))
    said = meaningful_title(page.findtext(".//title")) or largest_text(pages) or _cover_title(pages[0].lines)
    title = said or readable_name(relative)
    told = headings(pages, (), title)
    blocks = [block for number, sheet in enumerate(pages, 1) for block in _printed_blocks(sheet.lines, told, number)]
    unread = sum(block.text.count("\ufffd") for block in blocks)
    remarks = [f"Signes sans lettre connue ({unread}), écrits « \ufffd »."] if unread else []
    return assemble(relative, title, blocks, page_count=len(pages), remarks=remarks)


MAX_COVER_TITLE = 100  # characters


def _cover_title(cover: Sequence[PrintedLine]) -> str:
    """The first line of the cover, when it is as short as a title."""
    line = cover[0].text if cover else ""
    return line if 4 <= len(line) <= MAX_COVER_TITLE and not line.endswith(".") else ""


def _printed_blocks(lines: Sequence[PrintedLine], headings: Headings, page: int) -> Iterator[Block]:
    """The headings, paragraphs and tables of a printed page."""
    for kind, run in groupby(lines, key=lambda line: "heading" if id(line) in headings else "row" if line.cells else "text"):
        part = list(run)
        if kind == "heading":
            yield from (Block(_whole(found[1]), found[0]) for line in part if (found := headings[id(line)]))
        elif kind == "row":
            yield from table_blocks([line.cells for line in part], page=page)
        else:
            yield from (Block(text, page=page) for text in clean(_spaced(part)).split("\n\n"))


def _whole(heading: str) -> str:
    """A heading over several lines without the hyphens that cut its words."""
    return join_hyphens(heading.replace("- ", "-\n")).replace("\n", " ")


def _spaced(lines: Sequence[PrintedLine]) -> str:
    """Lines with a blank one where they stand further apart than usual, or turn to another column."""
    steps = [above.top - line.top for above, line in pairwise(lines)]
    usual = median([step for step in steps if step > 0] or [0.0])
    joints = ["\n" if 0 <= step <= PARAGRAPH_STEP * usual else "\n\n" for step in steps]
    return "".join(line.text + joint for line, joint in zip(lines, [*joints, ""], strict=True))
