"""The original files of a version: kept, shared, found, put back; nothing that no version holds is destroyed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pebble import ProcessFuture

from index import originals
from index.builder import build
from index.cli import main
from index.errors import IndexCorrupt
from index.folder import LEXICON, fingerprint
from index.manifest import sha256
from index.originals import PENDING, FileChange, Switch
from index.search import Retriever
from index.versions import PUBLICATION, ROLLBACK, Versions
from tests.fakes import HashEncoder, InlineWorkers
from tests.index.conftest import FICHES, write

NEW = "Le prêt finance la rénovation thermique des bâtiments publics de la commune.\n"


@pytest.fixture
def versions(root: Path) -> Versions:
    return Versions(root)


def second(base: Path, versions: Versions) -> str:
    """Publish a version that adds, changes and withdraws; the name of the one before."""
    first = versions.require_current().name
    write(base, {"pret.md": NEW, "vta.md": FICHES["vta.md"].replace("15 000", "20 000")})
    (base / "aides" / "friches.txt").unlink()
    build(base, versions.root, HashEncoder())
    return first


def test_every_file_is_kept_as_it_was(base: Path, versions: Versions) -> None:
    assert originals.hashes(versions.require_current()) == fingerprint(base)
    retriever = Retriever.open(versions.root, HashEncoder())
    assert {path: retriever.original(path).read_text(encoding="utf-8") for path in FICHES} == FICHES


def test_unreadable_files_are_kept_and_foreign_ones_are_not(base: Path, versions: Versions) -> None:
    write(base, {"abime.pdf": "%PDF-1.7 coupé", "photo.xyz": "?"})
    build(base, versions.root, HashEncoder())
    assert {"abime.pdf", "photo.xyz"} & set(originals.hashes(versions.require_current())) == {"abime.pdf"}


@pytest.mark.parametrize("path", ["../manifest.json", "/etc/passwd", "aides/../../passages.jsonl", "absent.md", "", ".", "aides"])
def test_no_path_leads_out_of_the_originals(base: Path, versions: Versions, path: str) -> None:
    retriever = Retriever.open(versions.root, HashEncoder())
    assert retriever.original(path) is None
    assert originals.find(retriever.folder, path) is None


def test_a_link_in_the_originals_leads_nowhere_else(base: Path, versions: Versions, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (versions.require_current() / "sources" / "lien.md").symlink_to(tmp_path / "secret")
    assert originals.find(versions.require_current(), "lien.md") is None


def test_what_did_not_change_is_shared_and_the_rest_copied(base: Path, versions: Versions) -> None:
    first = versions.folder(second(base, versions)) / "sources"
    now = versions.require_current() / "sources"
    assert (first / "ort.md").stat().st_ino == (now / "ort.md").stat().st_ino
    assert (now / "vta.md").stat().st_ino != (base / "vta.md").stat().st_ino
    assert not (now / "aides").exists()


def test_a_file_system_without_links_gets_copies(
    base: Path, versions: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    second(base, versions)
    assert originals.hashes(versions.require_current()) == fingerprint(base)


def test_a_file_that_changes_while_it_is_read_is_indexed_as_it_was_copied(base: Path, versions: Versions) -> None:
    class Changing(InlineWorkers):
        """The file is written to while a child reads it."""

        def submit(self, function: Callable[..., Any], *arguments: Any) -> ProcessFuture[Any]:
            (base / "ort.md").write_text("# Autre\n\nUn autre texte, écrit pendant la lecture.", encoding="utf-8")
            return super().submit(function, *arguments)

    (base / "ort.md").write_text("# ORT\n\nLe texte du matin, avant la lecture.", encoding="utf-8")
    build(base, versions.root, HashEncoder(), workers=Changing())
    retriever = Retriever.open(versions.root, HashEncoder())
    assert "matin" in retriever.documents["ort.md"].text
    assert "matin" in originals.place(versions.require_current(), "ort.md").read_text(encoding="utf-8")


def test_an_altered_original_is_found(base: Path, versions: Versions) -> None:
    (versions.require_current() / "sources" / "ort.md").write_text("autre", encoding="utf-8")
    with pytest.raises(IndexCorrupt, match="ort.md"):
        Retriever.open(versions.root, HashEncoder())


def test_one_command_goes_back_with_the_documents(base: Path, versions: Versions, capsys: pytest.CaptureFixture[str]) -> None:
    files, first = fingerprint(base), second(base, versions)
    write(base, {"vta.md": "Un brouillon jamais publié, écrit à la main.", "note.md": "Une note jamais publiée."})
    assert main(["rollback", "--index", str(versions.root), "--source", str(base)]) == 0
    assert versions.require_current().name == first
    assert fingerprint(base) == files | {"note.md": sha256(base / "note.md")}
    (aside,) = (path for path in (versions.root / "aside").rglob("*") if path.is_file())
    assert "jamais publié" in aside.read_text(encoding="utf-8")
    assert str(aside.parent) in capsys.readouterr().err
    (base / "note.md").unlink()
    assert not build(base, versions.root, HashEncoder()).published


def test_going_back_without_a_folder_is_said(versions: Versions, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rollback", "--index", str(versions.root), "--source", str(tmp_path / "absent")]) == 1
    assert "absent" in capsys.readouterr().err


def test_an_interrupted_return_is_completed_by_the_next_build(base: Path, versions: Versions, tmp_path: Path) -> None:
    files, first = fingerprint(base), second(base, versions)
    changes = originals.restoration(versions, versions.folder(first), fingerprint(base), LEXICON)
    pending = Switch(first, ROLLBACK, str(base), str(tmp_path / "aside"), changes, {"who": "marie"})
    originals._save(versions.root / PENDING, pending)
    versions.rollback(first, {"who": "marie"})  # killed just after
    assert not build(base, versions.root, HashEncoder()).published
    assert fingerprint(base) == files and not (versions.root / PENDING).exists()


def test_a_copy_that_a_killed_process_did_not_finish_goes_and_other_hidden_files_stay(
    base: Path, versions: Versions, tmp_path: Path
) -> None:
    first = second(base, versions)
    changes = originals.restoration(versions, versions.folder(first), fingerprint(base), LEXICON)
    assert "aides/friches.txt" in {change.path for change in changes}
    originals._save(versions.root / PENDING, Switch(first, ROLLBACK, str(base), str(tmp_path / "aside"), changes))
    versions.rollback(first)
    copy, own = base / "aides" / f".{'0af1' * 8}", base / "aides" / ".notes"
    write(base, {f"aides/{copy.name}": "à moitié", "aides/.notes": "à quelqu'un"})
    assert originals.settle(versions)
    assert not copy.exists() and own.exists() and (base / "aides" / "friches.txt").exists()


def test_going_back_from_the_command_line_is_done_alone(
    base: Path, versions: Versions, capsys: pytest.CaptureFixture[str]
) -> None:
    second(base, versions)
    with versions.alone():
        assert main(["rollback", "--index", str(versions.root)]) == 1
    assert "en cours" in capsys.readouterr().err
    assert main(["rollback", "--index", str(versions.root)]) == 0


def test_an_intention_never_acted_on_is_forgotten(base: Path, versions: Versions, tmp_path: Path) -> None:
    files = fingerprint(base)
    change = Switch("later", PUBLICATION, str(base), str(tmp_path), (FileChange("ort.md", files["ort.md"], ""),))
    originals._save(versions.root / PENDING, change)
    assert originals.settle(versions) is None
    assert fingerprint(base) == files and not (versions.root / PENDING).exists()


def test_a_damaged_intention_stops_the_build_and_is_named(base: Path, versions: Versions) -> None:
    (versions.root / PENDING).write_text("{", encoding="utf-8")
    with pytest.raises(IndexCorrupt, match=PENDING):
        build(base, versions.root, HashEncoder())
