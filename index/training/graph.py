"""A model folder → the graph that ONNX Runtime reads in its place: `graph.onnx`, without weights, and `graph.json`.

    python -m index.training.graph index/models/encoder

The graph is exported by PyTorch, and every weight that it holds is found again among the tensors of the model by its values:
`index/weight_blocks.py` can then make it without that library. Products in 8 bits were tried: half as fast again, but a
mean cosine of .983 to these vectors once the centre is off, and vectors that depend on the texts read in the same pass.
Knows the transformer of a sentence-transformers folder only; what comes after it (mean, centre) is no part of the graph.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer

from index import weight_blocks

INPUTS, OUTPUT = ("input_ids", "attention_mask"), "token_embeddings"
KINDS = ("float", "transposed")
_Known = dict[tuple[str, tuple[int, ...]], list[tuple[NDArray[Any], dict[str, str]]]]
_SMALL = 1024  # bytes under which a constant stays in the graph, unless it is a weight


class _States(torch.nn.Module):
    """The states of the tokens alone, in the order of the inputs."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return states


def export(folder: Path, path: Path) -> None:
    """The transformer of a folder, weights included."""
    sentence_transformer = SentenceTransformer(str(folder), device="cpu")
    read = sentence_transformer.tokenizer(["Bonjour.", "Quel est le taux de l'aide ?"], padding=True, return_tensors="pt")
    shape = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens")}
    torch.onnx.export(
        _States(sentence_transformer[0].model).eval(),
        tuple(read[name] for name in INPUTS),
        str(path),
        input_names=list(INPUTS),
        output_names=[OUTPUT],
        dynamic_shapes={name: shape for name in INPUTS},
        dynamo=True,
        external_data=False,
    )


def without_weights(graph: onnx.ModelProto, state: dict[str, NDArray[np.float32]], data: Path) -> list[dict[str, str]]:
    """Moves the weights of a graph to `data`, as `blocks` makes them; what each is, in order.

    Raises:
        ValueError: a large constant of the graph is no tensor of the model.
    """
    known: _Known = {}
    for name, tensor in state.items():
        for kind in KINDS if tensor.ndim == 2 else KINDS[:1]:
            values = weight_blocks.made(kind, tensor)
            known.setdefault(_signature(values), []).append((values, {"tensor": name, "kind": kind}))
    recipe, moved = [], []
    for constant in graph.graph.initializer:
        values = numpy_helper.to_array(constant)
        entry = _found(values, known)
        if entry is not None:
            recipe.append(entry)
            moved.append(constant)
        elif values.nbytes > _SMALL and not _positions(values):
            raise ValueError(f"{constant.name} {values.shape}: no tensor of the model has these values")
    for constant, (offset, length) in zip(moved, weight_blocks.external(recipe, state, data), strict=True):
        constant.ClearField("raw_data")
        constant.data_location = onnx.TensorProto.EXTERNAL
        del constant.external_data[:]
        for key, value in (("location", weight_blocks.EXTERNAL), ("offset", offset), ("length", length)):
            constant.external_data.add(key=key, value=str(value))
    return recipe


def write(folder: Path) -> None:
    """Writes the graph and its recipe in the folder of a model that ships."""
    for name in (weight_blocks.GRAPH, weight_blocks.RECIPE):
        (folder / name).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        opened = weight_blocks.unpacked(folder, Path(temporary))
        exported = Path(temporary) / "exported.onnx"
        export(opened, exported)
        graph = onnx.load(str(exported))
        recipe = without_weights(graph, load_file(opened / weight_blocks.WEIGHTS), Path(temporary) / weight_blocks.EXTERNAL)
    for node in graph.graph.node:  # paths and lines of the exporter
        del node.metadata_props[:]
        node.doc_string = ""
    del graph.graph.value_info[:]
    (folder / weight_blocks.GRAPH).write_bytes(graph.SerializeToString(deterministic=True))
    rows = ",\n ".join(json.dumps(entry) for entry in recipe)
    (folder / weight_blocks.RECIPE).write_text(f"[{rows}]\n", encoding="utf-8")


def _signature(values: NDArray[Any]) -> tuple[str, tuple[int, ...]]:
    return values.dtype.str, values.shape


def _found(values: NDArray[Any], known: _Known) -> dict[str, str] | None:
    """The tensor of the same values, but for the last digits."""
    same = known.get(_signature(values), [])
    return next((entry for other, entry in same if np.allclose(values, other, rtol=1e-5, atol=1e-9)), None)


def _positions(values: NDArray[Any]) -> bool:
    """Positions 0, 1, 2… and zeros: constants of the exporter, not weights."""
    return np.issubdtype(values.dtype, np.integer) and values.nbytes <= 8192


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)
