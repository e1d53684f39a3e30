"""BM25: values are those of the formula."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from index.errors import IndexCorrupt
from index.lexical import K1, B, LexicalIndex

CORPUS = [
    ["pret", "commerce", "commerce", "ville"],
    ["pret", "logement"],
    ["friche", "depollution", "terrain", "fonds", "ville", "ville"],
    [],
]


def idf(term: str) -> float:
    """ln(1 + (N - n + 0,5) / (n + 0,5)) (Robertson & Zaragoza 2009, as in Lucene)."""
    holding = sum(term in text for text in CORPUS)
    return math.log(1 + (len(CORPUS) - holding + 0.5) / (holding + 0.5))


def bm25(term: str, text: list[str]) -> float:
    """idf · tf / (tf + k1 · (1 - b + b · length / mean length))."""
    mean = sum(map(len, CORPUS)) / len(CORPUS)
    frequency = text.count(term)
    return idf(term) * frequency / (frequency + K1 * (1 - B + B * len(text) / mean))


@pytest.fixture(scope="module")
def lexical() -> LexicalIndex:
    return LexicalIndex.build(CORPUS)


@pytest.mark.parametrize("term", ["pret", "commerce", "ville", "friche"])
def test_a_term_scores_as_bm25_says(lexical: LexicalIndex, term: str) -> None:
    np.testing.assert_allclose(lexical.scores([term]), [bm25(term, text) for text in CORPUS], rtol=1e-5)


def test_terms_add_up_with_their_weights(lexical: LexicalIndex) -> None:
    expected = [bm25("pret", text) + 0.5 * bm25("ville", text) for text in CORPUS]
    np.testing.assert_allclose(lexical.scores(["pret", "ville"], [1.0, 0.5]), expected, rtol=1e-5)


def test_an_unknown_term_adds_nothing(lexical: LexicalIndex) -> None:
    np.testing.assert_array_equal(lexical.scores(["inconnu", "pret"]), lexical.scores(["pret"]))
    assert not lexical.scores(["inconnu"]).any()
    assert not lexical.scores([]).any()


def test_idf_is_the_formula_and_highest_for_the_unknown(lexical: LexicalIndex) -> None:
    for term in ("pret", "commerce", "inconnu"):
        assert lexical.idf(term) == pytest.approx(idf(term))
    assert lexical.idf("inconnu") > lexical.idf("commerce") > lexical.idf("pret")


def test_frequencies_count_texts_not_occurrences(lexical: LexicalIndex) -> None:
    assert lexical.frequencies["commerce"] == 1
    assert lexical.frequencies["ville"] == 2


def test_a_saved_index_scores_the_same(lexical: LexicalIndex, tmp_path: Path) -> None:
    lexical.save(tmp_path / "lexical")
    again = LexicalIndex.load(tmp_path / "lexical")
    for term in lexical.frequencies:
        np.testing.assert_array_equal(again.scores([term]), lexical.scores([term]))
    assert (again.frequencies, again.size) == (lexical.frequencies, lexical.size)


@pytest.mark.parametrize("corpus", [[], [[]], [[], []]], ids=["no text", "an empty text", "two empty texts"])
def test_texts_without_words_make_an_index_that_finds_nothing(corpus: list[list[str]], tmp_path: Path) -> None:
    LexicalIndex.build(corpus).save(tmp_path)
    assert LexicalIndex.load(tmp_path).scores(["pret"]).tolist() == [0.0] * len(corpus)


@pytest.mark.parametrize("name", ["frequencies.json", "scores.npy", "texts.npy", "ends.npy"])
@pytest.mark.parametrize("content", [None, b"", b"{]"], ids=["absent", "empty", "garbled"])
def test_a_damaged_file_is_refused_with_the_command_to_run(
    lexical: LexicalIndex, tmp_path: Path, name: str, content: bytes | None
) -> None:
    lexical.save(tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(IndexCorrupt, match="python -m index build"):
        LexicalIndex.load(tmp_path)
