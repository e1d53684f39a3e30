"""Texts → unit vectors. The only module that imports sentence_transformers.

Knows nothing of passages or stores. The shipped French model and any other sentence-transformers
model take the same path; queries and passages may carry different prompts (E5's « query: »…).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import EncoderUnavailable

SHIPPED = Path(__file__).parent / "embedder"
Vectors = NDArray[np.float32]


# What some models were trained to read before a text, by name, from their model cards; for those whose files
# declare nothing. Without them e5 and Solon lose several points.
_KNOWN_PROMPTS = (
    (
        re.compile(r"multilingual-e5-\w+-instruct"),
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ",
        "",
    ),
    (re.compile(r"(?:multilingual-)?e5-(?:small|base|large)"), "query: ", "passage: "),
    (re.compile(r"solon-embeddings-(?:base|large)"), "query : ", ""),
)


@dataclass(frozen=True)
class EncoderIdentity:
    """What makes two encoders give the same vectors: goes into the manifest."""

    name: str
    sha256: str
    dimension: int
    query_prompt: str = ""
    passage_prompt: str = ""


class Encoder(Protocol):
    """Texts → vectors of unit length, float32, shape (n_texts, dimension)."""

    @property
    def identity(self) -> EncoderIdentity: ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors: ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors: ...


class SentenceEncoder:
    """A sentence-transformers model, from a local directory or by its hub name.

    Prompts: those given, else those the model declares for « query » and « document », else those that
    its name is known for. Vectors are brought to unit length; a text is cut at the length the model
    declares, and the vectors of single sentences still see what a passage's loses there.

    Raises:
        EncoderUnavailable: the model cannot be loaded (absent, damaged, or no network for the hub).
    """

    def __init__(self, name: str | Path = SHIPPED, query_prompt: str | None = None, passage_prompt: str | None = None) -> None:
        self._model = _load(str(name))
        declared = getattr(self._model, "prompts", None) or {}
        query, passage = known_prompts(str(name))
        query, passage = declared.get("query") or query, declared.get("document") or passage
        self._query_prompt = query if query_prompt is None else query_prompt
        self._passage_prompt = passage if passage_prompt is None else passage_prompt
        label = "embedder" if Path(name) == SHIPPED else (Path(name).name if Path(name).is_dir() else str(name))
        self._identity = EncoderIdentity(
            name=label,
            sha256=_fingerprint(str(name), self._model),
            dimension=int(self._model.get_embedding_dimension() or 0),
            query_prompt=self._query_prompt,
            passage_prompt=self._passage_prompt,
        )

    @property
    def identity(self) -> EncoderIdentity:
        return self._identity

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, self._query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, self._passage_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self._identity.dimension), dtype=np.float32)
        vectors = self._model.encode(
            [prompt + text for text in texts], normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.ascontiguousarray(np.nan_to_num(vectors), dtype=np.float32)


def known_prompts(name: str) -> tuple[str, str]:
    """What is put before questions and passages for a model of this name, a folder or a name on the hub."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1].lower()
    return next(((query, passage) for pattern, query, passage in _KNOWN_PROMPTS if pattern.search(last)), ("", ""))


@lru_cache(maxsize=4)
def _load(name: str) -> Any:
    # Telemetry off before the import; a local directory must not ask the hub anything.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if Path(name).is_dir():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(name, device="cpu")
    except Exception as error:  # the library raises a dozen kinds; all mean the same to the caller
        raise EncoderUnavailable(
            f"L'encodeur « {name} » ne peut pas être chargé ({type(error).__name__}). "
            "Vérifiez ASSISTANT_ENCODER : un dossier sentence-transformers complet, ou un nom de modèle joignable."
        ) from error


def _fingerprint(name: str, model: object) -> str:
    """SHA-256 of the weights on disk; of the name and revision for a model from the hub."""
    digest = hashlib.sha256()
    folder = Path(name)
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".safetensors", ".bin") or path.name in ("tokenizer.json", "modules.json"):
                digest.update(path.name.encode())
                digest.update(path.read_bytes())
    else:
        revision = getattr(getattr(model, "model_card_data", None), "base_model_revision", "")
        digest.update(f"{name}@{revision}".encode())
    return digest.hexdigest()
