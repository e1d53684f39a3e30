"""A file → a Document, whatever its format: the registry of the loaders.

One module a format family, each with its SUFFIXES and its `load(path, relative)`. This is the one
place where the errors of reading libraries are translated; it knows nothing of splitting or search.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from index.document import Document
from index.errors import UnreadableDocument
from index.loaders import archive, html, markdown, office, opendocument, pdf, tables

Loader = Callable[[Path, str], Document]
_MODULES: tuple[ModuleType, ...] = (markdown, html, pdf, office, opendocument, tables)
LOADERS: dict[str, Loader] = {suffix: module.load for module in _MODULES for suffix in module.SUFFIXES}

MAX_BYTES = 100 * 1024**2  # a file; a larger one is a scan or a data set, and takes minutes to read


def load(path: Path, relative: str) -> Document:
    """Read a file. `relative` is its path in the source folder, with « / »: its identity.

    :raises UnreadableDocument: with a reason in French and the status of the build report.
    """
    suffix = path.suffix.lower()
    if suffix not in LOADERS:
        readable = ", ".join(sorted(LOADERS))
        raise UnreadableDocument(
            f"Format {suffix or 'sans extension'} non pris en charge ({readable}).", "unsupported"
        )
    try:
        _check_size(path)
        if suffix in archive.SUFFIXES:
            archive.check(path)
        document = LOADERS[suffix](path, relative)
    except UnreadableDocument:
        raise
    except OSError as error:
        raise UnreadableDocument(
            "Ce fichier ne peut pas être ouvert : absent, ou droits insuffisants."
        ) from error
    except Exception as error:  # whatever a library raises on a broken file, the build goes on
        raise UnreadableDocument(
            "Ce fichier est abîmé, ou son contenu n'est pas du format annoncé."
        ) from error
    if not document.text.strip():
        raise UnreadableDocument("Ce fichier ne contient aucun texte.", "empty")
    return document


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise UnreadableDocument("Ce fichier est vide.", "empty")
    if size > MAX_BYTES:
        megabytes = MAX_BYTES // 1024**2
        raise UnreadableDocument(f"Ce fichier dépasse {megabytes} Mo : découpez-le.", "too_large")
