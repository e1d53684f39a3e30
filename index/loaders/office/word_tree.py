"""What a part of a Word file shows: its XML once every tracked change is accepted and nothing hidden is left.

Each step takes out of the tree, or puts in its place, one thing that is not the text on the page; what remains is
paragraphs, tables and runs. This module does not read: `word` does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from index.loaders.office.package import M, W, choose_alternatives, remove, unwrap
from index.loaders.office.word_styles import WordStyles
from index.loaders.symbols import CHECKED, UNCHECKED

_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"

# Former properties, deleted and moved text, comments, and what a container says of itself.
_ASIDE = [f"{W}{name}" for name in (
    "rPrChange pPrChange sectPrChange tblPrChange tblGridChange trPrChange tcPrChange tblPrExChange numberingChange "
    "del moveFrom delText commentReference annotationRef smartTagPr customXmlPr rt"
).split()]  # fmt: skip
# Their content is read as if they were not there.
_WRAPPERS = [f"{W}{name}" for name in "ins moveTo smartTag customXml hyperlink fldSimple bdo dir ruby rubyBase".split()]

# Fields whose result points at pages instead of saying something.
_POINTERS = frozenset("TOC TOA INDEX PAGE NUMPAGES SECTIONPAGES".split())
# … and, in headers, those that change with each printing.
PRINTING = frozenset("DATE TIME PRINTDATE SAVEDATE CREATEDATE FILENAME".split())


def show(root: Any, styles: WordStyles, pointers: Collection[str] = ()) -> Any:
    """Leave in a tree what Word shows, and return it.

    Args:
        pointers: fields to leave out besides those that point at pages, by name (« DATE »).
    """
    joined = _run_on(root)
    _drop_deleted_cells(root)
    for aside in list(root.iter(_ASIDE)):
        remove(aside)
    choose_alternatives(root)
    _open_controls(root)
    _write_form_fields(root)
    dropped = _POINTERS.union(pointers)
    _open_simple_fields(root, dropped)
    for wrapper in list(root.iter(_WRAPPERS)):
        unwrap(wrapper)
    _drop_field_codes(root, dropped)
    _drop_unshown(root, styles)
    for paragraph in joined:
        _join_next(paragraph)
    _join_tables(root)
    return root


def is_on(element: Any, attribute: str = f"{W}val") -> bool:
    """Whether a setting is on; it is when it says nothing more."""
    return element is not None and element.get(attribute) not in {"0", "false", "off", "none"}


# ------------------------------------------------------------------------------- tracked changes


def _run_on(root: Any) -> list[Any]:
    """The paragraphs that the next one goes on from: their end was deleted or moved, or they are its large first letter."""
    marks = (f"{W}pPr/{W}rPr/{W}del", f"{W}pPr/{W}rPr/{W}moveFrom", f"{W}pPr/{W}framePr[@{W}dropCap]")
    return [p for p in root.iter(f"{W}p") if any(p.find(mark) is not None for mark in marks)]


def _join_next(paragraph: Any) -> None:
    """Put the content of a paragraph at the head of the next one."""
    following = paragraph.getnext()
    content = [child for child in paragraph if child.tag != f"{W}pPr"]
    if following is None or following.tag != f"{W}p":
        if not content:
            remove(paragraph)
        return
    place = 1 if following.find(f"{W}pPr") is not None else 0
    following[place:place] = content
    remove(paragraph)


def _join_tables(root: Any) -> None:
    """Tables that nothing parts are one on the page."""
    for table in list(root.iter(f"{W}tbl")):
        above = table.getprevious()
        if above is not None and above.tag == f"{W}tbl" and _columns(above) == _columns(table):
            above.extend(table.findall(f"{W}tr"))
            remove(table)


def _columns(table: Any) -> int:
    return len(table.findall(f"{W}tblGrid/{W}gridCol"))


def _drop_deleted_cells(root: Any) -> None:
    """Rows that are deleted or hidden, and deleted cells."""
    for row in list(root.iter(f"{W}tr")):
        properties = row.find(f"{W}trPr")
        if properties is not None and (properties.find(f"{W}del") is not None or is_on(properties.find(f"{W}hidden"))):
            remove(row)
    for deletion in list(root.iter(f"{W}cellDel")):
        remove(deletion.getparent().getparent())


# ------------------------------------------------------------------------- controls and form fields


def _open_controls(root: Any) -> None:
    """Content controls → their content; a box to tick → its state."""
    for control in list(root.iter(f"{W}sdt")):
        properties, content = control.find(f"{W}sdtPr"), control.find(f"{W}sdtContent")
        if content is None or _is_contents(properties):
            remove(control)
            continue
        box = None if properties is None else properties.find(f"{_W14}checkbox")
        if box is not None:
            checked = box.find(f"{_W14}checked")
            _write(list(content.iter(f"{W}r")), CHECKED if is_on(checked, f"{_W14}val") else UNCHECKED)
        unwrap(control, content)


def _is_contents(properties: Any) -> bool:
    gallery = None if properties is None else properties.find(f"{W}docPartObj/{W}docPartGallery")
    return gallery is not None and gallery.get(f"{W}val") == "Table of Contents"


def _write(runs: list[Any], text: str) -> None:
    """Make runs say this and nothing else."""
    for run in runs:
        for child in [child for child in run if child.tag != f"{W}rPr"]:
            run.remove(child)
    if runs:
        _text_element(runs[0]).text = text


def _text_element(run: Any) -> Any:
    element = run.makeelement(f"{W}t")
    run.append(element)
    return element


def _write_form_fields(root: Any) -> None:
    """The boxes and the lists of old forms keep their state in their settings."""
    for data in list(root.iter(f"{W}ffData")):
        box, choices = data.find(f"{W}checkBox"), data.find(f"{W}ddList")
        if box is not None:
            state = box.find(f"{W}checked")
            text = CHECKED if is_on(box.find(f"{W}default") if state is None else state) else UNCHECKED
        elif choices is not None:
            text = _chosen(choices)
        else:
            continue
        shown = data.makeelement(f"{W}t")
        shown.text = text
        data.getparent().addprevious(shown)


def _chosen(choices: Any) -> str:
    entries = [entry.get(f"{W}val", "") for entry in choices.iterchildren(f"{W}listEntry")]
    said = choices.find(f"{W}result")
    chosen = "0" if said is None else said.get(f"{W}val", "0")
    return entries[int(chosen)] if chosen.isdigit() and int(chosen) < len(entries) else ""


# ----------------------------------------------------------------------------------------- fields


@dataclass
class _Field:
    start: int  # of its code, counted in the pieces of runs
    code: str = ""
    result: int | None = None  # where its result starts


def _name(code: str) -> str:
    return code.split()[0].upper() if code.split() else ""


def _open_simple_fields(root: Any, dropped: Collection[str]) -> None:
    for field in list(root.iter(f"{W}fldSimple")):
        if _name(field.get(f"{W}instr", "")) in dropped:
            remove(field)


def _drop_field_codes(root: Any, dropped: Collection[str]) -> None:
    """Leave the results of fields, not their codes (« MERGEFIELD Montant »); a field left open is plain text."""
    pieces = [piece for run in root.iter(f"{W}r") for piece in run if piece.tag != f"{W}rPr"]
    unshown: set[int] = set()
    fields: list[_Field] = []
    for i, piece in enumerate(pieces):
        if piece.tag == f"{W}instrText":
            unshown.add(i)
            if fields:
                fields[-1].code += piece.text or ""
        elif piece.tag == f"{W}fldChar":
            kind = piece.get(f"{W}fldCharType")
            if kind == "begin":
                fields.append(_Field(i))
            elif kind == "separate" and fields:
                fields[-1].result = i
            elif kind == "end" and fields:
                field = fields.pop()
                whole = field.result is None or _name(field.code) in dropped
                unshown.update(range(field.start, i if whole else field.result or i))
    for i in unshown:
        remove(pieces[i])


# --------------------------------------------------------------------------- hidden and struck text


def _drop_unshown(root: Any, styles: WordStyles) -> None:
    """Take out the hidden and struck runs, and the paragraphs that are hidden whole."""
    for paragraph in list(root.iter(f"{W}p")):
        style = styles.of(paragraph)
        runs = [child for child in paragraph.iter(f"{W}r", f"{M}r") if _paragraph_of(child) is paragraph]
        unshown = [run for run in runs if not styles.shows(run, style)]
        for run in unshown:
            remove(run)
        mark = paragraph.find(f"{W}pPr/{W}rPr/{W}vanish")
        alone = _paragraph_of(paragraph) is None and paragraph.getparent().tag != f"{W}tc"
        if is_on(mark) and len(unshown) == len(runs) and alone and paragraph.getnext() is not None:
            remove(paragraph)  # hidden with its mark: it takes no number


def _paragraph_of(element: Any) -> Any | None:
    return next(element.iterancestors(f"{W}p"), None)
