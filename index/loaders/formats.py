"""What to say of a file whose format is not read: the format to save it in, which is.

This module knows names of formats only; it opens no file.
"""

from __future__ import annotations

from collections.abc import Iterable

# The format to save a file in → the formats that their own program saves so.
_SAVED_AS = {
    ".docx": ".doc .dot .wpd .wps .pages .sxw .abw .tex .lwp",
    ".xlsx": ".xls .xlt .xlsb .numbers .sxc .wk1 .wks .dbf .mdb .accdb .json .xml .geojson",
    ".pptx": ".ppt .pps .pot .key .sxi",
    ".eml": ".msg .oft .pst .mbox .emlx",
    ".pdf": ".xps .oxps .djvu .pub .vsd .vsdx .odg .ai .indd .idml .ps .eps .dwg .dxf .one .mobi .azw .azw3 .p7m",
}
_TARGETS = {suffix: target for target, suffixes in _SAVED_AS.items() for suffix in suffixes.split()}
_PICTURES = frozenset(".png .jpg .jpeg .gif .tif .tiff .bmp .webp .heic .heif .svg .psd".split())
_ARCHIVES = frozenset(".zip .7z .rar .tar .gz .tgz .bz2 .xz".split())
_RECORDINGS = frozenset(".mp3 .wav .m4a .ogg .flac .wma .mp4 .avi .mov .mkv .webm .wmv".split())


def refusal(suffix: str, readable: Iterable[str]) -> str:
    """The reason given to people for a format that is not read.

    Args:
        suffix: as the file has it, in lower case, with its dot; empty without one.
        readable: the suffixes that are read.
    """
    readable = set(readable)
    if suffix in _PICTURES:
        return f"Image {suffix} non lue : si elle porte un texte, enregistrez-la en .pdf avec reconnaissance de caractères."
    if suffix in _ARCHIVES:
        return f"Archive {suffix} non lue : décompressez-la et enregistrez ses fichiers dans ce dossier."
    if suffix in _RECORDINGS:
        return f"Enregistrement {suffix} non lu : enregistrez sa transcription en .docx ou .txt."
    target = _TARGETS.get(suffix)
    if target in readable:
        return f"Format {suffix} non lu : enregistrez ce fichier en {target}."
    named = suffix or "sans extension"
    return f"Format {named} non pris en charge : enregistrez ce fichier en .docx, .xlsx ou .pdf ({', '.join(sorted(readable))})."
