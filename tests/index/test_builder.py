"""The builder: incremental equals full, what is withdrawn is gone, a killed build harms nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import manifest
from index.builder import Report, build
from index.errors import EmptyKnowledge, IndexingError
from index.folder import CONTROL_FILES, files
from index.search import Retriever
from index.serialisation import read_documents
from index.versions import Versions
from tests.fakes import HashEncoder, InlineWorkers
from tests.index.conftest import FICHES, write

INTERRUPTED = Path(__file__).parent / "interrupted_build.py"
QUESTIONS = ("aide pour un volontaire", "dépollution d'un terrain", "qui peut signer une ORT ?", "commerce")
NEW = "Le prêt finance la rénovation thermique des bâtiments publics de la commune.\n"


def fates(report: Report) -> dict[str, str]:
    return {file.path: file.status for file in report.files}


def answers(root: Path) -> list[list[tuple[str, float, float, float]]]:
    """Passages, scores and evidence for a few questions."""
    retriever = Retriever.open(root, HashEncoder())
    return [[(h.passage.id, h.score, h.dense, h.lexical) for h in retriever.search(q, 20)] for q in QUESTIONS]


def test_a_first_build_reports_every_file(base: Path, tmp_path: Path, encoder: HashEncoder) -> None:
    report = build(base, tmp_path / "index", encoder)
    assert report.published
    assert fates(report) == dict.fromkeys(FICHES, "indexed")
    assert report.as_dict()["totals"] == {"files": 3, "documents": 3, "passages": 5, "indexed": 3}
    assert sum(file.passages for file in report.files) == report.passages == 5


def test_a_fault_in_the_header_of_a_fiche_is_reported_and_loses_nothing(base: Path, tmp_path: Path, encoder: HashEncoder) -> None:
    write(base, {"ort.md": FICHES["ort.md"].replace("2026-01-30", "30/01/2026")})
    for status in ("indexed", "unchanged"):  # told again until it is mended
        report = build(base, tmp_path / "index", encoder)
        assert fates(report) == dict.fromkeys(FICHES, status)
        (told,) = (file for file in report.files if file.reason)
        line, written, wanted = "ligne 3", "« mis_a_jour: 30/01/2026 »", "« mis_a_jour: 2026-01-30 »"
        assert told.path == "ort.md" and all(part in told.reason for part in (line, written, wanted)), told.reason


def test_nothing_changed_publishes_nothing(base: Path, root: Path, encoder: HashEncoder) -> None:
    before = Versions(root).require_current()
    encoder.seen.clear()
    report = build(base, root, encoder)
    assert not report.published
    assert set(fates(report).values()) == {"unchanged"}
    assert (Versions(root).require_current(), len(Versions(root).history())) == (before, 1)
    assert encoder.seen == []


CHANGES = [
    ("ajout", {"pret.md": NEW}, ()),
    ("modification", {"vta.md": FICHES["vta.md"].replace("15 000", "20 000")}, ()),
    ("retrait", {}, ("ort.md",)),
    ("tout à la fois", {"pret.md": NEW, "aides/friches.txt": "Le fonds friches est fermé depuis un an.\n"}, ("vta.md",)),
    ("renommage", {"zz.md": FICHES["ort.md"]}, ("ort.md",)),
    ("une copie", {"zz.md": FICHES["ort.md"]}, ()),
    ("le même paragraphe ailleurs", {"aa.md": "## Quel soutien ?\n" + FICHES["vta.md"].split("soutien ?\n")[1]}, ()),
]


@pytest.mark.parametrize(("added", "removed"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_an_incremental_build_equals_a_full_one(
    base: Path, root: Path, tmp_path: Path, encoder: HashEncoder, added: dict[str, str], removed: tuple[str, ...]
) -> None:
    write(base, added)
    for name in removed:
        (base / name).unlink()
    incremental = build(base, root, encoder)
    full = build(base, tmp_path / "other", encoder)
    one, other = (Retriever.open(place, encoder) for place in (root, tmp_path / "other"))
    assert (list(one.passages), dict(one.documents)) == (list(other.passages), dict(other.documents))
    np.testing.assert_array_equal(one._store.vectors(), other._store.vectors())
    np.testing.assert_array_equal(*(np.load(found.folder / "units.npy") for found in (one, other)))
    assert answers(root) == answers(tmp_path / "other")
    assert (incremental.passages, incremental.documents) == (full.passages, full.documents)


def test_only_what_changed_is_encoded_again(base: Path, root: Path, encoder: HashEncoder) -> None:
    encoder.seen.clear()
    write(base, {"pret.md": NEW})
    report = build(base, root, encoder)
    assert fates(report) == dict.fromkeys(FICHES, "unchanged") | {"pret.md": "indexed"}
    assert [text for text in encoder.seen if text.startswith("Pret. ")] == ["Pret. " + NEW.strip()]
    assert not any(text.startswith("Opération de revitalisation") for text in encoder.seen)


def test_a_withdrawn_document_is_unreachable(base: Path, root: Path, encoder: HashEncoder) -> None:
    (base / "aides" / "friches.txt").unlink()
    report = build(base, root, encoder)
    assert fates(report)["aides/friches.txt"] == "withdrawn"
    folder = Versions(root).require_current()
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "manifest.json":
            assert b"pollution" not in path.read_bytes(), path.name
    retriever = Retriever.open(root, encoder)
    assert "aides/friches.txt" not in retriever.documents
    assert "friche" not in retriever.lexical.frequencies
    assert not retriever.lexical.scores(["friche"]).any()
    gone = encoder.encode_queries(["friches. Le fonds friches finance la dépollution des terrains industriels abandonnés."])
    assert float((retriever._store.vectors() @ gone[0]).max()) < 0.9
    assert all(hit.passage.document != "aides/friches.txt" for q in QUESTIONS for hit in retriever.search(q, 100))
    assert not any(place.document == "aides/friches.txt" for p in retriever.passages for place in p.also)


def test_readers_keep_their_version_until_they_open_again(base: Path, root: Path, encoder: HashEncoder) -> None:
    reader = Retriever.open(root, encoder)
    (base / "ort.md").unlink()
    build(base, root, encoder)
    assert reader.search("convention ORT")[0].passage.document == "ort.md"
    assert all(hit.passage.document != "ort.md" for hit in Retriever.open(root, encoder).search("convention ORT"))


def test_a_copy_is_a_duplicate_that_names_its_original_until_it_goes(base: Path, root: Path, encoder: HashEncoder) -> None:
    write(base, {"zz.md": FICHES["ort.md"]})
    copied = build(base, root, encoder)
    assert (fates(copied)["zz.md"], copied.passages) == ("duplicate", 5)
    assert "ort.md" in copied.files[-1].reason
    (base / "ort.md").unlink()
    report = build(base, root, encoder)
    assert (fates(report)["zz.md"], fates(report)["ort.md"], report.passages) == ("indexed", "withdrawn", 5)


def test_a_paragraph_found_twice_is_indexed_once_with_its_two_places(base: Path, tmp_path: Path, encoder: HashEncoder) -> None:
    paragraph = "La demande est déposée en ligne avant le 31 mars auprès de la direction régionale."
    write(base, {"autre.txt": f"Un texte d'un autre document, sans aucun rapport.\n\n{paragraph}\n"})
    build(base, tmp_path / "index", encoder)
    retriever = Retriever.open(tmp_path / "index", encoder)
    (kept,) = (p for p in retriever.passages if paragraph in p.text)
    places = {kept.document, *(place.document for place in kept.also)}
    assert places == {"aides/friches.txt", "autre.txt"}
    (also,) = kept.also
    assert retriever.documents[also.document].text[also.start : also.end] == paragraph


UNREADABLE = {"photo.xyz": "?", "vide.txt": "", "abime.pdf": "%PDF-1.7 coupé", "abime.docx": "PK"}


def test_unreadable_files_are_reported_and_the_rest_indexed(base: Path, root: Path, encoder: HashEncoder) -> None:
    write(base, UNREADABLE)
    report = build(base, root, encoder)
    assert report.published
    assert {name: fates(report)[name] for name in UNREADABLE} == {
        "photo.xyz": "unsupported",
        "vide.txt": "empty",
        "abime.pdf": "unreadable",
        "abime.docx": "unreadable",
    }
    assert all(file.reason for file in report.files if file.path in UNREADABLE)
    assert report.passages == 5


NOTHING = [
    ("vide", {}),
    ("que des fichiers illisibles", UNREADABLE),
    ("que des fichiers de l'équipe", {"LISEZMOI.md": "Pour l'équipe.", "lexique.yaml": "a: b"}),
    ("que des miettes", {"a.txt": "p. 3"}),
    ("que des fichiers cachés", {".cache/a.md": NEW}),
]


@pytest.mark.parametrize("files", [case[1] for case in NOTHING], ids=[case[0] for case in NOTHING])
def test_nothing_to_index_leaves_the_index_as_it_was(
    root: Path, tmp_path: Path, encoder: HashEncoder, files: dict[str, str]
) -> None:
    (tmp_path / "rien").mkdir()
    before = Versions(root).require_current()
    with pytest.raises(EmptyKnowledge):
        build(write(tmp_path / "rien", files), root, encoder)
    assert Versions(root).require_current() == before
    assert not list(root.glob("staging-*"))


def test_an_absent_folder_is_named(tmp_path: Path, encoder: HashEncoder) -> None:
    with pytest.raises(EmptyKnowledge, match="« .*absente »"):
        build(tmp_path / "absente", tmp_path / "index", encoder)
    assert not (tmp_path / "index").exists()


def test_one_file_may_be_a_source(base: Path, tmp_path: Path, encoder: HashEncoder) -> None:
    assert fates(build(base / "ort.md", tmp_path / "index", encoder)) == {"ort.md": "indexed"}


def test_control_and_hidden_files_are_left_out(base: Path) -> None:
    before = [file.name for file in files(base)]
    write(base, dict.fromkeys(CONTROL_FILES, NEW) | {".git/a.md": NEW, "~$note.docx": NEW, "aides/.b.md": NEW})
    assert [file.name for file in files(base)] == before == sorted(before)


def test_a_changed_lexicon_is_published(base: Path, root: Path, encoder: HashEncoder) -> None:
    write(base, {"lexique.yaml": "sigles: {}\n"})
    assert build(base, root, encoder).published
    assert (Versions(root).require_current() / "lexique.yaml").is_file()


def test_other_code_to_read_files_reads_them_all_again(base: Path, root: Path, encoder: HashEncoder) -> None:
    path = Versions(root).require_current() / "manifest.json"
    replace(manifest.Manifest.load(path), reading="the code of last year").save(path)
    workers = InlineWorkers()
    assert build(base, root, encoder, workers=workers).published
    assert sorted(name for _, name in workers.tasks) == sorted(FICHES)


def test_a_damaged_current_version_does_not_stop_a_build(base: Path, root: Path, encoder: HashEncoder) -> None:
    (Versions(root).require_current() / "passages.jsonl").write_text("{", encoding="utf-8")
    assert build(base, root, encoder).published
    assert len(Retriever.open(root, encoder).passages) == 5


def test_another_encoder_rebuilds_every_vector(base: Path, root: Path) -> None:
    other = HashEncoder(dimension=32)
    assert build(base, root, other).published
    assert Retriever.open(root, other)._store.dimension == 32


def test_documents_come_back_from_disk_as_they_were_read(base: Path, root: Path) -> None:
    from index import loaders

    stored = {d.path: d for d in read_documents(Versions(root).require_current() / "documents.jsonl")}
    assert stored == {file.name: loaders.load(file.path, file.name) for file in files(base)}


def test_two_builds_at_once_are_refused(base: Path, root: Path, encoder: HashEncoder) -> None:
    write(base, {"pret.md": NEW})

    def second(step: str, done: int, total: int) -> None:
        with pytest.raises(IndexingError, match="en cours"):
            build(base, root, HashEncoder())

    assert build(base, root, encoder, progress=second).published


# --- killed builds ------------------------------------------------------------------------------


def interrupted(base: Path, roots: list[Path]) -> list[str]:
    """Build into each folder, killed at the operation its name says; what became of each."""
    command = [sys.executable, str(INTERRUPTED), str(base), *map(str, roots)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return ran.stdout.split()


def test_a_build_killed_at_any_operation_leaves_the_old_index_or_the_new_one(
    base: Path, root: Path, encoder: HashEncoder, tmp_path: Path
) -> None:
    old = answers(root)
    write(base, {"pret.md": NEW})
    never = shutil.copytree(root, tmp_path / "killed" / "0")
    operations = int(interrupted(base, [never])[0])
    new = answers(never)
    assert new != old
    roots = [shutil.copytree(root, tmp_path / "killed" / str(last)) for last in range(1, operations + 1)]
    assert interrupted(base, roots) == ["killed"] * operations
    found = [answers(killed) for killed in roots]
    published = found.index(new)
    assert found == [old] * published + [new] * (operations - published), "one moment makes the new version the current one"
    for killed in (roots[0], roots[operations // 2], roots[published - 1], roots[-1]):
        build(base, killed, encoder)
        assert answers(killed) == new
        assert not list(killed.glob("staging-*"))


def test_killed_between_publication_steps_the_next_build_mends(base: Path, root: Path, encoder: HashEncoder) -> None:
    """A version moved in place but not yet pointed to is no version for readers."""
    old = answers(root)
    write(base, {"pret.md": NEW})
    pointer = (root / "CURRENT").read_bytes()
    build(base, root, encoder)
    (root / "CURRENT").write_bytes(pointer)
    assert answers(root) == old
    assert build(base, root, encoder).published
    assert json.loads(json.dumps(answers(root))) != json.loads(json.dumps(old))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_reported(base: Path, root: Path, encoder: HashEncoder) -> None:
    (base / "ort.md").chmod(0)
    assert fates(build(base, root, encoder))["ort.md"] == "unreadable"
