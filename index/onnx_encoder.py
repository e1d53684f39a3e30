"""A sentence-transformers folder read by ONNX Runtime: texts → states of tokens → vectors, without torch.

Reads what `blocks.unpacked` makes: a BERT (`graph.onnx`, `weights.bin`), the mean of its tokens, and the modules that follow
(unit length, a linear layer). Knows nothing of prompts, passages or spans; refuses a folder with other modules.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index import weight_blocks as blocks
from index.arrays import Floats
from index.tokens import TokenStates

_PASSES = 2  # at once, each on one core: 100 GFLOP/s on two cores, one pass on both 77
_TOKENS = 512  # of one pass, padding included: more leave the cache


class OnnxEncoder:
    """A folder with a graph. `at_once`: texts a pass, at most.

    Raises:
        OSError, ValueError, and what ONNX Runtime raises: the folder is incomplete, damaged, or holds modules not known here.
    """

    def __init__(self, folder: Path, at_once: int = 16) -> None:
        config = _json(folder / "config.json")
        self.prompts: dict[str, str] = _json(folder / "config_sentence_transformers.json").get("prompts") or {}
        self._steps, self.dimension = _steps(folder, int(config["hidden_size"]))
        self._pad, self._at_once = int(config["pad_token_id"]), at_once
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(int(config["max_position_embeddings"]))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # two cores also serve pages
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(folder / blocks.GRAPH), options, providers=["CPUExecutionProvider"])
        self._workers = min(_PASSES, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="encoder")

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors of texts, (n_texts, dimension), in their order."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for tokens in self.states(texts):
            vectors[tokens.row] = self.finished(tokens.states.mean(axis=0)[None])[0]
        return vectors

    def states(self, texts: Sequence[str]) -> Iterator[TokenStates]:
        """The tokens of each text, in the order in which they are computed: short texts first."""
        encodings = self._tokenizer.encode_batch(list(texts))
        running: deque[Future[list[TokenStates]]] = deque()
        for rows in self._passes([len(encoding.ids) for encoding in encodings]):
            running.append(self._pool.submit(self._pass, encodings, rows))
            if len(running) > self._workers:  # what is computed and not yet used is kept in memory
                yield from running.popleft().result()
        while running:
            yield from running.popleft().result()

    def _passes(self, lengths: Sequence[int]) -> list[list[int]]:
        """Rows that are read together: of like lengths, so many tokens at most; the few of one question go to every core."""
        passes: list[list[int]] = []
        at_once = min(self._at_once, -(-len(lengths) // self._workers))
        for row in sorted(range(len(lengths)), key=lambda row: lengths[row]):
            if not passes or len(passes[-1]) == at_once or (len(passes[-1]) + 1) * lengths[row] > _TOKENS:
                passes.append([])
            passes[-1].append(row)
        return passes

    def finished(self, pooled: Floats) -> Floats:
        """Means of tokens, (n, hidden) → vectors, (n, dimension): the modules after the mean."""
        for step in self._steps:
            pooled = step(pooled)
        return pooled

    def _pass(self, encodings: Sequence[Any], rows: Sequence[int]) -> list[TokenStates]:
        longest = max(len(encodings[row].ids) for row in rows)
        ids = np.full((len(rows), longest), self._pad, dtype=np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(encodings[row].ids)] = encodings[row].ids
            mask[place, : len(encodings[row].ids)] = 1
        (states,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        texts = []
        for place, row in enumerate(rows):
            own = encodings[row]
            offsets, identifiers = np.array(own.offsets, dtype=np.int64), np.array(own.ids, dtype=np.int32)
            texts.append(TokenStates(row, states[place, : len(own.ids)], offsets, identifiers))
        return texts


def _steps(folder: Path, dimension: int) -> tuple[list[Callable[[Floats], Floats]], int]:
    """What follows the transformer and the mean, and the dimension that comes out."""
    first, pooling, *others = _json(folder / "modules.json")
    mean = _json(folder / pooling["path"] / "config.json")
    if _kind(first) != "Transformer" or mean.get("pooling_mode") != "mean" or not mean.get("include_prompt", True):
        raise ValueError("only the mean of the tokens of a transformer is known here")
    steps: list[Callable[[Floats], Floats]] = []
    for module in others:
        if _kind(module) == "Normalize":
            steps.append(unit)
        elif _kind(module) == "Dense" and _activation(folder / module["path"]) == "Identity":
            layer = load_file(folder / module["path"] / "model.safetensors")
            steps.append(_linear(layer["linear.weight"], layer.get("linear.bias")))
            dimension = len(layer["linear.weight"])
        else:
            raise ValueError(f"module not known here: {module['type']}")
    return [*steps, unit], dimension


def _kind(module: dict[str, str]) -> str:
    return module["type"].rpartition(".")[2]


def _activation(folder: Path) -> str:
    name: str = _json(folder / "config.json")["activation_function"]
    return name.rpartition(".")[2]


def _linear(weight: Floats, bias: Floats | None) -> Callable[[Floats], Floats]:
    def apply(vectors: Floats) -> Floats:
        product: Floats = vectors @ weight.T
        return product if bias is None else product + bias

    return apply


def unit(vectors: Floats) -> Floats:
    """Vectors brought to length one; a vector of zeros stays."""
    scaled: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32(1e-12))
    return scaled


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
