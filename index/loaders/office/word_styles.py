"""What the styles of a Word document say of a paragraph: heading or not, list, hidden or struck.

Styles inherit from each other (« basedOn ») and are known by identifiers that change with the language of Word
(« Titre1 », « berschrift1 ») while what they say does not: headings come from their outline level. This module
does not read the conditional formats of table styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from index.loaders.office.numbering import WordNumbering
from index.loaders.office.package import W

MAX_LEVEL = 6
# What Word and its readers call headings whatever the language; French names come from converters.
_HEADING_NAME = re.compile(r"(?:heading|titre) ?([1-9])", re.IGNORECASE)
_CONTENTS_NAME = re.compile(r"(?:toc|tm|contents) ?\d|table of (?:figures|authorities)|toc heading", re.IGNORECASE)
_BODY_LEVEL = 9  # the outline level of what is no heading
_UNSHOWN = ("vanish", "strike", "dstrike")


class WordStyles:
    """The styles of styles.xml, by identifier."""

    def __init__(self, root: Any | None) -> None:
        found = [] if root is None else [style for style in root if style.tag == f"{W}style"]
        self._styles = {style.get(f"{W}styleId", ""): style for style in found}
        defaults = [style for style in found if style.get(f"{W}default") in {"1", "true"}]
        self._default = next((s.get(f"{W}styleId") for s in defaults if s.get(f"{W}type") == "paragraph"), "")
        self._document = None if root is None else root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._flags: dict[tuple[str, str], bool] = {}

    def of(self, paragraph: Any) -> str:
        """The identifier of a paragraph's style."""
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        return self._default if style is None else style.get(f"{W}val", "")

    def heading_level(self, paragraph: Any) -> int:
        """1 to 6 for a heading or a title, 0 for anything else."""
        outline = paragraph.find(f"{W}pPr/{W}outlineLvl")
        for style in self._chain(self.of(paragraph)):
            if outline is not None:
                break
            name = _name(style)
            if name.casefold() in {"title", "titre"}:
                return 1
            if heading := _HEADING_NAME.fullmatch(name):
                return min(int(heading[1]), MAX_LEVEL)
            outline = style.find(f"{W}pPr/{W}outlineLvl")
        level = "" if outline is None else outline.get(f"{W}val", "")
        return min(int(level) + 1, MAX_LEVEL) if level.isdigit() and int(level) < _BODY_LEVEL else 0

    def is_contents(self, paragraph: Any) -> bool:
        """True for a line of a table of contents."""
        return any(_CONTENTS_NAME.fullmatch(_name(style)) for style in self._chain(self.of(paragraph)))

    def place_in_list(self, paragraph: Any, numbering: WordNumbering) -> tuple[str, int] | None:
        """The list and the level (from 0) of a numbered paragraph, told by itself or by its styles."""
        number = level = source = None
        for style, properties in self._properties(paragraph):
            if (said := properties.find(f"{W}numPr")) is None:
                continue
            if level is None and (child := said.find(f"{W}ilvl")) is not None:
                level = child.get(f"{W}val", "")
            if (child := said.find(f"{W}numId")) is not None:
                number, source = child.get(f"{W}val", ""), style
                break
        if not number or number == "0":  # 0 takes a paragraph out of the list of its style
            return None
        if level is None or not level.isdigit():
            return number, numbering.level_of_style(number, source or self.of(paragraph))
        return number, int(level)

    def shows(self, run: Any, paragraph_style: str) -> bool:
        """False for a hidden or struck run."""
        properties = run.find(f"{W}rPr")
        return not any(self._is_on(properties, name, paragraph_style) for name in _UNSHOWN)

    def is_raised(self, run: Any) -> bool:
        """True for a run set higher than its line, by itself or by its style."""
        properties = run.find(f"{W}rPr")
        if properties is None:
            return False
        style = properties.find(f"{W}rStyle")
        styles = () if style is None else self._chain(style.get(f"{W}val", ""))
        own = properties.find(f"{W}vertAlign")
        said = (own, *(one.find(f"{W}rPr/{W}vertAlign") for one in styles))
        return next((place.get(f"{W}val") == "superscript" for place in said if place is not None), False)

    @cached_property
    def hides_something(self) -> bool:
        """Whether any style hides or strikes text."""
        sources = [*self._styles.values(), *([] if self._document is None else [self._document])]
        return any(next(source.iter(*(f"{W}{name}" for name in _UNSHOWN)), None) is not None for source in sources)

    def _is_on(self, properties: Any, name: str, paragraph_style: str) -> bool:
        """Whether a run is struck or hidden (`name` of the property): by itself, else by the styles that it has."""
        said = _flag(properties, name)
        if said is not None or not self.hides_something:
            return bool(said)
        style = None if properties is None else properties.find(f"{W}rStyle")
        by_run = style is not None and self._styled(style.get(f"{W}val", ""), name)
        # Styles toggle: hidden by the paragraph's and by the run's is shown.
        return by_run != (self._styled(paragraph_style, name) or bool(_flag(self._document, name)))

    def _styled(self, identifier: str, name: str) -> bool:
        key = identifier, name
        if key not in self._flags:
            said = (_flag(style.find(f"{W}rPr"), name) for style in self._chain(identifier))
            self._flags[key] = next((flag for flag in said if flag is not None), False)
        return self._flags[key]

    def _properties(self, paragraph: Any) -> Iterator[tuple[str, Any]]:
        """The properties of a paragraph, then of its styles, each with the style it comes from."""
        if (own := paragraph.find(f"{W}pPr")) is not None:
            yield "", own
        for style in self._chain(self.of(paragraph)):
            if (properties := style.find(f"{W}pPr")) is not None:
                yield style.get(f"{W}styleId", ""), properties

    def _chain(self, identifier: str) -> Iterator[Any]:
        """A style and those it is based on, nearest first; a broken file may turn in a circle."""
        seen: set[str] = set()
        while identifier in self._styles and identifier not in seen:
            seen.add(identifier)
            style = self._styles[identifier]
            yield style
            base = style.find(f"{W}basedOn")
            identifier = "" if base is None else base.get(f"{W}val", "")


def _name(style: Any) -> str:
    name = style.find(f"{W}name")
    return "" if name is None else name.get(f"{W}val", "")


def _flag(properties: Any, name: str) -> bool | None:
    """On, off, or not said."""
    element = None if properties is None else properties.find(f"{W}{name}")
    return None if element is None else element.get(f"{W}val") not in {"0", "false", "off"}
