"""Published word vectors: read, cleaned, handed down to tokens."""

from __future__ import annotations

import numpy as np
import pytest
from spacy.vocab import Vocab

from index import word_vectors
from index.training import NORMALIZER
from index.word_vectors import WordVectors


def vocabulary(rows: dict[str, list[float]]) -> Vocab:
    vocab = Vocab(vectors_name="essai")
    for word, row in rows.items():
        vocab.set_vector(word, np.array(row, dtype=np.float32))
    return vocab


def test_words_spelled_alike_are_one_word_and_the_frequent_one_weighs_more() -> None:
    found = word_vectors.spelled(vocabulary({"École": [2, 0], "pont": [0, 1], "ECOLE": [0, 5]}), NORMALIZER.normalize_str)
    assert found.words == ["ecole", "pont"]
    first, third = 1 / 100, 1 / 102  # weights fall with the rank
    assert found.weights == pytest.approx([first + third, 1 / 101])
    assert found.vectors[0] == pytest.approx([first / (first + third), third / (first + third)])


def test_a_package_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match="pas_de_ce_nom"):
        word_vectors.read("pas_de_ce_nom", str)


def test_what_all_words_share_is_taken_off() -> None:
    draws = np.random.default_rng(0)
    meaning = draws.standard_normal((400, 6)).astype(np.float32)
    usage = 9 * draws.standard_normal((400, 1)).astype(np.float32)  # one direction that says nothing
    given = WordVectors([str(n) for n in range(400)], np.hstack([usage + 20, meaning]), np.ones(400, dtype=np.float32))
    cleaned = word_vectors.without_common(given, 1).vectors
    assert np.abs(cleaned[:, 0]).max() < 0.1
    expected = word_vectors.unit(meaning - meaning.mean(axis=0))
    assert np.mean(np.sum(cleaned[:, 1:] * expected, axis=1)) > 0.99


def test_the_tokens_of_a_word_mean_what_the_word_means() -> None:
    halle, marche, cycle = np.eye(3, dtype=np.float32)
    rows = np.stack([halle, marche, (marche + cycle) / 2])
    words = WordVectors(["halle", "marche", "marchecycle"], rows, np.ones(3, dtype=np.float32))
    tokens = [np.array(ids, dtype=np.int32) for ids in ([0], [1], [1, 2])]
    vectors = word_vectors.token_vectors(words, tokens, size=4, ridge=1e-4)
    assert vectors[:3] == pytest.approx(np.stack([halle, marche, cycle]), abs=0.01)
    assert not vectors[3].any()  # a token of no word


def test_frequent_words_decide_a_token_they_share_with_rare_ones() -> None:
    one, other = np.eye(2, dtype=np.float32)
    words = WordVectors(["frequent", "rare"], np.stack([one, other]), np.array([9, 1], dtype=np.float32))
    shared = [np.array([0], dtype=np.int32)] * 2
    vectors = word_vectors.token_vectors(words, shared, size=1, ridge=1e-6)
    assert vectors[0] == pytest.approx([0.75, 0.25], abs=0.01)  # square roots: 3 to 1


def test_the_initial_vectors_of_an_encoder_hold_both_parts() -> None:
    from index.training import Recipe, initial_vectors

    recipe = Recipe(dimension=3, window=1)
    documents = [np.array(ids, dtype=np.int32) for ids in ([0, 1, 2, 3], [0, 2, 1], [0, 3, 4], [0, 4, 1])]
    general = np.eye(5, dtype=np.float32)[[0, 1, 2, 3, 3]]  # tokens 3 and 4 mean the same
    alone, both = (word_vectors.unit(initial_vectors(documents, 5, recipe, part)) for part in (None, general))
    assert both.shape == (5, 3)
    assert both[3] @ both[4] > alone[3] @ alone[4] + 0.1
