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
from index.loaders import markdown, pdf

Loader = Callable[[Path, str], Document]
_MODULES: tuple[ModuleType, ...] = (markdown, pdf)
LOADERS: dict[str, Loader] = {suffix: module.load for module in _MODULES for suffix in module.SUFFIXES}


def load(path: Path, relative: str) -> Document:
    """Read a file. `relative` is its path in the source folder, with « / »: its identity.

    :raises UnreadableDocument: with a reason in French and the status of the build report.
    """
    loader = LOADERS.get(path.suffix.lower())
    if loader is None:
        raise UnreadableDocument("Format non pris en charge.", "unsupported")
    document = loader(path, relative)
    if not document.text.strip():
        raise UnreadableDocument("Ce fichier ne contient aucun texte.", "empty")
    return document
