"""Answers in Markdown → safe HTML: paragraphs, lists and emphasis only; no HTML, links or images."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from markdown_it import MarkdownIt

from assistant.web.shared import common_texts as common
from assistant.web.shared.sources import CitedSource
from assistant.web.shared.typography import place, unbroken

_MARKDOWN = MarkdownIt("zero", {"breaks": True}).enable(["list", "emphasis", "newline", "escape"])
_MARKER = re.compile(r"\s?\[(\d{1,3})\]")


def markdown(text: str, sources: Mapping[int, CitedSource] | None = None) -> str:
    """An answer's Markdown as safe HTML: markers that have a source become buttons, an amount stays on one line."""
    html = _MARKDOWN.render(unbroken(text))
    return _MARKER.sub(lambda found: _cite(found, sources or {}), html)


def _cite(match: re.Match[str], sources: Mapping[int, CitedSource]) -> str:
    number = int(match[1])
    source = sources.get(number)
    if source is None:
        return f'<sup class="marker">{number}</sup>'
    label = escape(common.CITE.format(number=number, name=place(source.title, source.headings, source.page)))
    return f'<button type="button" class="cite" data-marker="{number}" aria-label="{label}" title="{label}">{number}</button>'
