"""The titles that the staff gave to documents: `titres.yaml`, at the root of their folder, path → title.

A title found in a file can be a template's or an agenda's; people know better. Knows nothing of how titles are found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from index.document import Document
from index.errors import IndexingError

FILE = "titres.yaml"
LONGEST = 200  # characters
_HOW = "Écrivez une ligne par document : « chemin/du/fichier.pdf: Son titre »."


def given(folder: Path) -> dict[str, str]:
    """The titles given in a folder; none where there is no such file.

    Raises:
        IndexingError: the file is not what it should be; says where.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", ligne {mark.line + 1}" if mark else ""
        raise IndexingError(f"« {FILE} » est illisible{where}. {_HOW}") from error
    if not isinstance(rows, dict):
        raise IndexingError(f"« {FILE} » n'est pas une liste de titres. {_HOW}")
    for name, title in rows.items():
        if not isinstance(name, str) or not isinstance(title, str) or not clean(title):
            raise IndexingError(f"« {FILE} » : le titre de « {name} » n'est pas un texte. Mettez-le entre guillemets.")
    return {name: clean(title) for name, title in rows.items()}


def written(titles: Mapping[str, str]) -> str:
    """The file that gives these titles."""
    lines: str = yaml.safe_dump(dict(sorted(titles.items())), allow_unicode=True, default_flow_style=False, width=10_000)
    return lines


def clean(title: str) -> str:
    """A title on one line, no longer than a title."""
    return " ".join(title.split())[:LONGEST]


def retitled(document: Document, titles: Mapping[str, str]) -> Document:
    """A document under the title that was given to it."""
    return replace(document, title=titles.get(document.path) or document.title)
