"""Whole documents: what a passage inherits from the document it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.builder import build
from index.document_features import DocumentFeatures, lead_of
from index.ranking import WeightedTerms
from index.search import Retriever
from tests.fakes import HashEncoder
from tests.index.conftest import write

EAST, NORTH = np.array([1.0, 0.0], dtype=np.float32), np.array([0.0, 1.0], dtype=np.float32)
ASKED = WeightedTerms((frozenset({"hall"}), frozenset({"loyer"})), (3.0, 1.0))


def whole_of(
    places: Sequence[Sequence[int]],
    vectors: Sequence[NDArray[np.float32]],
    lengths: Sequence[int] = (),
    asked: Sequence[bool] = (),
    leads: Sequence[Sequence[str]] = (),
    sizes: Sequence[int] = (),
) -> DocumentFeatures:
    documents = 1 + max((row for rows in places for row in rows), default=-1)
    return DocumentFeatures(
        places,
        lengths or [10] * len(places),
        np.array(vectors, dtype=np.float32).reshape(-1, 2),
        asked or [True] * len(places),
        [frozenset(terms) for terms in leads or [()] * documents],
        sizes or [10] * documents,
    )


def features(whole: DocumentFeatures, lexical: Sequence[float], name: str) -> list[float]:
    found: list[float] = whole.features(np.array(lexical, dtype=np.float32), EAST, ASKED)[name].tolist()
    return found


def test_a_passage_inherits_the_score_of_its_document_relative_to_the_best() -> None:
    whole = whole_of([[0], [0], [1]], [EAST, EAST, NORTH])
    assert features(whole, [1.0, 4.0], "document_lexical") == [0.25, 0.25, 1.0]
    assert features(whole, [1.0, 4.0], "document_dense") == [1.0, 1.0, 0.0]


def test_a_document_is_the_mean_of_its_passages_by_length() -> None:
    whole = whole_of([[0], [0], [1]], [EAST, NORTH, EAST], lengths=[30, 10, 10])
    assert features(whole, [0.0, 0.0], "document_dense") == pytest.approx([3 / 10**0.5, 3 / 10**0.5, 1.0])


def test_a_passage_that_stands_in_two_documents_inherits_from_the_better() -> None:
    assert features(whole_of([[0, 1], [1]], [EAST, NORTH]), [0.0, 2.0], "document_lexical") == [1.0, 1.0]


def test_no_match_at_all_is_zero_and_no_passage_is_nothing() -> None:
    whole = whole_of([[0]], [NORTH])
    assert [features(whole, [0.0], name) for name in ("document_lexical", "document_dense", "lead_coverage")] == [[0.0]] * 3
    empty = whole_of([], []).features(np.zeros(0, dtype=np.float32), EAST, ASKED)
    assert all(len(values) == 0 for values in empty.values())


def test_a_bare_passage_has_the_lead_of_its_document_and_one_under_a_question_has_not() -> None:
    whole = whole_of([[0], [0], [1]], [EAST] * 3, asked=[False, True, False], leads=[["hall", "marche"], ["loyer"]])
    assert features(whole, [0.0, 0.0], "bare") == [1.0, 0.0, 1.0]
    assert features(whole, [0.0, 0.0], "lead_coverage") == [0.75, 0.0, 0.25]


def test_the_shorter_a_document_the_further_from_long_whatever_its_length_beyond() -> None:
    whole = whole_of([[0], [1], [2], [3]], [EAST] * 4, asked=[False, False, False, True], sizes=[200, 2_000, 90_000, 200])
    assert features(whole, [0.0] * 4, "document_shortness") == pytest.approx([np.log(10), 0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("", ""),
        ("Un mot", "Un mot"),
        ("Une phrase. " * 100, "Une phrase. " * 25 + "Une phrase."),
        ("mot " * 1000, ("mot " * 225).rstrip()),
    ],
)
def test_the_lead_is_whole_sentences_while_there_are(text: str, lead: str) -> None:
    assert lead_of(text) == lead


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


@pytest.mark.parametrize("names", [("a.md", "b.md"), ("b.md", "a.md")])
def test_of_two_equal_bare_passages_the_one_whose_document_opens_on_the_subject_comes_first(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    same, filler = "La demande est déposée en ligne avant le 31 mars.", "Le conseil vote le budget de la commune. " * 40
    subject, title = "La piscine chauffée ouvre en mai.", "---\ntitre: Note\n---\n"
    opens, ends = names
    base = {
        opens: f"{title}{subject}\n\n{filler}\n\n{same} {filler}",
        ends: f"{title}{filler}\n\n{same} {filler} Bon.\n\n{subject}",
    }
    build(write(tmp_path / "base", base), tmp_path / "index", HashEncoder())
    hits = Retriever.open(tmp_path / "index", HashEncoder()).search("demande en ligne, piscine chauffée en mai")
    assert [hit.passage.document for hit in hits if hit.passage.text.startswith("La demande")] == [opens, ends]
