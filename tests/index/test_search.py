"""Search: the right passage first, and evidence that is what it says."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.arrays import Vectors
from index.builder import build
from index.document import embedded_text
from index.errors import IndexMissing
from index.french import analyse
from index.search import Query, Retriever, _first
from tests.fakes import HashEncoder
from tests.index.conftest import FICHES, write


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    folder = tmp_path_factory.mktemp("search")
    build(write(folder / "base", FICHES), folder / "index", HashEncoder())
    return Retriever.open(folder / "index", HashEncoder())


FIRST = [
    ("les mots du texte", "dépollution des terrains industriels", "aides/friches.txt", "dépollution"),
    ("sans accents", "depollution terrains", "aides/friches.txt", "dépollution"),
    ("au pluriel", "des volontaires territoriaux, quelle aide ?", "vta.md", "15 000 €"),
    ("par le titre", "revitalisation de territoire commerces", "ort.md", "dispensés"),
    ("par un montant", "15000 €", "vta.md", "15 000 €"),
    ("par l'intertitre", "qui contacter pour un volontaire territorial", "vta.md", "préfecture"),
]


@pytest.mark.parametrize(("question", "document", "words"), [case[1:] for case in FIRST], ids=[case[0] for case in FIRST])
def test_the_passage_that_answers_comes_first(retriever: Retriever, question: str, document: str, words: str) -> None:
    hit = retriever.search(question)[0]
    assert hit.passage.document == document
    assert words in hit.passage.text


def test_hits_are_ordered_and_no_more_than_asked(retriever: Retriever) -> None:
    for k in (1, 3, 100):
        hits = retriever.search("aide à la commune", k)
        assert len(hits) == min(k, 5)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert len({hit.passage.id for hit in hits}) == len(hits)


def test_dense_evidence_is_the_cosine(retriever: Retriever) -> None:
    question = "aide à la commune pour un volontaire"
    encoder = HashEncoder()
    vector = encoder.encode_queries([question])[0]
    for hit in retriever.search(question):
        expected = float(encoder.encode_passages([embedded_text(hit.passage)])[0] @ vector)
        assert hit.dense == pytest.approx(expected, abs=1e-5)


def test_lexical_evidence_is_bm25(retriever: Retriever) -> None:
    question = "aide à la commune pour un volontaire"
    scores = retriever.lexical.scores(list(dict.fromkeys(analyse(question))))
    rows = {passage.id: row for row, passage in enumerate(retriever.passages)}
    hits = retriever.search(question, 100)
    np.testing.assert_allclose([hit.lexical for hit in hits], [scores[rows[hit.passage.id]] for hit in hits], rtol=1e-5)
    assert max(hit.lexical for hit in hits) > 0


class ContraryEncoder(HashEncoder):
    """Puts every question opposite to one text, which so comes last of all by cosine."""

    text = ""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.repeat(-self._vector(self.text)[None], len(texts), axis=0)


def test_a_passage_that_only_its_words_find_is_a_candidate_with_its_true_cosine(tmp_path: Path) -> None:
    texts = {f"{number:03d}.txt": f"Le sujet numéro {number} occupe cette page entière." for number in range(150)}
    encoder = ContraryEncoder()
    build(write(tmp_path / "base", texts | {"rare.txt": "La fontaine du village est réparée."}), tmp_path / "index", encoder)
    many = Retriever.open(tmp_path / "index", encoder)
    (rare,) = (passage for passage in many.passages if passage.document == "rare.txt")
    encoder.text = embedded_text(rare)
    found = [hit for hit in many.search("fontaine", 200) if hit.passage == rare]
    assert [hit.dense for hit in found] == [pytest.approx(-1.0, abs=1e-5)]


def test_a_lexicon_term_finds_what_the_word_typed_does_not(retriever: Retriever) -> None:
    plain = retriever.search(Query("usine fermée"))
    helped = retriever.search(Query("usine fermée", extra={"usine": ["friche", "terrains industriels"]}))
    assert max(hit.lexical for hit in plain) == 0.0
    assert (helped[0].passage.document, helped[0].lexical > 0) == ("aides/friches.txt", True)


def test_the_word_typed_weighs_more_than_the_context(retriever: Retriever) -> None:
    hits = retriever.search(Query("dépollution", context="volontaire"))
    scores = {hit.passage.document: hit.lexical for hit in reversed(hits)}
    assert hits[0].passage.document == "aides/friches.txt"
    assert scores["vta.md"] > 0


def test_passages_stand_at_their_place_with_their_sources(retriever: Retriever) -> None:
    for passage in retriever.passages:
        assert retriever.documents[passage.document].text[passage.start : passage.end] == passage.text
    hit = retriever.search("convention avec l'État")[0]
    assert [(note.publisher, note.url) for note in hit.passage.notes] == [("Ministère", "https://exemple.fr/ort")]


@pytest.mark.parametrize("question", ["", " ", "???", "le la les", "zzz", "🦆", "a" * 5000, "45 000 €", "l'", "\x00"])
def test_any_question_is_answered_with_finite_scores(retriever: Retriever, question: str) -> None:
    assert all(np.isfinite([hit.score, hit.dense, hit.lexical]).all() for hit in retriever.search(question))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_random_questions_give_the_same_hits_twice(retriever: Retriever, question: str) -> None:
    assert retriever.search(question) == retriever.search(question)


def test_threads_share_a_retriever(retriever: Retriever) -> None:
    questions = [case[1] for case in FIRST] * 5
    alone = [retriever.search(question) for question in questions]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(retriever.search, questions)) == alone


def test_no_index_is_said_with_the_command_to_run(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="python -m index build"):
        Retriever.open(tmp_path, HashEncoder())


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=30), st.integers(1, 12))
def test_the_first_are_those_of_a_stable_sort(scores: list[float], count: int) -> None:
    values = np.array(scores)
    assert _first(values, count).tolist() == np.argsort(-values, kind="stable")[:count].tolist()
