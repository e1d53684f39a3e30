"""HTML pages → Documents: the page's own text, with its headings, lists and tables.

The tree is lxml's. Trafilatura was tried first: on a 60-page guide it dropped the lines that occur
twice (so table rows lost their amounts) and found no heading; here everything outside navigation is
kept. Pages made by pdf2htmlEX keep their page numbers. This module does not run scripts: a page
that draws itself in the browser is empty.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import lxml.html
from lxml.html import HtmlElement

from index.cleaning import clean, furniture, normalise, one_line, repeated_lines, tidy
from index.document import Document
from index.loaders.assembly import (
    Block,
    assemble,
    first_heading,
    meaningful_title,
    readable_name,
    table_blocks,
    without_navigation,
    without_title,
)
from index.loaders.encoding import decode

SUFFIXES = (".html", ".htm", ".xhtml")

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_HEAD_BYTES = 4096  # where browsers look for the charset
# pdf2htmlEX writes a page as <div class="pf …"> and a printed line as <div class="t …">.
_OF_CLASS = "descendant::div[contains(concat(' ', @class, ' '), ' {} ')]"
_NOT_TEXT = frozenset(
    "script style noscript template svg math button select option input textarea iframe object canvas "
    "audio video "
    "head dialog map".split()
)
_NAVIGATION_TAGS = frozenset({"nav", "footer", "aside", "menu"})
_NAVIGATION_ROLES = frozenset(
    {
        "navigation",
        "banner",
        "contentinfo",
        "search",
        "complementary",
        "dialog",
        "alertdialog",
        "menu",
        "menubar",
    }
)
# Words of class and id attributes, as parted by spaces, hyphens and underscores.
_NAVIGATION_WORDS = frozenset(
    "cookie cookies consent tarteaucitron breadcrumb breadcrumbs ariane share sharing partage social related "
    "similaires newsletter sidebar sidemenu skiplink skiplinks nav navbar menu footer pagination popup "
    "modal".split()
)
# An element that holds more of the page than this is the page, whatever its class says.
MAX_NAVIGATION_SHARE = 0.5
_BLOCKS = frozenset(
    "p div section article main header footer body ul ol dl dt dd blockquote pre figure figcaption address "
    "details summary fieldset legend form center tr td th table caption hgroup".split()
)


def load(path: Path, relative: str) -> Document:
    """Read an HTML page."""
    raw = path.read_bytes()
    declared = _CHARSET.search(raw[:_HEAD_BYTES])
    page = _parsed(decode(raw, declared[1].decode("ascii") if declared else ""))
    if sheets := page.xpath(_OF_CLASS.format("pf")):
        return _load_printed(page, sheets, relative)
    blocks = without_navigation(_Reader().read(_content(page)))
    title = _title(page, blocks) or readable_name(relative)
    return assemble(relative, title, without_title(blocks, title))


def fragment_text(source: str) -> str:
    """The text of a piece of HTML, such as a spreadsheet cell; lists keep their marks."""
    if not re.search(r"</?[a-zA-Z][^<>]*>", source):
        return tidy(normalise(html.unescape(source)))
    blocks = _Reader().read(_parsed(f"<body>{source}</body>"))
    return "\n".join(block.text for block in blocks if block.text)


def _parsed(source: str) -> HtmlElement:
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", source)  # lxml refuses a declaration in decoded text
    return lxml.html.document_fromstring(source)


def _title(page: HtmlElement, blocks: list[Block]) -> str:
    """The page's only main heading, else what it says of itself, else its first heading."""
    main = [block.text for block in blocks if block.level == 1]
    said = [*page.xpath("//meta[@property='og:title']/@content"), *page.xpath("//head/title/text()")]
    return main[0] if len(main) == 1 else meaningful_title(said[0] if said else "") or first_heading(blocks)


# ------------------------------------------------------------------------------- what is the page


def _content(page: HtmlElement) -> HtmlElement:
    """The element that holds the page's subject, freed of navigation."""
    body = page.find("body")
    body = page if body is None else body
    total = max(len(body.text_content()), 1)
    for element in list(body.iter()):
        if isinstance(element.tag, str) and element is not body and _leads_elsewhere(element, total):
            element.drop_tree()
    main = body.xpath(".//main|.//*[@role='main']")
    return main[0] if len(main) == 1 and main[0].text_content().strip() else body


def _leads_elsewhere(element: HtmlElement, total: int) -> bool:
    if element.tag in _NOT_TEXT:
        return bool(element.tag != "head")
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if not (_is_navigation(element) or _is_site_header(element)):
        return False
    return bool(len(element.text_content()) <= MAX_NAVIGATION_SHARE * total)


def _is_navigation(element: HtmlElement) -> bool:
    words = re.split(r"[\s_-]+", f"{element.get('class', '')} {element.get('id', '')}".lower())
    said: bool = element.tag in _NAVIGATION_TAGS or element.get("role") in _NAVIGATION_ROLES
    return bool(said or not _NAVIGATION_WORDS.isdisjoint(words))


def _is_site_header(element: HtmlElement) -> bool:
    """True for the header of the site; that of an article holds its title."""
    return element.tag == "header" and not any(a.tag in {"main", "article"} for a in element.iterancestors())


# ----------------------------------------------------------------------------------- tree → blocks


class _Reader:
    """Walks a tree and gathers its blocks; inline elements only add to the running text."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._running: list[str] = []
        self._bullet = ""
        self._tight = False

    def read(self, element: HtmlElement) -> list[Block]:
        """The blocks of an element, in order."""
        self._walk(element)
        self._flush()
        return self._blocks

    def _flush(self, level: int = 0) -> None:
        text = tidy(normalise("".join(self._running)))
        self._running.clear()
        if not text:
            return
        if level:
            self._blocks.append(Block(one_line(text), level))
            return
        self._blocks.append(Block(self._bullet + text, tight=self._tight))
        self._bullet = ""

    def _say(self, text: str | None, preformatted: bool = False) -> None:
        if text:
            self._running.append(text if preformatted else re.sub(r"[ \t\r\n\f]+", " ", text))

    def _walk(self, element: HtmlElement) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if not tag or tag in _NOT_TEXT:
            return
        if tag == "br":
            self._running.append("\n")
        elif tag == "table":
            self._table(element)
        elif re.fullmatch(r"h[1-6]", tag):
            self._flush()
            self._inside(element)
            self._flush(int(tag[1]))
        elif tag == "li":
            self._item(element)
        elif tag in _BLOCKS:
            self._flush()
            self._inside(element)
            self._flush()
        else:
            self._inside(element)

    def _inside(self, element: HtmlElement) -> None:
        preformatted = element.tag == "pre"
        self._say(element.text, preformatted)
        for child in element:
            self._walk(child)
            self._say(child.tail, preformatted)

    def _item(self, element: HtmlElement) -> None:
        self._flush()
        before, self._tight, self._bullet = self._tight, True, "- "
        self._inside(element)
        self._flush()
        self._tight, self._bullet = before, ""

    def _table(self, table: HtmlElement) -> None:
        """A table of data as rows; one that only lays out the page as its content."""
        self._flush()
        rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in table.iter("tr")]
        if table.xpath(".//table|.//h1|.//h2|.//h3|.//h4") or max((len(row) for row in rows), default=0) < 2:
            self._inside(table)
            self._flush()
            return
        for caption in table.iter("caption"):
            self._inside(caption)
            self._flush()
        self._blocks += table_blocks([[one_line(" ".join(cell.itertext())) for cell in row] for row in rows])


# ------------------------------------------------------------------------------ pages of pdf2htmlEX


def _load_printed(page: HtmlElement, sheets: list[HtmlElement], relative: str) -> Document:
    """A PDF turned into HTML: lines placed one by one, without headings or paragraphs."""
    pages = [list(_printed_lines(sheet)) for sheet in sheets]
    repeated = repeated_lines(pages)
    blocks: list[Block] = []
    for number, lines in enumerate(pages, 1):
        dropped = furniture(lines, number, repeated)
        text = clean("\n".join(line for i, line in enumerate(lines) if i not in dropped))
        blocks += [Block(part, page=number) for part in text.split("\n\n")]
    said = meaningful_title(page.findtext(".//title")) or _cover_title(blocks)
    return assemble(relative, said or readable_name(relative), blocks, page_count=len(pages))


MAX_COVER_TITLE = 100


def _cover_title(blocks: list[Block]) -> str:
    """The first line of the cover, when it is as short as a title."""
    line = blocks[0].text.partition("\n")[0] if blocks and blocks[0].page == 1 else ""
    return line if 4 <= len(line) <= MAX_COVER_TITLE and not line.endswith(".") else ""


def _printed_lines(sheet: HtmlElement) -> Iterator[str]:
    for line in sheet.xpath(_OF_CLASS.format("t")):
        if text := one_line(line.text_content()):
            yield text
