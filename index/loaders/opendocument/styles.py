"""What the styles of an OpenDocument file say: heading or not, hidden or struck, how lists and headings are numbered.

Styles inherit from each other (« parent-style-name »). This module does not read conditional styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from index.loaders.office.numbering import BOXES, Level
from index.loaders.opendocument.xml import TEXT

STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
MAX_LEVEL = 6
_STANDARD = "Standard"
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


class OpenDocumentStyles:
    """The styles of a file, from the parts that hold some (content.xml, styles.xml)."""

    def __init__(self, roots: Iterable[Any] = ()) -> None:
        self._styles: dict[tuple[str, str], Any] = {}
        self._lists: dict[str, dict[int, Level]] = {}
        self.headings: dict[int, Level] = {}  # from 0
        self._masters: dict[str, Any] = {}
        self._shown: dict[tuple[str, str], bool] = {}
        self._raised: dict[str, bool] = {}
        for root in roots:
            for style in root.iter(f"{STYLE}style"):
                self._styles[style.get(f"{STYLE}family", ""), style.get(f"{STYLE}name", "")] = style
            for style in root.iter(f"{TEXT}list-style"):
                self._lists[style.get(f"{STYLE}name", "")] = _levels(style)
            for style in root.iter(f"{TEXT}outline-style"):
                self.headings = _levels(style)
            self._masters |= {master.get(f"{STYLE}name", ""): master for master in root.iter(f"{STYLE}master-page")}

    def shows(self, element: Any) -> bool:
        """False for a paragraph or a span that is hidden or struck."""
        key = "text" if element.tag == f"{TEXT}span" else "paragraph", element.get(f"{TEXT}style-name", "")
        if key not in self._shown:
            self._shown[key] = self._is_shown(*key)
        return self._shown[key]

    def _is_shown(self, family: str, name: str) -> bool:
        struck = self._said(family, name, (f"{STYLE}text-line-through-style", f"{STYLE}text-line-through-type"))
        return struck in {"", "none"} and self._said(family, name, (f"{TEXT}display",)) != "none"

    def is_raised(self, span: Any) -> bool:
        """True for a span set higher than its line: « super 58% », « 33% 58% »."""
        name = span.get(f"{TEXT}style-name", "")
        if name not in self._raised:
            place = self._said("text", name, (f"{STYLE}text-position",)).partition(" ")[0]
            self._raised[name] = place == "super" or re.fullmatch(r"[\d.]*[1-9][\d.]*%", place) is not None
        return self._raised[name]

    def shows_page(self, name: str) -> bool:
        """False for a hidden slide, from the name of its style."""
        style = self._styles.get(("drawing-page", name))
        properties = None if style is None else style.find(f"{STYLE}drawing-page-properties")
        return properties is None or properties.get(f"{PRESENTATION}visibility") != "hidden"

    def heading_level(self, paragraph: Any) -> int:
        """1 to 6 for a heading or a title, 0 for anything else."""
        outline = paragraph.get(f"{TEXT}outline-level", "1" if paragraph.tag == f"{TEXT}h" else "")
        for style in self._chain("paragraph", paragraph.get(f"{TEXT}style-name", "")):
            if not outline and style.get(f"{STYLE}name") in {"Title", "Heading_20_Title"}:
                return 1
            outline = outline or style.get(f"{STYLE}default-outline-level", "")
        return max(1, min(int(outline), MAX_LEVEL)) if outline.isdigit() and int(outline) else 0

    def list_levels(self, name: str) -> dict[int, Level]:
        """The levels of a list style, from 0; none when it is not there."""
        return self._lists.get(name, {})

    def masters(self, body: Any) -> list[Any]:
        """The page models that a text uses: the standard one, and those that its paragraphs ask for."""
        used = {_STANDARD, *(self._master_of(paragraph) for paragraph in body.iter(f"{TEXT}p", f"{TEXT}h"))}
        used |= {self._masters[name].get(f"{STYLE}next-style-name", "") for name in used if name in self._masters}
        return [master for name, master in self._masters.items() if name in used]

    def _master_of(self, paragraph: Any) -> str:
        names = (s.get(f"{STYLE}master-page-name") for s in self._chain("paragraph", paragraph.get(f"{TEXT}style-name", "")))
        return next((name for name in names if name), "")

    def _said(self, family: str, name: str, attributes: Iterable[str]) -> str:
        """What the nearest style says of a property of text."""
        for style in self._chain(family, name):
            properties = style.find(f"{STYLE}text-properties")
            for attribute in attributes:
                if properties is not None and (said := properties.get(attribute)):
                    return said
        return ""

    def _chain(self, family: str, name: str) -> Iterator[Any]:
        seen: set[str] = set()
        while (family, name) in self._styles and name not in seen:
            seen.add(name)
            style = self._styles[family, name]
            yield style
            name = style.get(f"{STYLE}parent-style-name", "")


def _levels(style: Any) -> dict[int, Level]:
    levels: dict[int, Level] = {}
    for level in style:
        number = level.get(f"{TEXT}level", "") if isinstance(level.tag, str) else ""
        if number.isdigit() and int(number):
            levels[int(number) - 1] = _level(level, int(number), levels)
    return levels


def _level(level: Any, number: int, above: dict[int, Level]) -> Level:
    """« prefix, numbers of the levels shown, suffix »; LibreOffice writes the whole template since 7.0."""
    if level.tag.endswith("-bullet") or level.tag.endswith("-image"):
        sign = level.get(f"{TEXT}bullet-char", "")
        return Level(sign if sign in BOXES else "", "bullet")
    form = _FORMS.get(level.get(f"{STYLE}num-format", ""), "none")
    if form == "none":
        return Level(form=form)
    shown = int(level.get(f"{TEXT}display-levels", "1"))
    named = [n for n in range(max(1, number - shown + 1), number + 1) if n == number or above.get(n - 1, Level()).form != "none"]
    template = ".".join(f"%{n}" for n in named)
    template = level.get(f"{STYLE}num-prefix", "") + template + level.get(f"{STYLE}num-suffix", "")
    if whole := level.get(f"{_LOEXT}num-list-format"):
        template = re.sub(r"%(\d)%", r"%\1", whole)
    start = level.get(f"{TEXT}start-value", "1")
    return Level(template, form, int(start) if start.isdigit() else 1)
