"""Digital books (.epub) → Documents: the chapters in reading order, each read as a page of HTML.

This module knows the container of a book; pictures, styles and notes on its margins are left out.
"""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from urllib.parse import unquote

import lxml.etree

from index.cleaning import one_line
from index.document import Document
from index.loaders import archive
from index.loaders.assembly import Block, assemble, without_title
from index.loaders.html.loader import parsed, read_page, titled
from index.loaders.text.encoding import decode
from index.loaders.titles import readable_name

SUFFIXES = (".epub",)
_PAGES = (".xhtml", ".html", ".htm")


def load(path: Path, relative: str) -> Document:
    """Read a book.

    Raises:
        UnreadableDocument: for a broken, protected or dangerous archive.
    """
    archive.check(path)
    with zipfile.ZipFile(path) as book:
        title, chapters = _contents(book)
        blocks: list[Block] = []
        for chapter in chapters:
            blocks += read_page(parsed(decode(book.read(chapter))))[1]
    title = title or readable_name(relative)
    return assemble(relative, title, without_title(titled(blocks, title), title))


def _contents(book: zipfile.ZipFile) -> tuple[str, list[str]]:
    """The title of a book and its chapters: as its package lists them, else every page by name."""
    names = set(book.namelist())
    package = next((name for name in names if name.endswith(".opf")), None)
    chapters: list[str] = []
    title = ""
    if package:
        tree = lxml.etree.fromstring(book.read(package), lxml.etree.XMLParser(resolve_entities=False, no_network=True))
        title = one_line(tree.findtext(".//{*}metadata/{*}title") or "")
        files = {item.get("id"): item.get("href") or "" for item in tree.iterfind(".//{*}manifest/{*}item")}
        read = [files.get(item.get("idref"), "") for item in tree.iterfind(".//{*}spine/{*}itemref")]
        chapters = [posixpath.normpath(posixpath.join(posixpath.dirname(package), unquote(name))) for name in read]
    found = [name for name in chapters if name in names and name.endswith(_PAGES)]
    return title, found or sorted(name for name in names if name.endswith(_PAGES))
