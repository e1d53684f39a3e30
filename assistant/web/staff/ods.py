"""Rows → an ODS spreadsheet, with lxml. Text is text in it: no cell is ever a formula. Knows nothing of its rows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence

from lxml import etree

from assistant.web.shared.xml_text import clean

ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_NAMES = {"office": _OFFICE, "table": _TABLE, "text": _TEXT}
_CELL_LIMIT = 32_767  # characters a cell of a spreadsheet program holds
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{ODS_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def to_ods(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A spreadsheet of one sheet; numbers are numbers, everything else is text."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS_TYPE, zipfile.ZIP_STORED)  # first and not compressed: the format says so
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", _content(name, header, rows))
    return content.getvalue()


def _content(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    root = etree.Element(f"{{{_OFFICE}}}document-content", {f"{{{_OFFICE}}}version": "1.3"}, nsmap=_NAMES)
    sheet = etree.SubElement(etree.SubElement(root, f"{{{_OFFICE}}}body"), f"{{{_OFFICE}}}spreadsheet")
    table = etree.SubElement(sheet, f"{{{_TABLE}}}table", {f"{{{_TABLE}}}name": clean(name)})
    for row in (header, *rows):
        line = etree.SubElement(table, f"{{{_TABLE}}}table-row")
        for cell in row:
            _add_cell(line, cell)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add_cell(row: etree._Element, value: object) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    kind = {f"{{{_OFFICE}}}value-type": "float" if number else "string"} | ({f"{{{_OFFICE}}}value": str(value)} if number else {})
    cell = etree.SubElement(row, f"{{{_TABLE}}}table-cell", kind)
    for line in clean(str(value))[:_CELL_LIMIT].split("\n"):
        etree.SubElement(cell, f"{{{_TEXT}}}p").text = line
