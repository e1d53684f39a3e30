"""Bytes of a text file → text: BOM, UTF-8, what the page declares, or charset-normalizer's guess.

This module knows nothing of what the text is; it refuses bytes that are no text at all.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

from index.errors import UnreadableDocument

# charset-normalizer may answer a far-off code page for a short text: these are what French files use.
_LIKELY_ENCODINGS = ["utf_8", "cp1252", "utf_16", "utf_32", "mac_roman", "cp850"]
_SAMPLE_BYTES = 200_000  # enough to tell an encoding; detection is slower than reading
# A page of text has next to no control characters; a random file has one byte in ten.
MAX_CONTROL_SHARE = 0.01


def read_text(path: Path) -> str:
    """Decode a text file: its BOM, else UTF-8, else the encoding that reads best as French."""
    return decode(path.read_bytes())


def decode(raw: bytes, declared: str = "") -> str:
    """Decode bytes; `declared` is what an HTML page says of itself, believed after UTF-8.

    :raises UnreadableDocument: for bytes that are no text.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf_8"), (b"\xff\xfe", "utf_16"), (b"\xfe\xff", "utf_16")):
        if raw.startswith(mark):
            return _checked(raw.decode(encoding, errors="replace").removeprefix("\ufeff"))
    try:
        return _checked(raw.decode("utf_8"))
    except UnicodeDecodeError:
        return _checked(raw.decode(declared if _exists(declared) else _guessed(raw), errors="replace"))


def _checked(text: str) -> str:
    controls = sum(1 for c in text if c < " " and c not in "\t\n\r\f\v") + text.count("\ufffd")
    if controls > MAX_CONTROL_SHARE * len(text) + 1:
        raise UnreadableDocument("Ce fichier ne contient pas de texte lisible (contenu binaire).")
    return text


def _guessed(raw: bytes) -> str:
    best = from_bytes(raw[:_SAMPLE_BYTES], cp_isolation=_LIKELY_ENCODINGS).best()
    return best.encoding if best else "cp1252"


def _exists(encoding: str) -> bool:
    try:
        return bool(encoding) and bool(codecs.lookup(encoding))
    except LookupError:
        return False
