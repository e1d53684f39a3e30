"""Titles given by the staff: read with care, applied at every build, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import retitling
from index.builder import build
from index.errors import IndexingError
from index.search import Retriever
from tests.fakes import HashEncoder
from tests.index.conftest import write

TEXT = "La foire aux bestiaux a lieu le premier lundi du mois, champ de foire, de six heures à midi."


def titles(root: Path) -> dict[str, str]:
    return {path: document.title for path, document in Retriever.open(root, HashEncoder()).documents.items()}


def test_a_title_given_outlives_builds_and_is_taken_back(tmp_path: Path) -> None:
    base, root = write(tmp_path / "base", {"modele.txt": f"Modèle\n\n{TEXT}"}), tmp_path / "index"
    build(base, root, HashEncoder())
    own = titles(root)["modele.txt"]
    (base / retitling.FILE).write_text(retitling.written({"modele.txt": "La foire : dates"}), encoding="utf-8")
    assert build(base, root, HashEncoder()).published
    assert titles(root) == {"modele.txt": "La foire : dates"}
    assert not build(base, root, HashEncoder()).published
    write(base, {"autre.txt": TEXT.replace("bestiaux", "fromages")})
    build(base, root, HashEncoder())
    assert titles(root)["modele.txt"] == "La foire : dates"
    (base / retitling.FILE).unlink()
    build(base, root, HashEncoder())
    assert titles(root)["modele.txt"] == own


@pytest.mark.parametrize("content", ["- a\n- b\n", "a.txt: [1]\n", "a.txt: ''\n", "a: b: c\n", "3: trois\n", "a.txt: \x00\n"])
def test_a_file_of_titles_that_is_none_is_refused_by_name(content: str, tmp_path: Path) -> None:
    base = write(tmp_path / "base", {"a.txt": TEXT, retitling.FILE: content})
    with pytest.raises(IndexingError, match=r"titres\.yaml"):
        build(base, tmp_path / "index", HashEncoder())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    told = {"docs/l'été: 2026.pdf": "« Été » : l'édition #2", "b.txt": "oui"}
    (tmp_path / retitling.FILE).write_text(retitling.written(told), encoding="utf-8")
    assert retitling.given(tmp_path) == told
    assert retitling.clean(" a\n b " + "x" * 300) == "a b " + "x" * 196
