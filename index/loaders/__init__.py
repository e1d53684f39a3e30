"""A file → a Document, whatever its format: the registry of the loaders.

One module a format family, each with its SUFFIXES and its `load(path, relative)`. This is the one
place where the errors of reading libraries are translated; it knows nothing of splitting or search.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from index.document import Document
from index.errors import UnreadableDocument
from index.loaders import archive, text_quality
from index.loaders.formats import refusal
from index.loaders.html import loader as html
from index.loaders.office import presentation, word
from index.loaders.opendocument import sheets as opendocument_sheets
from index.loaders.opendocument import slides as opendocument_slides
from index.loaders.opendocument import text as opendocument_text
from index.loaders.pdf import loader as pdf
from index.loaders.sheets import delimited, spreadsheet
from index.loaders.text import epub, mail, markdown, plain, rtf

Loader = Callable[[Path, str], Document]
_TEXTS = (markdown, plain, html, mail, epub, rtf, pdf, word, opendocument_text)
_MODULES: tuple[ModuleType, ...] = (*_TEXTS, presentation, opendocument_slides, spreadsheet, opendocument_sheets, delimited)
LOADERS: dict[str, Loader] = {suffix: module.load for module in _MODULES for suffix in module.SUFFIXES}

MAX_BYTES = 100 * 1024**2  # a file; a larger one is a scan or a data set, and takes minutes to read
MAX_CHARACTERS = 50_000_000  # 15,000 pages
LONGEST_WORD = 200  # characters without a space; a web address may have as many
MIN_WORDS_SHARE = 0.2  # of the characters; a table of contents with dotted leaders has .5


def load(path: Path, relative: str) -> Document:
    """Read a file.

    Args:
        relative: its path in the source folder, with « / »: what names the document from then on.

    Raises:
        UnreadableDocument: with a reason in French and the status of the build report.
    """
    try:
        check(path)
        suffix = path.suffix.lower()
        if suffix in archive.SUFFIXES:
            archive.check(path)
        document = LOADERS[suffix](path, relative)
    except (UnreadableDocument, MemoryError):
        raise
    except OSError as error:
        raise UnreadableDocument("Ce fichier ne peut pas être ouvert : absent, ou droits insuffisants.") from error
    # Everything: a dozen libraries read what anyone may have sent, and on a broken file raise their own types, struct.error,
    # AssertionError, RecursionError… One file is then refused; the build goes on.
    except Exception as error:
        raise UnreadableDocument("Ce fichier est abîmé, ou son contenu n'est pas du format annoncé.") from error
    if not document.text.strip():
        raise UnreadableDocument(" ".join(("Ce fichier ne contient aucun texte.", *document.remarks)), "empty")
    _check_text(document.text)
    return replace(document, remarks=(*document.remarks, *filter(None, [text_quality.doubts(document.text)])))


def check(path: Path) -> None:
    """Refuse a file from its name and size alone.

    Raises:
        UnreadableDocument: as `load`.
    """
    suffix = path.suffix.lower()
    if suffix not in LOADERS:
        raise UnreadableDocument(refusal(suffix, LOADERS), "unsupported")
    _check_size(path)


def _check_text(text: str) -> None:
    """Refuse what is too long to be a document, or not made of words (3 MB of hyphens, a key of 20 MB)."""
    if len(text) > MAX_CHARACTERS:
        raise UnreadableDocument(
            f"Ce fichier contient plus de {MAX_CHARACTERS // 10**6} millions de caractères : découpez-le.", "too_large"
        )
    in_words = sum(len(word) for word in text.split() if len(word) <= LONGEST_WORD and any(map(str.isalnum, word)))
    if in_words < MIN_WORDS_SHARE * len(text):
        raise UnreadableDocument("Ce fichier ne contient pas de texte fait de mots.")


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise UnreadableDocument("Ce fichier est vide.", "empty")
    if size > MAX_BYTES:
        megabytes = MAX_BYTES // 1024**2
        raise UnreadableDocument(f"Ce fichier dépasse {megabytes} Mo : découpez-le.", "too_large")
