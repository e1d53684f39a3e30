"""The pages of a PDF source as pictures with the cited passage marked on them, as HTML.

The marks are an SVG laid over the picture: no style is written inline, the staff's policy forbids it.
Knows documents and their files; the caller says at which address each page is served.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response

from assistant.web.shared import common_texts as common
from assistant.web.shared.sources import CitedSource
from index import page_rendering
from index.document import Document
from index.errors import PageUnavailable
from index.search import Retriever

log = logging.getLogger(__name__)

ROUTE = "/page-image/{number}/{document:path}"
DRAWING = ThreadPoolExecutor(2, thread_name_prefix="page-picture")  # the others wait: pages of text go first
_SHOWN = 3  # pages of one quote; the text below shows it whole
# Not kept by the browser: a document that is withdrawn is gone at the next look.
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def of(source: CitedSource, retriever: Retriever) -> str:
    """The pages of a source of the public page; empty once the published version says otherwise."""
    document = retriever.documents.get(source.document)
    if document is None or document.text[source.start : source.end] != source.quote:
        return ""
    address = f"page-image/{{}}/{quote(source.document)}"
    return html(retriever.original(source.document), document, source.start, source.end, address.format)


def html(file: Path | None, document: Document, start: int, end: int, address: Callable[[int], str]) -> str:
    """The pages that print a span of a document; empty for what has no pages to draw.

    Args:
        start, end: offsets in the document's text.
        address: number of a page, from 1 → where its picture is served.
    """
    if file is None or not page_rendering.is_drawn(document):
        return ""
    try:
        numbers = page_rendering.pages_of(document, start, end)[:_SHOWN]
        return "".join(_figure(file, document, start, end, number, address(number)) for number in numbers)
    except PageUnavailable as error:
        log.warning("A page cannot be shown: %s", error)
        return ""


def picture(file: Path | None, document: Document | None, number: int) -> Response:
    """A page as an answer to a request: PNG, or 404."""
    if file is None or document is None or not page_rendering.is_drawn(document):
        return Response(status_code=404, headers=_HEADERS)
    try:
        return Response(page_rendering.picture(file, number), media_type="image/png", headers=_HEADERS)
    except PageUnavailable:
        return Response(status_code=404, headers=_HEADERS)


def _figure(file: Path, document: Document, start: int, end: int, number: int, address: str) -> str:
    width, height = page_rendering.size(file, number)
    marks = "".join(
        f'<rect x="{r.left}" y="{r.top}" width="{r.width}" height="{r.height}"/>'
        for r in page_rendering.rectangles(file, document, start, end, number)
    )
    alternative = escape(common.PAGE_PICTURE.format(page=number, title=document.title))
    region = common.PAGE_REGION.format(page=number)
    larger = f'{common.PAGE_LARGER.format(page=number)}<span class="sr-only"> {common.NEW_WINDOW}</span>'
    return (
        f'<figure class="page-picture"><p class="swipe">{common.PAGE_SWIPE}</p>'
        f'<div class="frame" tabindex="0" role="region" aria-label="{region}"><div class="sheet">'
        f'<img src="{escape(address)}" width="{width}" height="{height}" alt="{alternative}">'
        f'<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">{marks}</svg></div></div>'
        f'<figcaption><a href="{escape(address)}" target="_blank" rel="noopener">{larger}</a></figcaption></figure>'
    )
