"""The XML that OpenDocument texts, presentations and spreadsheets share.

Read with lxml: to parse a real 4 MB spreadsheet odfpy took 1.0 s, lxml 0.04 s, and it can read row by row. This
module does not know what the parts of a document are: `text` and `sheets` do.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from index.loaders.symbols import raised

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
# Indexes name what stands elsewhere; the deleted text of tracked changes is kept apart; comments, and what describes
# a picture, are not on the page; numbers of pages mean nothing without pages.
NOT_TEXT = frozenset(
    f"{TEXT}{name}" for name in (
        "table-of-content alphabetical-index illustration-index table-index object-index user-index tracked-changes "
        "sequence-decls variable-decls user-field-decls ruby-text page-number page-count"
    ).split()
) | {f"{OFFICE}annotation", f"{OFFICE}forms", f"{OFFICE}scripts", f"{SVG}title", f"{SVG}desc"}  # fmt: skip
_BREAKS = {f"{TEXT}s": " ", f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
# A cell can say « repeated 16384 times »; past a few, the repetition is formatting.
MAX_REPEATED = 50


def parsed(path: Path, member: str) -> Any:
    """The root of a member (of the whole file, when it is one XML), read without entities or network.

    Raises:
        KeyError: when the member is absent.
    """
    # Identifiers are not collected: files that programs open have some twice.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, collect_ids=False)
    if not zipfile.is_zipfile(path):
        return etree.parse(path, parser).getroot()
    with zipfile.ZipFile(path) as archive, archive.open(posixpath.normpath(member)) as file:
        return etree.parse(file, parser).getroot()


def parsed_if_any(path: Path, member: str) -> Any | None:
    """The root of a member, as `parsed`; None when it is absent or broken."""
    try:
        return parsed(path, member)
    except (KeyError, etree.XMLSyntaxError):
        return None


def document_title(path: Path) -> str:
    """The title of the metadata, or an empty string."""
    root = parsed_if_any(path, "meta.xml")
    return "" if root is None else root.findtext(f".//{OFFICE}meta/{DUBLIN_CORE}title") or ""


class Inline:
    """Reads running text. What stands beside it (notes, frames, shapes) is gathered, so that no sentence is cut."""

    def read(self, element: Any) -> tuple[str, list[Any]]:
        """The text of a paragraph, and the elements beside it, in order."""
        beside: list[Any] = []
        return self._text(element, beside), beside

    def shows(self, element: Any) -> bool:
        """Whether a piece of text is on the page; a hidden field says that it is not."""
        return element.get(f"{TEXT}is-hidden") != "true"

    def is_raised(self, span: Any) -> bool:
        """Whether a piece of text stands higher than its line, as a power does."""
        return False

    def inside(self, element: Any) -> str | None:
        """The text of a frame that reads as a part of the sentence (a formula); None for the others."""
        return None

    def _text(self, element: Any, beside: list[Any]) -> str:
        parts = [element.text or ""]
        for child in element:
            parts += [self._child(child, beside), child.tail or ""]
        return "".join(parts)

    def _child(self, child: Any, beside: list[Any]) -> str:
        name = child.tag
        if name in _BREAKS:
            return _BREAKS[name]
        if name in NOT_TEXT or not self.shows(child):
            return ""
        if name == f"{TEXT}note" or name.startswith(DRAW):
            text = self.inside(child)
            beside += [child] if text is None else []
            return text or ""
        text = self._text(child, beside)
        return raised(text) if name == f"{TEXT}span" and self.is_raised(child) else text


def paragraphs(parent: Any) -> Iterator[Any]:
    """The paragraphs and headings under an element, but for those of comments and of tables in it."""
    for child in parent:
        if child.tag in {f"{TEXT}p", f"{TEXT}h"}:
            yield child
        elif child.tag not in NOT_TEXT and child.tag != f"{TABLE}table":
            yield from paragraphs(child)


def repeated(element: Any, what: str) -> int:
    """How many times a cell or a row stands for itself, bounded."""
    count = element.get(f"{TABLE}number-{what}-repeated", "1")
    return min(int(count), MAX_REPEATED) if count.isdigit() else 1
