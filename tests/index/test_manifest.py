"""The manifest: what differs is refused with the command to run; what was altered is found."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import IndexCorrupt, IndexOutdated
from index.manifest import FORMAT, Manifest
from index.search import Retriever
from index.versions import Versions
from tests.fakes import HashEncoder

COMMAND = "python -m index build"


@pytest.fixture
def folder(root: Path) -> Path:
    return Versions(root).require_current()


@pytest.fixture
def manifest(folder: Path) -> Manifest:
    return Manifest.load(folder / "manifest.json")


def test_it_comes_back_as_saved(manifest: Manifest, tmp_path: Path) -> None:
    manifest.save(tmp_path / "manifest.json")
    assert Manifest.load(tmp_path / "manifest.json") == manifest


def test_it_says_what_the_version_holds(manifest: Manifest, encoder: HashEncoder) -> None:
    assert (manifest.source, manifest.documents, manifest.passages) == ("base", 3, 5)
    assert manifest.encoder == encoder.identity
    assert set(manifest.sources) == {"ort.md", "vta.md", "aides/friches.txt"}
    assert {"documents.jsonl", "passages.jsonl", "vectors.npy", "units.npy"} <= set(manifest.files)


OTHER_ENCODERS = [
    ("autre modèle", {"sha256": "0" * 64}),
    ("autre dimension", {"dimension": 3}),
    ("autre préfixe de question", {"query_prompt": "query: "}),
    ("autre préfixe de passage", {"passage_prompt": "passage: "}),
]


@pytest.mark.parametrize("change", [case[1] for case in OTHER_ENCODERS], ids=[case[0] for case in OTHER_ENCODERS])
def test_another_encoder_is_refused(manifest: Manifest, change: dict[str, object]) -> None:
    manifest.check_parts(manifest.encoder)
    with pytest.raises(IndexOutdated, match=COMMAND):
        manifest.check_parts(replace(manifest.encoder, **change))


def test_another_encoder_is_refused_when_the_index_opens(root: Path) -> None:
    with pytest.raises(IndexOutdated, match=f"hachage.*voisin.*{COMMAND}"):
        Retriever.open(root, HashEncoder(name="voisin"))


def test_other_prompts_are_named(manifest: Manifest) -> None:
    with pytest.raises(IndexOutdated, match="query: "):
        manifest.check_parts(replace(manifest.encoder, query_prompt="query: "))


def test_another_analyser_is_refused(manifest: Manifest) -> None:
    with pytest.raises(IndexOutdated, match=COMMAND):
        replace(manifest, analyser="fr-0").check_parts(manifest.encoder)


def test_another_format_is_refused(manifest: Manifest, tmp_path: Path) -> None:
    replace(manifest, format=0).save(tmp_path / "manifest.json")
    with pytest.raises(IndexOutdated, match=COMMAND):
        Manifest.load(tmp_path / "manifest.json")


UNREADABLE = [("absent", None), ("empty", ""), ("list", "[]"), ("cut", "{"), ("partial", f'{{"format": {FORMAT}}}')]


@pytest.mark.parametrize("content", [case[1] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE])
def test_an_unreadable_manifest_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(IndexCorrupt, match=COMMAND):
        Manifest.load(tmp_path / "manifest.json")


FILES = ["documents.jsonl", "passages.jsonl", "vectors.npy", "units.npy", "terms/parts.npy", "lexical/frequencies.json"]


@pytest.mark.parametrize("name", FILES)
def test_one_byte_altered_is_found(folder: Path, root: Path, encoder: HashEncoder, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(IndexCorrupt, match=f"{name}.*{COMMAND}"):
        Retriever.open(root, encoder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_found(folder: Path, root: Path, encoder: HashEncoder, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(IndexCorrupt, match=f"{name}.*{COMMAND}"):
        Retriever.open(root, encoder)


def test_every_file_of_a_version_is_under_guard(folder: Path, manifest: Manifest) -> None:
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert present == set(manifest.files) | {"manifest.json"}


SHAPES = [
    ("une source changée", lambda m: replace(m, sources=m.sources | {"ort.md": replace(m.sources["ort.md"], sha256="0")})),
    ("une source en moins", lambda m: replace(m, sources={"ort.md": m.sources["ort.md"]})),
    ("encodeur", lambda m: replace(m, encoder=replace(m.encoder, sha256="0"))),
    ("découpage", lambda m: replace(m, splitting={"size": 1, "minimum": 1})),
    ("poids du classement", lambda m: replace(m, ranking={"weights": {"dense": 1}})),
    ("lexique", lambda m: replace(m, control={"lexique.yaml": "0"})),
    ("analyseur", lambda m: replace(m, analyser="fr-0")),
    ("lecture des fichiers", lambda m: replace(m, reading="0")),
]


@pytest.mark.parametrize("change", [case[1] for case in SHAPES], ids=[case[0] for case in SHAPES])
def test_whatever_shapes_the_index_makes_another_content(manifest: Manifest, change: object) -> None:
    assert not manifest.same_content(change(manifest))


def test_name_and_date_do_not_shape_the_index(manifest: Manifest) -> None:
    assert manifest.same_content(replace(manifest, version="x", created="y", files={}))


def test_it_is_readable_json(folder: Path) -> None:
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["format"] == FORMAT
