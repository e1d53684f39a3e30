"""Weights in 4-bit blocks, as they ship ↔ float32, as they are read: a model folder unpacked once.

Block Q4_0 (ggml): 32 weights of one output neuron share a float16 scale, followed by 16 bytes; byte j holds weight j in its
low half and weight j + 16 in its high half; weight = (half - 8) × scale. A tensor in blocks is uint8, (rows, columns / 32, 18),
under the name of the weights and « .q4 ».

Beside them, what ONNX Runtime reads: a graph that names its weights by their place in `weights.bin`, and `graph.json`, which
says how each is made from a tensor of the model, in the order of their places. Knows nothing of what the weights compute.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

PACKED, WEIGHTS = "model.q4.safetensors", "model.safetensors"
GRAPH, RECIPE, EXTERNAL = "graph.onnx", "graph.json", "weights.bin"
ALIGNED = 64  # bytes a place in `weights.bin` is a multiple of
SUFFIX = ".q4"
_NAMED = (GRAPH, RECIPE, "tokenizer.json", "modules.json")  # what vectors depend on besides weights


def floats(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blocks, (rows, columns / 32, 18) → weights, (rows, columns)."""
    scales = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    halves = np.concatenate([blocks[..., 2:] & 15, blocks[..., 2:] >> 4], axis=-1).astype(np.float32) - 8
    weights: NDArray[np.float32] = (halves * scales).reshape(len(blocks), -1)
    return weights


def restored(state: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """Tensors as they ship → weights under their own names."""
    return {name.removesuffix(SUFFIX): floats(values) if name.endswith(SUFFIX) else values for name, values in state.items()}


def made(kind: str, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a graph reads of a tensor: « float », as it is, or « transposed », (in, out) instead of (out, in)."""
    return np.ascontiguousarray(weights.T if kind == "transposed" else weights, dtype=np.float32)


def external(recipe: Sequence[Mapping[str, str]], state: Mapping[str, NDArray[np.float32]], path: Path) -> list[tuple[int, int]]:
    """Writes the weights of a graph one after the other; offset and length of each, in bytes."""
    places = []
    with path.open("wb") as file:
        for entry in recipe:
            file.write(b"\0" * (-file.tell() % ALIGNED))
            content = made(entry["kind"], state[entry["tensor"]]).tobytes()
            places.append((file.tell(), len(content)))
            file.write(content)
    return places


def unpacked(folder: Path, cache: Path) -> Path:
    """A folder whose weights are in blocks → one that sentence-transformers and ONNX Runtime read, made once under `cache`.

    The copy is named after the content, and appears whole or not at all: two processes may make it at once. A folder
    whose weights are not in blocks is returned as it is.

    Raises:
        OSError: `cache` cannot be written.
    """
    packed = folder / PACKED
    if not packed.is_file():
        return folder
    target = cache / f"{folder.name}-{fingerprint(folder)[:16]}"
    if (target / WEIGHTS).is_file():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as temporary:
        copy = Path(temporary) / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(PACKED))
        state = restored(load_file(packed))
        if (folder / GRAPH).is_file():
            external(json.loads((folder / RECIPE).read_text(encoding="utf-8")), state, copy / EXTERNAL)
        save_file(state, copy / WEIGHTS, metadata={"format": "pt"})
        try:
            os.replace(copy, target)
        except OSError:  # another process was first: its copy is the same
            if not (target / WEIGHTS).is_file():
                raise
    return target


def fingerprint(folder: Path) -> str:
    """SHA-256 of what a model's vectors depend on: its weights, its graph, its tokenizer, its modules."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".bin") or path.name in _NAMED:
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
