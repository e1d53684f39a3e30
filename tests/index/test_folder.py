"""The files of a folder as people's shared drives hold them: links, devices, odd names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.builder import build
from index.errors import EmptyKnowledge
from index.folder import CONTROL_FILES, copy_files, entries, files, fingerprint
from index.originals import place
from index.versions import Versions
from tests.fakes import HashEncoder, InlineWorkers

TEXT = "# Règlement\n\nLa salle des fêtes se loue 240 € le week-end.\n"


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """A folder with one document and a secret beside it."""
    folder = tmp_path / "partage"
    folder.mkdir()
    (folder / "salle.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "secret.md").write_text("# Secret\n\nLe mot de passe de la mairie.\n", encoding="utf-8")
    return folder


def problems(folder: Path) -> dict[str, str]:
    return {entry.name: entry.problem for entry in entries(folder) if entry.problem}


def test_a_link_out_of_the_folder_is_named_and_not_followed(drive: Path) -> None:
    (drive / "fichier.md").symlink_to(drive.parent / "secret.md")
    (drive / "dossier").symlink_to(drive.parent)
    (drive / "perdu.md").symlink_to(drive / "absent.md")
    assert [file.name for file in files(drive)] == ["salle.md"]
    assert set(problems(drive)) == {"fichier.md", "dossier", "perdu.md"}
    assert "lien" in problems(drive)["fichier.md"] and "absent" in problems(drive)["perdu.md"]


def test_a_link_to_a_file_of_the_folder_is_a_file(drive: Path) -> None:
    (drive / "copie.md").symlink_to(drive / "salle.md")
    assert [file.name for file in files(drive)] == ["copie.md", "salle.md"]


def test_a_pipe_is_named_and_never_opened(drive: Path, tmp_path: Path) -> None:
    os.mkfifo(drive / "tube.md")
    report = build(drive, tmp_path / "index", HashEncoder(), workers=InlineWorkers())
    fates = {file.path: (file.status, file.reason) for file in report.files}
    assert fates["salle.md"][0] == "indexed"
    assert fates["tube.md"][0] == "unsupported" and "tube" in fates["tube.md"][1]


@pytest.mark.parametrize(("raw", "name"), [
    ("règlement.md".encode("cp1252"), "règlement.md"), ("règlement.md".encode(), "règlement.md"), (b"a\nb.md", "a\nb.md"),
])  # fmt: skip
def test_any_byte_may_stand_in_a_name(tmp_path: Path, raw: bytes, name: str) -> None:
    folder = tmp_path / "partage"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/" + raw)).write_text(TEXT, encoding="utf-8")
    report = build(folder, tmp_path / "index", HashEncoder(), workers=InlineWorkers())
    assert [(file.path, file.status) for file in report.files] == [(name, "indexed")]
    assert place(Versions(tmp_path / "index").require_current(), name).is_file()


def test_of_two_names_that_read_the_same_one_is_left_out_under_another_name(drive: Path) -> None:
    for raw in ("été.md".encode("cp1252"), "été.md".encode()):
        Path(os.fsdecode(os.fsencode(drive) + b"/" + raw)).write_text(TEXT, encoding="utf-8")
    assert len(entries(drive)) == 3
    ((name, problem),) = problems(drive).items()
    assert name not in ("été.md", "salle.md") and "nom" in problem


def test_control_files_are_said_to_be_left_out_at_the_root_and_read_elsewhere(drive: Path, tmp_path: Path) -> None:
    (drive / "LISEZMOI.md").write_text(TEXT, encoding="utf-8")
    (drive / "archives").mkdir()
    (drive / "archives" / "LISEZMOI.md").write_text(TEXT.replace("240", "250"), encoding="utf-8")
    report = build(drive, tmp_path / "index", HashEncoder(), workers=InlineWorkers())
    fates = {file.path: file for file in report.files}
    assert fates["archives/LISEZMOI.md"].status == "indexed"
    assert fates["LISEZMOI.md"].status == "unsupported" and "renommez-le" in fates["LISEZMOI.md"].reason
    assert "LISEZMOI.md" in CONTROL_FILES and "LISEZMOI.md" not in fingerprint(drive)


def test_a_copy_holds_what_is_read_and_the_control_files_alone(drive: Path, tmp_path: Path) -> None:
    (drive / "lexique.yaml").write_text("sigles: {}\n", encoding="utf-8")
    (drive / "lien.md").symlink_to(drive.parent / "secret.md")
    os.mkfifo(drive / "tube")
    copy_files(drive, tmp_path / "copie")
    assert sorted(path.name for path in (tmp_path / "copie").iterdir()) == ["lexique.yaml", "salle.md"]


def test_a_folder_of_pipes_alone_has_nothing_to_index(tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    os.mkfifo(tmp_path / "vide" / "tube")
    with pytest.raises(EmptyKnowledge, match="tube"):
        build(tmp_path / "vide", tmp_path / "index", HashEncoder(), workers=InlineWorkers())
