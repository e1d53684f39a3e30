"""Whole documents: what a passage inherits from the document it stands in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.builder import build
from index.search import Retriever
from index.whole import Whole
from tests.fakes import HashEncoder
from tests.index.conftest import write

EAST, NORTH = np.array([1.0, 0.0], dtype=np.float32), np.array([0.0, 1.0], dtype=np.float32)


def test_a_passage_inherits_the_score_of_its_document_relative_to_the_best() -> None:
    whole = Whole([[0], [0], [1]], [10, 10, 10], np.stack([EAST, EAST, NORTH]), 2)
    found = whole.features(np.array([1.0, 4.0], dtype=np.float32), EAST)
    assert found["document_lexical"].tolist() == [0.25, 0.25, 1.0]
    assert found["document_dense"].tolist() == [1.0, 1.0, 0.0]


def test_a_document_is_the_mean_of_its_passages_by_length() -> None:
    whole = Whole([[0], [0], [1]], [30, 10, 10], np.stack([EAST, NORTH, EAST]), 2)
    found = whole.features(np.zeros(2, dtype=np.float32), EAST)
    assert found["document_dense"] == pytest.approx([3 / 10**0.5, 3 / 10**0.5, 1.0])


def test_a_passage_that_stands_in_two_documents_inherits_from_the_better() -> None:
    whole = Whole([[0, 1], [1]], [10, 10], np.stack([EAST, NORTH]), 2)
    assert whole.features(np.array([0.0, 2.0], dtype=np.float32), EAST)["document_lexical"].tolist() == [1.0, 1.0]


def test_no_match_at_all_is_zero_and_no_passage_is_nothing() -> None:
    whole = Whole([[0]], [10], np.stack([NORTH]), 1)
    assert whole.features(np.zeros(1, dtype=np.float32), EAST) == {"document_lexical": [0.0], "document_dense": [0.0]}
    empty = Whole([], [], np.zeros((0, 2), dtype=np.float32), 0).features(np.zeros(0, dtype=np.float32), EAST)
    assert [len(values) for values in empty.values()] == [0, 0]


def test_of_two_equal_passages_the_one_whose_document_speaks_of_the_rest_comes_first(tmp_path: Path) -> None:
    same, filler = "La demande est déposée en ligne avant le 31 mars.", "Le conseil vote le budget. " * 40
    base = {
        "a.md": f"## Calendrier\n{same} Voir le maire.\n\n## Suite\nLes halles accueillent un marché. {filler}",
        "b.md": f"## Calendrier\n{same} Voir le préfet.\n\n## Suite\nLa piscine chauffée ouvre en mai. {filler}",
    }
    build(write(tmp_path / "base", base), tmp_path / "index", HashEncoder())
    hits = Retriever.open(tmp_path / "index", HashEncoder()).search("demande en ligne, piscine chauffée en mai")
    placed = [hit.passage.document for hit in hits if hit.passage.text.startswith("La demande")]
    assert placed == ["b.md", "a.md"]
