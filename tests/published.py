"""The index that `make index` made of knowledge/: what lends its vectors to the tests that want the shipped encoder."""

from __future__ import annotations

import shutil
from pathlib import Path

from index.versions import Versions

PROJECT = Path(__file__).parents[1]


def published() -> Path | None:
    """The folder of the version in service; None where nothing was built, and the tests encode everything themselves."""
    return Versions(PROJECT / "var" / "index").current()


def copy_published(root: Path) -> None:
    """Makes that version, when there is one, the current one of another index.

    A build of the same documents would publish nothing beside a lender: it finds its version there already.
    """
    if found := published():
        shutil.copytree(found, Versions(root).folder(found.name))
        (root / "CURRENT").write_text(found.name, encoding="utf-8")
