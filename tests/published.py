"""The index of knowledge/ by the shipped encoder: what `make index` made, lent to the tests, and what they ask of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from index.builder import build
from index.embedding import SHIPPED, SentenceEncoder
from index.versions import Versions
from tests.workers import made_once

PROJECT = Path(__file__).parents[1]


def published() -> Path | None:
    """The folder of the version in service; None where nothing was built, and the tests encode everything themselves."""
    return Versions(PROJECT / "var" / "index").current()


def index_of_the_base(temporary: pytest.TempPathFactory) -> Path:
    """An index of knowledge/ as it is now, made once for all workers, to be read."""
    return made_once(temporary, "base", _built)


def _built(root: Path) -> None:
    """Begins from the version in service, when there is one: a build encodes what changed since and no more.

    A build of the same documents would publish nothing beside a lender: it finds its version there already.
    """
    if found := published():
        shutil.copytree(found, Versions(root).folder(found.name))
        (root / "CURRENT").write_text(found.name, encoding="utf-8")
    build(PROJECT / "knowledge", root, SentenceEncoder(str(SHIPPED)))
