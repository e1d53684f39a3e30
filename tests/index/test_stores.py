"""Stores: every one gives what brute force gives — values, order and scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.errors import IndexCorrupt
from index.stores.faiss_store import FaissStore


def unit_vectors(count: int, dimension: int = 32, seed: int = 7) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def oracle(vectors: NDArray[np.float32], queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Every inner product, sorted."""
    scores = queries @ vectors.T
    rows = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return rows, np.take_along_axis(scores, rows, axis=1)


EXACT, COMPRESSED = 10**9, 0
STORES = pytest.mark.parametrize("compressed_from", [EXACT, COMPRESSED], ids=["exact", "8 bits first"])


def test_the_exact_store_equals_brute_force() -> None:
    vectors, queries = unit_vectors(500), unit_vectors(20, seed=8)
    rows, scores = FaissStore.build(vectors).search(queries, 10)
    expected_rows, expected_scores = oracle(vectors, queries, 10)
    assert rows.tolist() == expected_rows.tolist()
    np.testing.assert_allclose(scores, expected_scores, atol=1e-6)


def test_8_bits_first_find_what_brute_force_finds() -> None:
    """Vectors that lie together, as those of texts on one matter do: the hundredth is hardly further than the two hundredth."""
    draw = np.random.default_rng(5)
    vectors = unit_vectors(1, 64) + 0.5 * unit_vectors(3000, 64, seed=6) * draw.random((3000, 1)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    queries = vectors[:50] + 0.2 * unit_vectors(50, 64, seed=8)
    rows, scores = FaissStore.build(vectors, compressed_from=COMPRESSED).search(queries, 100)
    expected_rows, _ = oracle(vectors, queries, 100)
    recall = np.mean([len(set(found) & set(wanted)) / 100 for found, wanted in zip(rows, expected_rows, strict=True)])
    assert recall >= 0.98
    np.testing.assert_allclose(scores, np.take_along_axis(queries @ vectors.T, rows, axis=1), atol=1e-6)


@STORES
def test_scores_are_cosines_larger_is_better(compressed_from: int) -> None:
    half = np.array([0.5, np.sqrt(0.75)], dtype=np.float32)
    vectors = np.array([[-1, 0], [0, 1], half, [1, 0]], dtype=np.float32)
    rows, scores = FaissStore.build(vectors, compressed_from=compressed_from).search(vectors[3:], 4)
    assert rows[0].tolist() == [3, 2, 1, 0]
    np.testing.assert_allclose(scores[0], [1.0, 0.5, 0.0, -1.0], atol=1e-6)


@STORES
def test_a_search_gives_no_more_rows_than_there_are_vectors(compressed_from: int) -> None:
    rows, scores = FaissStore.build(unit_vectors(3), compressed_from=compressed_from).search(unit_vectors(2, seed=8), 10)
    assert rows.shape == scores.shape == (2, 3)
    assert sorted(rows[0].tolist()) == [0, 1, 2]


@STORES
def test_vectors_come_back_as_given(compressed_from: int) -> None:
    vectors = unit_vectors(50)
    store = FaissStore.build(vectors, compressed_from=compressed_from)
    np.testing.assert_array_equal(store.vectors(), vectors)
    np.testing.assert_array_equal(store.vectors(np.array([17, 3])), vectors[[17, 3]])
    assert (len(store), store.dimension) == (50, 32)


@STORES
def test_a_saved_store_answers_the_same(tmp_path: Path, compressed_from: int) -> None:
    store, queries = FaissStore.build(unit_vectors(300), compressed_from=compressed_from), unit_vectors(5, seed=8)
    store.save(tmp_path / "vectors.npy")
    again = FaissStore.load(tmp_path / "vectors.npy", compressed_from)
    for mine, theirs in zip(store.search(queries, 10), again.search(queries, 10), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_store_without_vectors_gives_no_row() -> None:
    store = FaissStore.build(np.zeros((0, 8), dtype=np.float32))
    assert store.search(unit_vectors(1, 8), 5)[0].shape == (1, 0)


DAMAGED = [("absent", None), ("vide", b""), ("étranger", b"PK\x03\x04 ceci n'est pas un index"), ("coupé", "cut")]


@pytest.mark.parametrize("content", [case[1] for case in DAMAGED], ids=[case[0] for case in DAMAGED])
def test_a_damaged_file_is_refused_with_the_command_to_run(tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / "vectors.npy"
    if content == "cut":
        FaissStore.build(unit_vectors(50)).save(path)
        content = path.read_bytes()[:-100]
    if isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(IndexCorrupt, match="python -m index build"):
        FaissStore.load(path)
