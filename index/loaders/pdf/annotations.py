"""What people added on a page of a PDF file: answers of a form, free text, crossings-out, attachments.

Answers and free text become runs at their places, so that an answer is read beside its printed label.
Comments in balloons are not part of the document and are not read.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.cleaning import one_line
from index.loaders.pdf.printed import Box, PrintedLine, same_row

_TICKS = {True: "☑", False: "☐"}
_UNSEEN = pdfium_c.FPDF_ANNOT_FLAG_HIDDEN | pdfium_c.FPDF_ANNOT_FLAG_NOVIEW
LINE = 12.0  # points: the height of a line of an answer
LABEL_REACH = 250.0  # points, at most, from a printed label to the answer on its right
LABEL_ABOVE = 16.0  # points, at most, from a printed label to the answer under it


@dataclass
class Added:
    """What people added on a page, in the file's frame."""

    texts: list[PrintedLine] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)  # id of an answer's run → the name of its field
    struck: list[Box] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)  # names of files


def added_on(page: pdfium.PdfPage) -> Added:
    """The answers, free texts, crossings-out and attached files of a page."""
    found = Added()
    for i in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, i)
        if not pdfium_c.FPDFAnnot_GetFlags(annotation) & _UNSEEN:
            _read(page, annotation, found)
        pdfium_c.FPDFPage_CloseAnnot(annotation)
    return found


def _read(page: pdfium.PdfPage, annotation: Any, added: Added) -> None:
    """Add what one annotation says; comments and highlights say nothing here."""
    kind, box = pdfium_c.FPDFAnnot_GetSubtype(annotation), _box(annotation)
    if kind == pdfium_c.FPDF_ANNOT_WIDGET and page.formenv:
        form = page.formenv
        for run in _runs(_answer(form, annotation), box):
            added.texts.append(run)
            added.names[id(run)] = _name(form, annotation)
    elif kind == pdfium_c.FPDF_ANNOT_FREETEXT:
        added.texts += _runs(_string(pdfium_c.FPDFAnnot_GetStringValue, annotation, b"Contents"), box)
    elif kind == pdfium_c.FPDF_ANNOT_STRIKEOUT:
        added.struck.append(box)
    elif kind == pdfium_c.FPDF_ANNOT_FILEATTACHMENT:
        if attached := pdfium_c.FPDFAnnot_GetFileAttachment(annotation):
            added.attached.append(attachment_name(pdfium.PdfAttachment(attached, page.pdf)))


def attachment_name(attachment: pdfium.PdfAttachment) -> str:
    """The name of an attached file."""
    try:
        return one_line(attachment.get_name())
    except pdfium.PdfiumError:
        return "fichier sans nom"


def _box(annotation: Any) -> Box:
    sides = pdfium_c.FS_RECTF()
    pdfium_c.FPDFAnnot_GetRect(annotation, ctypes.byref(sides))
    return Box(sides.left, sides.bottom, sides.right, sides.top)


def _answer(form: pdfium.PdfFormEnv, annotation: Any) -> str:
    kind = pdfium_c.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in (pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON):
        return _TICKS[bool(pdfium_c.FPDFAnnot_IsChecked(form, annotation))]
    if kind in (pdfium_c.FPDF_FORMFIELD_TEXTFIELD, pdfium_c.FPDF_FORMFIELD_COMBOBOX, pdfium_c.FPDF_FORMFIELD_LISTBOX):
        return _string(pdfium_c.FPDFAnnot_GetFormFieldValue, form, annotation)
    return ""  # buttons, signatures


def _name(form: pdfium.PdfFormEnv, annotation: Any) -> str:
    """How the form names a field to people; its technical name is not for them."""
    return one_line(_string(pdfium_c.FPDFAnnot_GetFormFieldAlternateName, form, annotation))


def _string(getter: Callable[..., int], *arguments: Any) -> str:
    """A text of PDFium, in UTF-16."""
    size = getter(*arguments, None, 0)
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    getter(*arguments, buffer, size)
    return bytes(buffer)[: max(size - 2, 0)].decode("utf-16-le", "ignore")


def _runs(text: str, box: Box) -> Iterator[PrintedLine]:
    """The lines of an answer, one under the other from the top of its box; a single one in the middle."""
    lines = [line for raw in text.replace("\r", "\n").split("\n") if (line := one_line(raw))]
    height = min(LINE, (box.top - box.bottom) / max(len(lines), 1))
    top = box.top if len(lines) > 1 or box.top - box.bottom > 3 * LINE else (box.top + box.bottom + height) / 2
    for i, line in enumerate(lines):
        high = top - i * height
        yield PrintedLine(line, box.left, high - height, box.right, high, height=height * 0.8)


def with_labels(added: Added, printed: Sequence[PrintedLine]) -> list[PrintedLine]:
    """The added texts; an answer with no printed label near it gets its field's name: « Montant : 1 840 euros »."""
    return [
        replace(run, text=f"{name.rstrip(' :')} : {run.text}")
        if (name := added.names.get(id(run), "")) and run.text not in _TICKS.values() and not _is_labelled(run, printed)
        else run
        for run in added.texts
    ]


def _is_labelled(run: PrintedLine, printed: Sequence[PrintedLine]) -> bool:
    return any(
        (same_row(label, run) and 0 <= run.left - label.left and run.left - label.right < LABEL_REACH)
        or (0 <= label.bottom - run.top < LABEL_ABOVE and label.left < run.right and run.left < label.right)
        for label in printed
    )
