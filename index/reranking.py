"""A question and passages → how well each answers, by a cross-encoder. Off unless a setting names one.

A cross-encoder reads the question and a passage together, which no vector of either alone can do; it
costs a pass of a transformer for each passage, so it only sees the first hits. Any sentence-transformers
CrossEncoder plugs in, from a folder or by its hub name. Knows nothing of indexes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import EncoderUnavailable

RERANKED = 20  # hits that are read again: a small transformer took 2.6 s for them on two busy cores
MAX_TOKENS = 512  # for a model whose tokenizer declares no limit


class Reranker(Protocol):
    """Reads a question and a passage together."""

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """One a text, (n_texts,); larger is better, comparable within one question only."""


class CrossReranker:
    """A sentence-transformers CrossEncoder with one output.

    Raises:
        EncoderUnavailable: the model cannot be loaded, or gives several scores a pair.
    """

    def __init__(self, name: str | Path) -> None:
        self._model = _load(str(name))

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """How well each text answers a question, (n_texts,); larger is better."""
        if not texts:
            return np.zeros(0, dtype=np.float32)
        found = self._model.predict([(question, text) for text in texts], show_progress_bar=False, convert_to_numpy=True)
        return np.nan_to_num(np.asarray(found, dtype=np.float32).reshape(len(texts)))


@lru_cache(maxsize=2)
def _load(name: str) -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if Path(name).is_dir():  # a local directory must not ask the hub anything
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from sentence_transformers import CrossEncoder

        model = CrossEncoder(name, device="cpu")
        if model.num_labels != 1:
            raise ValueError("several scores a pair")
    except Exception as error:  # everything: tokenizers raises a bare Exception, torch and safetensors types of their own
        raise EncoderUnavailable(
            f"Le modèle de reclassement « {name} » ne peut pas être chargé ({type(error).__name__}). Vérifiez "
            "ASSISTANT_RERANKER : un dossier CrossEncoder à un seul score, ou un nom de modèle joignable ; vide : aucun."
        ) from error
    if not model.max_seq_length or model.max_seq_length > 100_000:
        model.max_seq_length = MAX_TOKENS
    return model
