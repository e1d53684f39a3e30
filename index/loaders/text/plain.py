"""Plain text files → Documents: paragraphs, lists, and the titles that their layout shows.

A line stands as a title when it is underlined, or when it stands alone above text, numbered or in
capitals. A text with Markdown headings is read as Markdown. This module knows no French word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from index.cleaning import clean, furniture, repeated_lines
from index.document import Document
from index.loaders.assembly import Block, assemble, table_blocks, without_title
from index.loaders.text.drawn_tables import parted
from index.loaders.text.encoding import read_text
from index.loaders.text.markdown import load_markdown
from index.loaders.titles import readable_name

SUFFIXES = (".txt",)

_MARKDOWN = re.compile(r"\A\s*# \S|^#{2,6} \S", re.MULTILINE)
_UNDERLINED = re.compile(r"^(?=.*\w)(.{2,100})\n([=\-_~*])\2{2,}[ \t]*$", re.MULTILINE)
_MAIN_UNDERLINE = "="
# « 2.1 Modalités », « III – Recettes », « Article 4 : durée »: a number, after a word or not; an address is none.
_NUMBERED = re.compile(
    r"(?:[^\W\d_]{3,12} )?(\d{1,2}(?:\.\d{1,2})*|[IVXL]{1,5})(?:[.)°]\s?|\s?:\s|\s[–—-]\s|(?<=\.\d)\s|(?<=\.\d\d)\s)(?=[^\W\d_«])"
)
MAX_TITLE = 100  # characters
_OPEN_TITLE, _CLOSE_TITLE = "\ue000", "\ue001"  # around a title found before the text is cleaned
# No one wraps lines this long by hand: where one stands, a line break ends a paragraph.
_LONGEST_WRAPPED_LINE = 160


def load(path: Path, relative: str) -> Document:
    """Read a plain text file; a title with a line of « = » under it at its head is the document's."""
    text = read_text(path)
    if _MARKDOWN.search(text):
        return load_markdown(text, relative)
    pages = _without_furniture(text.rstrip("\f \n").split("\f"))
    blocks = [replace(block, page=number) for number, page in enumerate(pages, 1) for block in plain_blocks(page)]
    title = blocks[0].text if blocks and blocks[0].level == 1 else readable_name(relative)
    return assemble(relative, title, without_title(blocks, title), page_count=len(pages) if len(pages) > 1 else 0)


def _without_furniture(pages: list[str]) -> list[str]:
    """The pages of a printed text without what repeats on them and their numbers; a text of one page as it is."""
    if len(pages) == 1:
        return pages
    lines = [page.strip("\n").split("\n") for page in pages]
    repeated = repeated_lines(lines)
    dropped = [furniture(page, number, repeated) for number, page in enumerate(lines, 1)]
    kept = [[line for i, line in enumerate(page) if i not in out] for page, out in zip(lines, dropped, strict=True)]
    return ["\n".join(page) for page in kept]


def plain_blocks(text: str) -> list[Block]:
    """The blocks of a text without markup."""
    blocks: list[Block] = []
    parts = list(parted(re.sub(r"\r\n?", "\n", text)))
    for i, part in enumerate(parts, 1):
        blocks += _written_blocks(part, above_table=i < len(parts)) if isinstance(part, str) else table_blocks(part)
    return blocks


def _written_blocks(text: str, above_table: bool) -> list[Block]:
    marked = _UNDERLINED.sub(lambda found: f"\n\n{_OPEN_TITLE}{found[2]}{found[1].strip()}{_CLOSE_TITLE}\n\n", text)
    parts = [part for block in clean(marked).split("\n\n") for part in _unwrapped(block) if part.strip()]
    return list(_titled(parts, above_table))


def _unwrapped(block: str) -> list[str]:
    """The paragraphs of a block: its lines, when they are not wrapped (text copied from a web page)."""
    lines = block.split("\n")
    return lines if max(map(len, lines)) > _LONGEST_WRAPPED_LINE else [block]


def _titled(parts: list[str], above_table: bool) -> Iterator[Block]:
    """Tell titles from text: a line that can be one, above text or a lower title, and not in a list of its likes."""
    levels = [_title_level(part) for part in parts]
    for i, (part, level) in enumerate(zip(parts, levels, strict=True)):
        if part.startswith(_OPEN_TITLE):
            yield Block(part[2:].removesuffix(_CLOSE_TITLE), 1 if part[1] == _MAIN_UNDERLINE else 2)
            continue
        opens = (not levels[i + 1] or levels[i + 1] > level) if i + 1 < len(parts) else above_table
        listed = i > 0 and levels[i - 1] == level
        yield Block(part, level if level and opens and not listed else 0)


def _title_level(part: str) -> int:
    """The level that a paragraph would have as a title: one short line, numbered or in capitals, that no mark ends.

    « II – Recettes » and capitals stand under the title of the document, « 2. Modalités » below, « 2.1 » under « 2 ».
    """
    if "\n" in part or len(part) > MAX_TITLE or part.endswith((".", ";", ",", "…")) or len(re.findall(r"[^\W\d_]", part)) < 4:
        return 0
    number = _NUMBERED.match(part)
    if number and number[1][0].isdigit():
        return min(3 + number[1].count("."), 6)
    return 2 if number or part.isupper() else 0
