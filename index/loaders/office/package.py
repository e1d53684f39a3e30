"""The package of a Word or PowerPoint file: its parts, and which part each refers to.

Read as Office reads it: a reference to a part that is not there is passed over (« NULL » as the place of a
lost picture), where python-docx and python-pptx refuse the file; the « strict » variant of the format, macros
(.docm, .pptm), templates and shows (.dotx, .ppsx) read like the common one. This module knows nothing of what
the parts mean.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
CHART_EX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"  # since Office 2016: waterfall, treemap
SHEET_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_TELLS = (f"{W}t", f"{A}t", f"{M}t", f"{CHART}chart", f"{CHART_EX}chart", f"{DIAGRAM}relIds")
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
# ISO's strict variant has its own names for the same elements: …/ooxml/wordprocessingml/main.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")


class Package:
    """The parts of a file, by name (« word/document.xml »)."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        # Names are compared without case, and some programs part folders with « \ ».
        self._members = {name.replace("\\", "/").lower(): name for name in self._archive.namelist()}

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def tree(self, name: str) -> Any | None:
        """The root element of a part; None when the part is absent or is not XML."""
        member = self._members.get(name.lower())
        if member is None:
            return None
        content = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", self._archive.read(member))
        try:
            return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
        except etree.XMLSyntaxError:
            return None

    def main(self) -> str:
        """The name of the part that the others hang on.

        Raises:
            ValueError: when the package says none.
        """
        for name in self.related("", "officeDocument"):
            return name
        raise ValueError("no main part")

    def title(self) -> str:
        """The title of the file's properties, or an empty string."""
        found = (self.tree(name) for name in self.related("", "core-properties"))
        return next((tree.findtext(f"{_DUBLIN_CORE}title") or "" for tree in found if tree is not None), "")

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: identifier → kind (« footnotes ») and name of a part that is there."""
        folder, file = posixpath.split(name)
        tree = self.tree(f"{folder}/_rels/{file}.rels".lstrip("/"))
        found = {}
        for relation in () if tree is None else tree:
            target = unquote(relation.get("Target", "")).replace("\\", "/")
            place = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            if relation.get("TargetMode") != "External" and place.lower() in self._members:
                found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], place)
        return found

    def related(self, name: str, kind: str) -> list[str]:
        """The names of the parts of one kind that a part refers to."""
        return [place for found, place in self.relations(name).values() if found == kind]


def choose_alternatives(root: Any) -> None:
    """Keep one branch of what a file says twice, for new programs and for old ones (a shape, and its picture)."""
    for alternative in list(root.iter(f"{MC}AlternateContent")):
        branches = [branch for branch in alternative if branch.tag in {f"{MC}Choice", f"{MC}Fallback"}]
        told = [branch for branch in branches if next(branch.iter(*_TELLS), None) is not None]
        unwrap(alternative, next(iter(told or branches), ()))


def unwrap(element: Any, content: Any = None) -> None:
    """Put what an element holds (or `content`, a part of it) in its place."""
    for child in list(element if content is None else content):
        element.addprevious(child)
    remove(element)


def remove(element: Any) -> None:
    """Take an element out of its tree, if it is still in it."""
    if (parent := element.getparent()) is not None:
        parent.remove(element)
