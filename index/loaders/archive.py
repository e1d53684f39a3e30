"""The checks a zip-based office file passes before any library opens it.

Bombs are refused from the table of contents alone, so nothing is unpacked to find out. This module
knows nothing of what the members mean.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from index.errors import UnreadableDocument

SUFFIXES = frozenset(
    ".docx .docm .dotx .dotm .pptx .pptm .ppsx .ppsm .potx .odt .ott .odp .otp .xlsx .xlsm .xltx .xltm .ods .ots".split()
)

MAX_UNPACKED = 500 * 1024**2  # bytes, all members
MAX_XML = 200 * 1024**2  # bytes, one member: what the parsers hold in memory about ten times over
MAX_MEMBERS = 20_000
# Real office XML shrinks 8 to 55 times (five files tried); a bomb of one repeated byte, about 1000.
MAX_RATIO = 200
SMALL_MEMBER = 10 * 1024**2  # bytes; under this, even the worst ratio does no harm
_OLE = b"\xd0\xcf\x11\xe0"  # the old container: password-protected OOXML, or .doc renamed
_CHUNK = 1024**2


def check(path: Path) -> None:
    """Refuse a broken, protected or dangerous archive.

    Raises:
        UnreadableDocument: with the reason.
    """
    with path.open("rb") as file:
        if file.read(4) == _OLE:
            raise UnreadableDocument("Ce fichier est protégé par un mot de passe, ou d'un ancien format Office.")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive.infolist())
            _check_members(archive)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
        raise UnreadableDocument("Ce fichier est abîmé : son archive ne s'ouvre pas.") from error


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive of too many members, or of members that unpack to too much, for their size or in all."""
    refused = len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED
    for member in members:
        large = member.file_size > SMALL_MEMBER
        refused |= large and member.file_size > MAX_RATIO * max(member.compress_size, 1)
        refused |= member.filename.endswith((".xml", ".rels")) and member.file_size > MAX_XML
    if refused:
        raise UnreadableDocument("Ce fichier se décompresse en un volume démesuré : il est refusé.", "too_large")


def _check_members(archive: zipfile.ZipFile) -> None:
    """Refuse encrypted members and XML entities, which office files never declare."""
    for member in archive.infolist():
        if member.flag_bits & 0x1:
            raise UnreadableDocument("Ce fichier est protégé par un mot de passe.")
        if member.filename.endswith((".xml", ".rels")):
            _check_xml(archive, member)


def _check_xml(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    tail = b""
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            text = tail + chunk.replace(b"\0", b"")  # UTF-16 without its zeros reads as ASCII
            if b"<!ENTITY" in text:
                raise UnreadableDocument("Ce fichier déclare des entités XML : il est refusé.")
            if member.filename == "META-INF/manifest.xml" and b"encryption-data" in text:
                raise UnreadableDocument("Ce fichier est protégé par un mot de passe.")
            tail = text[-16:]
