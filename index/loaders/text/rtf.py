"""RTF files → Documents, their text read by striprtf.

striprtf gives text and the cells of tables; it does not know which text is hidden, struck or deleted, so a
file that holds any is refused rather than shown as valid. Footnotes are lost, and said to be; so are
headings and pictures, unsaid.
"""

from __future__ import annotations

import re
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from index.cleaning import one_line
from index.document import Document
from index.errors import UnreadableDocument
from index.loaders.assembly import Block, assemble, table_blocks
from index.loaders.symbols import RAISE
from index.loaders.text.plain import plain_blocks
from index.loaders.titles import title_of

SUFFIXES = (".rtf",)

_MAGIC = b"{\\rtf"
# Character properties that take a text out of what is valid: hidden, struck once or twice, deleted by a revision.
_NOT_VALID = re.compile(rb"\\(?:v|strike|striked1|deleted)(?![a-z0-9])")
_TITLE = re.compile(r"\{\\info\b.*?\{\\title ([^{}]*)\}", re.DOTALL)
_FOOTNOTE = re.compile(r"\\footnote(?![a-z])")
# Digits set above the line, which would join the number before them (« 15 000² », « m² »).
_RAISED = re.compile(r"(\\super(?:\\[a-z]+-?\d*)* ?)(\d{1,2})(?=\})")


def load(path: Path, relative: str) -> Document:
    """Read an RTF file.

    Raises:
        UnreadableDocument: for a file that holds hidden, struck or deleted text, or is no RTF.
    """
    raw = path.read_bytes()
    if not raw.lstrip().startswith(_MAGIC):
        raise UnreadableDocument("Ce fichier n'est pas du format RTF annoncé.")
    if _NOT_VALID.search(raw):
        raise UnreadableDocument(
            "Ce fichier .rtf contient du texte masqué, barré ou supprimé : enregistrez-le en .docx.", "unsupported"
        )
    source = raw.decode("latin_1")
    text = _plain(_RAISED.sub(_raise, source))
    notes = len(_FOOTNOTE.findall(source))
    remarks = [f"Notes de bas de page non lues ({notes}) : enregistrez ce fichier en .docx."] if notes else []
    blocks = _blocks(text)
    said = _plain(f"{{\\rtf1{found[1]}}}") if (found := _TITLE.search(source)) else ""
    return assemble(relative, title_of(relative, blocks, said), blocks, remarks=remarks)


def _plain(source: str) -> str:
    return str(rtf_to_text(source, errors="replace"))  # type: ignore[no-untyped-call]  # has no annotations


def _raise(match: re.Match[str]) -> str:
    return match[1] + "".join(f"\\u{ord(digit)}?" for digit in match[2].translate(RAISE))


def _blocks(text: str) -> list[Block]:
    """Paragraphs, and the rows of tables, which striprtf writes with a bar after each cell."""
    blocks: list[Block] = []
    for is_table, lines in _runs(text):
        if is_table:
            blocks += table_blocks([[one_line(cell) for cell in line.split("|")[:-1]] for line in lines])
        else:
            blocks += plain_blocks("\n\n".join(lines))
    return blocks


def _runs(text: str) -> list[tuple[bool, list[str]]]:
    """Lines of a text by runs of table rows and of paragraphs."""
    runs: list[tuple[bool, list[str]]] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        is_row = line.endswith("|") and line.count("|") > 1
        if not runs or runs[-1][0] != is_row:
            runs.append((is_row, []))
        runs[-1][1].append(line)
    return runs
