"""Texts → unit vectors. The only module that imports sentence_transformers.

Knows nothing of passages or stores. The shipped French model is read by ONNX Runtime (`index/onnx_encoder.py`), any other by
torch; queries and passages may carry different prompts (E5's « query: »…).

The vectors of a passage's sentences come from the pass that gives the passage's own (late chunking, Günther et al. 2024,
arXiv 2409.04701): each is the mean of its tokens, which have read the whole passage, so that « 15 000 € par an » is told from
the same words under another subject.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from index import weight_blocks
from index.arrays import Span, Vectors
from index.comprehension import AnswerPrediction, Comprehension
from index.errors import EncoderUnavailable
from index.interaction import Projection
from index.tokens import NO_TOKENS, UNKNOWN, PassageTokens, QuestionTokens, TokenStates, kind

SHIPPED = Path(__file__).parent / "models" / "encoder"
# Where the weights that ship are unpacked: the folder of caches of whoever runs this (XDG Base Directory).
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "assistant-pvd"
_BATCH = 16  # passages a pass: longer batches only wait for their longest

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


class Parts(NamedTuple):
    """Passages as they are compared."""

    vectors: Vectors  # (n_texts, dimension)
    spans: list[Vectors]  # of each passage, (n_spans, dimension)
    tokens: list[PassageTokens]  # of each passage; none of a model without layers


class Encoder(Protocol):
    """Texts → vectors of unit length, float32, shape (n_texts, dimension)."""

    @property
    def identity(self) -> EncoderIdentity:
        """What must be the same for the vectors of two encoders to be compared."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, (n_texts, dimension), read after the prompt of questions."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, (n_texts, dimension), read after the prompt of passages."""

    def encode_query_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[QuestionTokens]]:
        """Vectors of questions, (n_texts, dimension), and the tokens of each; `UNKNOWN` of a model without layers."""

    def encode_parts(self, texts: Sequence[str], parts: Sequence[Sequence[Span]]) -> Parts:
        """Passages and their spans, in one pass.

        Args:
            parts: of each text, the spans that get a vector of their own; offsets in characters.
        """

    def predict_answers(self, question: QuestionTokens, passages: Sequence[PassageTokens]) -> list[AnswerPrediction]:
        """Whether each passage answers a question, and where, in their order; empty of a model without comprehension."""


@dataclass(frozen=True)
class _Layers:
    """What a model folder may hold beside the model: layers over the states of its tokens."""

    interaction: Projection
    comprehension: Comprehension | None

    @classmethod
    def load(cls, folder: Path) -> _Layers | None:
        interaction = Projection.load(folder)
        return cls(interaction, Comprehension.load(folder)) if interaction else None

    def question_tokens(self, states: Vectors, ids: NDArray[np.int32]) -> QuestionTokens:
        comprehension = self.comprehension.projected(states) if self.comprehension else states[:, :0]
        return QuestionTokens(self.interaction.projected(states), self.interaction.shares(states), comprehension, ids)

    def passage_tokens(self, states: Vectors, offsets: NDArray[np.int64], ids: NDArray[np.int32]) -> PassageTokens:
        comprehension = self.comprehension
        tokens: PassageTokens = np.zeros(
            len(states), dtype=kind(self.interaction.dimension, comprehension.dimension if comprehension else 0)
        )
        tokens["near"], tokens["id"], tokens["start"] = self.interaction.kept(states), ids, offsets[:, 0]
        if comprehension:
            tokens["read"] = comprehension.kept(states)
        return tokens


class _Model(Protocol):
    """What a loaded model gives, whatever runs it. Texts carry their prompts."""

    @property
    def prompts(self) -> dict[str, str]: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Vectors: ...

    def states(self, texts: Sequence[str]) -> Iterable[TokenStates] | None:
        """The tokens of each text; None of a model whose vectors are not means of tokens."""

    def finished(self, pooled: Vectors) -> Vectors:
        """Means of tokens, (n, hidden) → vectors, (n, dimension)."""


class SentenceEncoder:
    """A sentence-transformers model, from a local directory or by its hub name.

    Prompts: those given, else those the model declares for « query » and « document », else those that
    its name is known for. Vectors are brought to unit length; a text is cut at the length the model
    declares, and the vectors of single sentences still see what a passage's loses there.

    A folder that holds a graph is read by ONNX Runtime where it is installed, any other by torch.

    Raises:
        EncoderUnavailable: the model cannot be loaded (absent, damaged, or no network for the hub).
    """

    def __init__(
        self, name: str | Path = SHIPPED, query_prompt: str | None = None, passage_prompt: str | None = None, cache: Path = CACHE
    ) -> None:
        self._model, sha256, self._layers = _load(str(name), cache)
        declared = self._model.prompts
        query, passage = known_prompts(str(name))
        query, passage = declared.get("query") or query, declared.get("document") or passage
        self._query_prompt = query if query_prompt is None else query_prompt
        self._passage_prompt = passage if passage_prompt is None else passage_prompt
        self._identity = EncoderIdentity(
            name=Path(name).name if Path(name).is_dir() else str(name),
            sha256=sha256,
            dimension=self._model.dimension,
            query_prompt=self._query_prompt,
            passage_prompt=self._passage_prompt,
        )

    @property
    def identity(self) -> EncoderIdentity:
        """What must be the same for the vectors of two encoders to be compared."""
        return self._identity

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, (n_texts, dimension), unit length."""
        return self._encode(texts, self._query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, (n_texts, dimension), unit length."""
        return self._encode(texts, self._passage_prompt)

    def encode_query_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[QuestionTokens]]:
        """Vectors of questions, (n_texts, dimension), unit length, and the tokens of each; `UNKNOWN` without layers."""
        layers = self._layers
        encoded = self._model.states([self._query_prompt + text for text in texts]) if layers else None
        if layers is None or encoded is None:
            return self.encode_queries(texts), [UNKNOWN] * len(texts)
        vectors, tokens = np.zeros((len(texts), self._identity.dimension), dtype=np.float32), [UNKNOWN] * len(texts)
        for row, states, _, ids in encoded:
            vectors[row] = _unit(self._model.finished(states.mean(axis=0)[None]))[0]
            tokens[row] = layers.question_tokens(states, ids)
        return vectors, tokens

    def predict_answers(self, question: QuestionTokens, passages: Sequence[PassageTokens]) -> list[AnswerPrediction]:
        """Whether each passage answers a question, and where; empty of a model without comprehension."""
        comprehension = self._layers.comprehension if self._layers else None
        return comprehension.predict(question, passages) if comprehension and len(question.ids) else []

    def encode_parts(self, texts: Sequence[str], parts: Sequence[Sequence[Span]]) -> Parts:
        """Passages and their spans: one pass of the model for each passage.

        A model whose vectors are not means of tokens takes one more pass for each span. A span beyond the length that the model
        reads has the vector of its passage.
        """
        tokens: list[PassageTokens] = [NO_TOKENS] * len(texts)
        encoded = self._model.states([self._passage_prompt + text for text in texts])
        if encoded is None:
            pairs = zip(texts, parts, strict=True)
            flat = self.encode_passages([text[start:end] for text, spans in pairs for start, end in spans])
            ends = np.cumsum([len(spans) for spans in parts])
            return Parts(self.encode_passages(texts), np.split(flat, ends[:-1]) if len(parts) else [], tokens)
        vectors = np.zeros((len(texts), self._identity.dimension), dtype=np.float32)
        span_vectors: list[Vectors] = [np.zeros((0, self._identity.dimension), dtype=np.float32)] * len(texts)
        for row, states, offsets, ids in encoded:
            offsets = offsets - len(self._passage_prompt)
            finished = _unit(self._model.finished(_pooled(states, offsets, parts[row])))
            vectors[row], span_vectors[row] = finished[0], finished[1:]
            if self._layers:
                own = of_text(offsets)
                tokens[row] = self._layers.passage_tokens(states[own], offsets[own], ids[own])
        return Parts(vectors, span_vectors, tokens)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self._identity.dimension), dtype=np.float32)
        return _unit(self._model.encode([prompt + text for text in texts]))


class _Torch:
    """A model run by sentence-transformers."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.prompts: dict[str, str] = getattr(model, "prompts", None) or {}
        self.dimension = int(model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = self._model.encode(texts, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
        return vectors

    def states(self, texts: Sequence[str]) -> Iterable[TokenStates] | None:
        modules = list(self._model)
        kinds = [type(module).__name__ for module in modules[:2]]
        averages = kinds == ["Transformer", "Pooling"] and modules[1].pooling_mode == "mean" and self._model.tokenizer.is_fast
        return self._read(texts) if averages else None

    def _read(self, texts: Sequence[str]) -> Iterator[TokenStates]:
        import torch

        by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))  # padding is wasted work
        for first in range(0, len(texts), _BATCH):
            rows = by_length[first : first + _BATCH]
            inputs = self._model.tokenizer(
                [texts[row] for row in rows],
                padding=True,
                truncation=True,
                max_length=self._model.max_seq_length,
                return_offsets_mapping=True,
                return_tensors="pt",
            )
            offsets, ids = inputs.pop("offset_mapping").numpy(), inputs["input_ids"].numpy().astype(np.int32)
            with torch.inference_mode():
                features = self._model[0](dict(inputs))
            tokens, real = features["token_embeddings"].numpy(), features["attention_mask"].numpy() > 0
            for place, row in enumerate(rows):
                own = real[place]
                yield TokenStates(row, tokens[place][own], offsets[place][own], ids[place][own])

    def finished(self, pooled: Vectors) -> Vectors:
        import torch

        with torch.inference_mode():
            features = {"sentence_embedding": torch.from_numpy(pooled)}
            for module in list(self._model)[2:]:
                features = module(features)
            vectors: Vectors = torch.nn.functional.normalize(features["sentence_embedding"], dim=-1).numpy()
        return vectors


def of_text(offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which tokens are those of a text, (n_tokens,), from their offsets in it, (n_tokens, 2).

    Neither those of its prompt, which end at 0 or before once its length is taken away, nor the special ones, which are empty.
    """
    inside: NDArray[np.bool_] = (offsets[:, 1] > offsets[:, 0]) & (offsets[:, 1] > 0)
    return inside


def _pooled(states: Vectors, offsets: NDArray[np.int64], spans: Sequence[Span]) -> Vectors:
    """The mean of the tokens of a text, then of those of each span, (1 + n_spans, hidden); the first where a span has none.

    Args:
        states: (n_tokens, hidden).
        offsets: (n_tokens, 2), in the text without its prompt.
        spans: in the text.
    """
    starts, ends = offsets[:, 0], offsets[:, 1]
    rows = [states.mean(axis=0)]
    for start, end in spans:
        inside = (ends > starts) & (starts >= start - 1) & (ends <= end) & (ends > start)
        rows.append(states[inside].mean(axis=0) if inside.any() else rows[0])
    return np.stack(rows)


def _unit(vectors: Any) -> Vectors:
    return np.ascontiguousarray(np.nan_to_num(vectors), dtype=np.float32)


def known_prompts(name: str) -> tuple[str, str]:
    """What is put before questions and passages for a model of this name, a folder or a name on the hub."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1].lower()
    return next(((query, passage) for pattern, query, passage in _KNOWN_PROMPTS if pattern.search(last)), ("", ""))


@lru_cache(maxsize=4)
def _load(name: str, cache: Path) -> tuple[_Model, str, _Layers | None]:
    """A model, the SHA-256 of its files (of the name and revision for one from the hub), and its layers if it has some."""
    try:
        if not Path(name).is_dir():
            model = _torch(name)
            revision = getattr(getattr(model, "model_card_data", None), "base_model_revision", "")
            return _Torch(model), hashlib.sha256(f"{name}@{revision}".encode()).hexdigest(), None
        folder, sha256 = weight_blocks.unpacked(Path(name), cache), weight_blocks.fingerprint(Path(name))
        layers = _Layers.load(Path(name))
        if (folder / weight_blocks.EXTERNAL).is_file():
            with suppress(ImportError):  # without ONNX Runtime the same folder is read by torch
                from index.onnx_encoder import OnnxEncoder

                return OnnxEncoder(folder), sha256, layers
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a local directory must not ask the hub anything
        return _Torch(_torch(str(folder))), sha256, layers
    # Everything: tokenizers raises a bare Exception, ONNX Runtime, safetensors and the hub types of their own that share no other
    # base; whichever it is, there is no encoder.
    except Exception as error:
        raise EncoderUnavailable(
            f"L'encodeur « {name} » ne peut pas être chargé ({type(error).__name__}). "
            "Vérifiez ASSISTANT_ENCODER : un dossier sentence-transformers complet, ou un nom de modèle joignable ; "
            f"et que le dossier « {cache} » peut être écrit."
        ) from error


def _torch(name: str) -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # before the import
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("transformers.modeling_utils").setLevel(logging.ERROR)  # layers no vector needs are said to be missing
    return SentenceTransformer(name, device="cpu")
