"""The shipped encoder read by ONNX Runtime: what torch gives, whatever is read beside it, in the order asked."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from index import weight_blocks
from index.embedding import CACHE, SHIPPED, SentenceEncoder
from index.onnx_encoder import OnnxEncoder, unit

SENTENCES = [
    "Qui peut en bénéficier ?",
    "La collectivité reçoit une aide forfaitaire de 15 000 € pour le recrutement d'un volontaire.",
    "Le préfet de département valide la fiche de poste.",
    "L'ORT facilite l'installation des commerces en centre-ville, qui sont dispensés d'autorisation d'exploitation.",
    "Le marché du samedi matin se tient sur la place de l'église.",
]
TEXTS = [" ".join(itertools.islice(itertools.cycle(SENTENCES[n % 5 :] + SENTENCES[: n % 5]), 1 + n // 3)) for n in range(20)]


@pytest.fixture(scope="module")
def folder() -> Path:
    return weight_blocks.unpacked(SHIPPED, CACHE)


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OnnxEncoder:
    return OnnxEncoder(folder)


def test_it_gives_what_torch_gives(folder: Path, encoder: OnnxEncoder) -> None:
    """Means of tokens; once the centre is off, what is left of the vectors is smaller, and any difference weighs more."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    tokens = model.encode(TEXTS, output_value="token_embeddings")
    expected = unit(np.stack([states.numpy().mean(axis=0) for states in tokens]))
    found = unit(np.stack([t.states.mean(axis=0) for t in sorted(encoder.states(TEXTS))]))
    cosines = (expected * found).sum(axis=1)
    assert cosines.min() >= 0.9999
    centred = (model.encode(TEXTS, normalize_embeddings=True) * encoder.encode(TEXTS)).sum(axis=1)
    assert centred.min() >= 0.9999


def test_the_order_is_kept_and_neighbours_do_not_count(encoder: OnnxEncoder) -> None:
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-5)


def test_parts_are_means_of_their_tokens(encoder: OnnxEncoder) -> None:
    text = "Une aide. Le préfet."
    wholes, (spans,), _ = SentenceEncoder().encode_parts([text], [[(0, 9), (10, 20), (900, 950)]])
    prompt = "passage: "
    (tokens,) = encoder.states([prompt + text])
    starts, ends = tokens.offsets.T - len(prompt)
    second = tokens.states[(ends > starts) & (starts >= 9) & (ends <= 20)]
    np.testing.assert_allclose(wholes, encoder.finished(tokens.states.mean(axis=0)[None]), atol=1e-6)
    np.testing.assert_allclose(spans[1], encoder.finished(second.mean(axis=0)[None])[0], atol=1e-6)
    np.testing.assert_array_equal(spans[2], wholes[0])


def test_no_text_has_no_vector(encoder: OnnxEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)
    wholes, spans, _ = SentenceEncoder().encode_parts([], [])
    assert (wholes.shape, spans) == ((0, 384), [])


def test_a_very_long_text_is_cut(encoder: OnnxEncoder) -> None:
    (tokens,) = encoder.states(["Le préfet valide la fiche. " * 500])
    assert len(tokens.states) == 512
    start = "La commune signe. " * 300
    np.testing.assert_array_equal(encoder.encode([start + "Un."]), encoder.encode([start + "Une autre fin."]))


def test_a_module_that_is_not_known_is_refused(tmp_path: Path, folder: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).symlink_to(path.resolve())
    (tmp_path / "modules.json").unlink()
    modules = (folder / "modules.json").read_text(encoding="utf-8").replace("normalize.Normalize", "layer_norm.LayerNorm")
    (tmp_path / "modules.json").write_text(modules, encoding="utf-8")
    with pytest.raises(ValueError, match="LayerNorm"):
        OnnxEncoder(tmp_path)
