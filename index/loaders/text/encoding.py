"""Bytes of a text file → text, whatever its encoding, mixed or double encodings included.

In order: its mark, UTF-16 without a mark, UTF-8, what the page declares, and line by line the encoding of those that
French files use which reads best. ftfy then repairs lines that were encoded twice (« Ã‰cole » → « École »): it only
changes what cannot be text, which own tables of such pairs would not know. This module knows nothing of what the text
is; it refuses bytes that are no text at all.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from pathlib import Path

from ftfy import fix_encoding
from ftfy.badness import is_bad

from index.errors import UnreadableDocument

# Windows, Unix of the nineties, Mac, DOS. Tried on seven short texts in each: charset-normalizer, which served here
# before, took latin-9 and DOS for others.
_ENCODINGS = ("cp1252", "iso8859_15", "mac_roman", "cp850")
_FRENCH = frozenset("éèêëàâäçùûüôöîïœæÉÈÊËÀÂÄÇÙÛÜÔÖÎÏŒÆ€«»’‘“”–—…°²³•·\u00a0")
_CAPITAL_INSIDE = re.compile(r"[a-zß-öø-ÿ][À-ÖØ-ÞŒ]")  # « SociÇtÇ »: read in the wrong encoding
_MARKS = (
    (codecs.BOM_UTF8, "utf_8"),
    (codecs.BOM_UTF32_LE, "utf_32"),
    (codecs.BOM_UTF32_BE, "utf_32"),
    (codecs.BOM_UTF16_LE, "utf_16"),
    (codecs.BOM_UTF16_BE, "utf_16"),
)
_SAMPLE_BYTES = 200_000  # enough to tell an encoding
# Letters of our alphabet leave one byte of two at zero in UTF-16; no other text has any.
MIN_ZERO_SHARE = 0.3
# A page of text has next to no control characters; a random file has one byte in ten.
MAX_CONTROL_SHARE = 0.01
# A file in one old encoding has, by chance, a line that is also UTF-8 (« CAFÉ» »); a file of several has more.
MIN_UTF8_SHARE = 0.1


def read_text(path: Path) -> str:
    """Decode a text file: its mark, else UTF-8, else the encoding that reads best as French."""
    return decode(path.read_bytes())


def decode(raw: bytes, declared: str = "") -> str:
    """Decode bytes; `declared` is what an HTML page says of itself, believed after UTF-8.

    Raises:
        UnreadableDocument: for bytes that are no text.
    """
    marked = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), "") or _utf16(raw)
    if marked:
        return _checked(raw.decode(marked, errors="replace").removeprefix("\ufeff"))
    try:
        text = raw.decode("utf_8")
    except UnicodeDecodeError:
        text = raw.decode(declared, errors="replace") if _can_be(declared) else _mixed(raw)
    return _checked(repaired(text))


def repaired(text: str) -> str:
    """Undo, in the lines that show it, an encoding written over another."""
    if text.isascii() or not is_bad(text):
        return text
    return "".join(fix_encoding(line) if is_bad(line) else line for line in text.splitlines(keepends=True))


def _utf16(raw: bytes) -> str:
    """The UTF-16 of a text without a mark, from where its zeros stand; an empty string for another text."""
    sample = raw[:_SAMPLE_BYTES]
    first, second = sample[::2], sample[1::2]
    if second.count(0) > MIN_ZERO_SHARE * len(second) and not first.count(0):
        return "utf_16_le"
    return "utf_16_be" if first.count(0) > MIN_ZERO_SHARE * len(first) and not second.count(0) else ""


def _mixed(raw: bytes) -> str:
    """Lines of one old encoding; those that are UTF-8 too, when the file is made of several."""
    lines = raw.splitlines(keepends=True)
    others = [line for line in lines if not line.isascii()]
    rest = [line for line in others if not _is_utf8(line)]
    encoding = _guessed(b"".join(rest)[:_SAMPLE_BYTES])
    if len(others) - len(rest) < MIN_UTF8_SHARE * len(others):
        return raw.decode(encoding, errors="replace")
    return "".join(line.decode("utf_8" if _is_utf8(line) else encoding, errors="replace") for line in lines)


def _is_utf8(line: bytes) -> bool:
    try:
        return bool(line.decode("utf_8"))
    except UnicodeDecodeError:
        return False


def _guessed(raw: bytes) -> str:
    """The encoding in which most signs are those of French, no capital standing inside a word."""

    def likeness(encoding: str) -> int:
        text = raw.decode(encoding, errors="replace")
        signs = Counter(character for character in text if character > "~")
        french = sum(count for character, count in signs.items() if character in _FRENCH)
        return 2 * french - signs.total() - 2 * len(_CAPITAL_INSIDE.findall(text))

    return max(_ENCODINGS, key=likeness)


def _checked(text: str) -> str:
    controls = sum(1 for c in text if c < " " and c not in "\t\n\r\f\v") + text.count("\ufffd")
    if controls > MAX_CONTROL_SHARE * len(text) + 1:
        raise UnreadableDocument("Ce fichier ne contient pas de texte lisible (contenu binaire).")
    return text


def _can_be(encoding: str) -> bool:
    """Whether a declared encoding exists and may be that of bytes that are not UTF-8."""
    try:
        return bool(encoding) and codecs.lookup(encoding).name not in {"utf-8", "ascii"}
    except LookupError:
        return False
