"""Whole documents: what a passage inherits from the document it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import document_features
from index.builder import build
from index.document import Document, Passage, Place
from index.document_features import lead_of
from index.french import analyse
from index.ranking import WeightedTerms
from index.search import Retriever
from index.term_lists import Vocabulary
from tests.fakes import HashEncoder
from tests.index.conftest import write

EAST, NORTH = np.array([1.0, 0.0], dtype=np.float32), np.array([0.0, 1.0], dtype=np.float32)
ASKED = WeightedTerms((frozenset(analyse("halle")), frozenset(analyse("loyer"))), (3.0, 1.0))


class Base:
    """Passages and documents by what is weighed of them, saved and read again as a build and a search do."""

    def __init__(
        self,
        folder: Path,
        places: Sequence[Sequence[int]],
        vectors: Sequence[NDArray[np.float32]],
        lengths: Sequence[int] = (),
        asked: Sequence[bool] = (),
        texts: Sequence[str] = (),
    ) -> None:
        count = 1 + max((row for rows in places for row in rows), default=-1)
        documents = [Document(f"{row}.md", "", text) for row, text in enumerate(texts or [""] * count)]
        passages = [
            Passage(
                f"{row}",
                documents[own[0]].path,
                "",
                ("Combien ?",) if is_asked else (),
                "x" * length,
                0,
                length,
                also=tuple(Place(documents[other].path, 0, 0) for other in own[1:]),
            )
            for row, (own, length, is_asked) in enumerate(
                zip(places, lengths or [10] * len(places), asked or [True] * len(places), strict=True)
            )
        ]
        vocabulary = Vocabulary()
        document_features.save(folder, vocabulary, documents, passages, np.array(vectors, dtype=np.float32).reshape(-1, 2))
        self.whole = document_features.load(folder, vocabulary)
        self.size = len(passages)

    def features(self, lexical: Sequence[float], name: str) -> list[float]:
        inherited = self.whole.inherited(np.array(lexical, dtype=np.float32), EAST)
        found: list[float] = (inherited | self.whole.of(np.arange(self.size), ASKED))[name].tolist()
        return found


def test_a_passage_inherits_the_score_of_its_document_relative_to_the_best(tmp_path: Path) -> None:
    base = Base(tmp_path, [[0], [0], [1]], [EAST, EAST, NORTH])
    assert base.features([1.0, 4.0], "document_lexical") == [0.25, 0.25, 1.0]
    assert base.features([1.0, 4.0], "document_dense") == [1.0, 1.0, 0.0]


def test_a_document_is_the_mean_of_its_passages_by_length(tmp_path: Path) -> None:
    base = Base(tmp_path, [[0], [0], [1]], [EAST, NORTH, EAST], lengths=[30, 10, 10])
    assert base.features([0.0, 0.0], "document_dense") == pytest.approx([3 / 10**0.5, 3 / 10**0.5, 1.0])


def test_a_passage_that_stands_in_two_documents_inherits_from_the_better(tmp_path: Path) -> None:
    base = Base(tmp_path, [[0, 1], [1]], [EAST, NORTH], texts=["Une halle.", "Un loyer."], asked=[False, False])
    assert base.features([0.0, 2.0], "document_lexical") == [1.0, 1.0]
    assert base.features([0.0, 0.0], "lead_coverage") == [0.75, 0.25]


def test_no_match_at_all_is_zero_and_no_passage_is_nothing(tmp_path: Path) -> None:
    base = Base(tmp_path / "one", [[0]], [NORTH])
    assert [base.features([0.0], name) for name in ("document_lexical", "document_dense", "lead_coverage")] == [[0.0]] * 3
    empty = Base(tmp_path / "none", [], []).whole.inherited(np.zeros(0, dtype=np.float32), EAST)
    assert all(len(values) == 0 for values in empty.values())


def test_a_bare_passage_has_the_lead_of_its_document_and_one_under_a_question_has_not(tmp_path: Path) -> None:
    base = Base(tmp_path, [[0], [0], [1]], [EAST] * 3, asked=[False, True, False], texts=["Une halle de marché.", "Le loyer."])
    assert base.features([0.0, 0.0], "bare") == [1.0, 0.0, 1.0]
    assert base.features([0.0, 0.0], "lead_coverage") == [0.75, 0.0, 0.25]


def test_the_shorter_a_document_the_further_from_long_whatever_its_length_beyond(tmp_path: Path) -> None:
    texts = ["x" * size for size in (200, 2_000, 90_000, 200)]
    base = Base(tmp_path, [[0], [1], [2], [3]], [EAST] * 4, asked=[False, False, False, True], texts=texts)
    assert base.features([0.0] * 4, "document_shortness") == pytest.approx([np.log(10), 0.0, 0.0, 0.0])


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
