"""Weights in blocks: read to the bit, unpacked once and whole, whoever comes first."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from index import weight_blocks
from index.embedding import SHIPPED, SentenceEncoder
from index.errors import EncoderUnavailable


def packed(scales: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Numbers from 0 to 15, (rows, blocks, 32), and scales, (rows, blocks) → blocks."""
    low, high = numbers[..., :16], numbers[..., 16:]
    halves = (low | high << 4).astype(np.uint8)
    return np.concatenate([scales.astype("<f2")[..., None].view(np.uint8), halves], axis=-1)


def test_blocks_give_their_weights_back() -> None:
    draw = np.random.default_rng(5)
    numbers, scales = draw.integers(0, 16, (3, 2, 32)), draw.normal(size=(3, 2)).astype(np.float16)
    expected = ((numbers - 8) * scales.astype(np.float32)[..., None]).reshape(3, 64)
    np.testing.assert_array_equal(weight_blocks.floats(packed(scales, numbers)), expected.astype(np.float32))


def test_a_graph_reads_a_tensor_as_it_is_or_transposed() -> None:
    weights = np.random.default_rng(5).normal(size=(4, 32)).astype(np.float32)
    np.testing.assert_array_equal(weight_blocks.made("float", weights), weights)
    transposed = weight_blocks.made("transposed", weights)
    np.testing.assert_array_equal(transposed, weights.T)
    assert (transposed.dtype, transposed.flags["C_CONTIGUOUS"]) == (np.float32, True)


def test_external_weights_stand_where_it_says(tmp_path: Path) -> None:
    state = {"a": np.ones(3, dtype=np.float32), "b": np.arange(6, dtype=np.float32).reshape(2, 3)}
    recipe = [{"tensor": "a", "kind": "float"}, {"tensor": "b", "kind": "transposed"}, {"tensor": "b", "kind": "float"}]
    places = weight_blocks.external(recipe, state, tmp_path / "weights.bin")
    assert places == [(0, 12), (64, 24), (128, 24)]
    content = (tmp_path / "weights.bin").read_bytes()
    assert content[64:88] == np.array([0, 3, 1, 4, 2, 5], dtype=np.float32).tobytes()
    assert content[128:] == np.arange(6, dtype=np.float32).tobytes()


def test_the_folder_unpacked_opens_with_sentence_transformers(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    folder = weight_blocks.unpacked(SHIPPED, tmp_path)
    assert SentenceTransformer(str(folder), device="cpu").encode(["query: une aide"]).shape == (1, 384)
    assert weight_blocks.unpacked(folder, tmp_path) == folder, "what is unpacked stays"


def test_two_readers_at_once_unpack_one_folder(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as threads, get_context("spawn").Pool(1) as processes:
        elsewhere = processes.apply_async(weight_blocks.unpacked, (SHIPPED, tmp_path))
        found = set(threads.map(weight_blocks.unpacked, [SHIPPED] * 2, [tmp_path] * 2)) | {elsewhere.get(60)}
    assert list(tmp_path.iterdir()) == list(found)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("un fichier", encoding="utf-8")
    with pytest.raises(EncoderUnavailable, match=re.escape(str(tmp_path / "cache"))):
        SentenceEncoder(SHIPPED, cache=tmp_path / "cache")
