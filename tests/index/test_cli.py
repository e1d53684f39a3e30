"""The command line: exit codes, JSON alone on stdout, and one French sentence when it cannot be done."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from index import cli
from index.versions import Versions
from tests.fakes import HashEncoder
from tests.index.conftest import FICHES, write
from tests.index.test_builder import UNREADABLE
from tests.index.test_evaluation import QUERIES, write_set

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def light_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands take the fake encoder; the real one is run below in a real process."""
    monkeypatch.setattr(cli, "SentenceEncoder", lambda name, *prompts: HashEncoder())


class Ran:
    """One command: its exit code, and what it wrote."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: object) -> None:
        capsys.readouterr()
        try:
            self.code = cli.main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            self.code = int(stopped.code or 0)
        self.out, self.err = capsys.readouterr()

    @property
    def rows(self) -> Any:
        return json.loads(self.out)

    def assert_refused(self, code: int, *words: str) -> None:
        """One line on stderr, in French, nothing on stdout."""
        assert (self.code, self.out) == (code, "")
        assert self.err.count("\n") == 1 and self.err.endswith("\n")
        assert "Traceback" not in self.err
        assert all(word in self.err for word in words), self.err


def test_what_is_built_can_be_searched(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = Ran(capsys, "build", base, "--index", tmp_path / "index")
    assert (built.code, built.err) == (0, "")
    assert all(figure in built.out for figure in ("3 documents", "5 passages"))
    found = Ran(capsys, "search", "dépollution des terrains", "--index", tmp_path / "index")
    assert found.code == 0
    assert "dépollution" in found.out.splitlines()[1]


def test_build_reports_every_file_in_json(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(base, UNREADABLE)
    built = Ran(capsys, "build", base, "--index", tmp_path / "index", "--json")
    assert built.code == 0, "unreadable files do not make a build fail"
    assert [file["path"] for file in built.rows["files"]] == sorted([*FICHES, *UNREADABLE])
    assert all(set(file) == {"path", "status", "passages", "pages", "reason"} for file in built.rows["files"])
    assert built.rows["totals"] | {"indexed": 3, "unreadable": 2, "empty": 1, "unsupported": 1} == built.rows["totals"]
    again = Ran(capsys, "build", base, "--index", tmp_path / "index", "--json")
    assert (again.code, again.rows["published"], again.rows["totals"]["unchanged"]) == (0, False, 3)


class Terminal(io.StringIO):
    """A stream that says it is a screen."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_stderr_alone(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    assert cli.main(["build", str(base), "--index", str(tmp_path / "index"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["published"]
    assert "3/3" in screen.getvalue()


def test_a_search_gives_its_hits_in_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = Ran(capsys, "search", "aide pour un volontaire", "--index", root, "-k", 2, "--json")
    assert (found.code, len(found.rows)) == (0, 2)
    assert found.rows[0]["document"] == "vta.md"
    assert {"score", "dense", "lexical", "title", "section", "page", "start", "end", "text"} <= set(found.rows[0])


def test_passages_show_what_was_read_and_a_copy_as_its_twin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = write(tmp_path / "base", {
        "salle.md": "# Salle\n\n## Tarifs\n\nLa salle se loue 240 € le week-end.",
        "eau.md": "# Eau\n\nLe mètre cube coûte 2,18 €.",
    })  # fmt: skip
    (base / "copie.md").write_bytes((base / "eau.md").read_bytes())
    Ran(capsys, "build", base, "--index", tmp_path / "index")
    rows = Ran(capsys, "passages", "--index", tmp_path / "index", "--json").rows
    assert {row["document"] for row in rows} == {"salle.md", "eau.md", "copie.md"}
    salle = Ran(capsys, "passages", "salle.md", "--index", tmp_path / "index", "--json").rows
    text = "La salle se loue 240 € le week-end."
    assert salle == [{"document": "salle.md", "title": "Salle", "headings": ["Tarifs"], "pages": [], "text": text}]
    shown = Ran(capsys, "passages", "salle.md", "--index", tmp_path / "index").out
    assert re.search(r"salle\.md.*Salle.*Tarifs\n" + re.escape(text), shown), "where it stands, then its text"
    Ran(capsys, "passages", "absent.md", "--index", tmp_path / "index").assert_refused(1, "absent.md")


def test_versions_are_checked_listed_and_gone_back_to(base: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (first,) = Versions(root).names()
    write(base, {"ort.md": FICHES["vta.md"] + "\nUne phrase de plus, pour que la fiche change vraiment.\n"})
    second = Ran(capsys, "build", base, "--index", root, "--json").rows["version"]
    assert Ran(capsys, "check", "--index", root, "--json").rows["version"] == second
    assert Ran(capsys, "rollback", "--index", root, "--json").rows == {"version": first}
    history = Ran(capsys, "history", "--index", root, "--json").rows
    assert (history["current"], history["kept"]) == (first, [first, second])
    assert [entry["action"] for entry in history["history"]] == ["publication", "publication", "retour"]
    assert f"→ {history['history'][-1]['when']}" in Ran(capsys, "history", "--index", root).out


def test_an_evaluation_prints_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_set(tmp_path, "q1\td1\t1\n", QUERIES)
    assert Ran(capsys, "evaluate", folder, "--json").rows["recall@1"] == 1.0
    assert "ndcg@10" in Ran(capsys, "evaluate", folder).out


WRONG = [
    ("rien", [], "commande"),
    ("commande inconnue", ["batir"], "« batir »"),
    ("source absente", ["build"], "source"),
    ("question absente", ["search"], "question"),
    ("option inconnue", ["check", "--zut"], "--zut"),
    ("option sans valeur", ["check", "--index"], "--index"),
    ("nombre nul", ["search", "x", "-k", "0"], "« 0 »"),
    ("nombre en lettres", ["search", "x", "-k", "dix"], "« dix »"),
]


@pytest.mark.parametrize(("arguments", "words"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_wrong_usage_exits_with_two_and_names_what_is_wrong_and_the_help(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    ran = Ran(capsys, *arguments)
    ran.assert_refused(2, "python -m index --help")
    assert words in ran.err.partition("python -m")[0]
    assert not re.search("required|invalid|choose|unrecognized|expected", ran.err), "in French"


def test_an_empty_folder_is_named_and_said_to_be_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "source").mkdir()
    Ran(capsys, "build", tmp_path / "source", "--index", tmp_path / "index").assert_refused(1, f"« {tmp_path}/source »", "vide")


def test_an_absent_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Ran(capsys, "build", tmp_path / "absent", "--index", tmp_path / "index").assert_refused(1, f"« {tmp_path}/absent »")


def test_a_folder_of_unreadable_files_is_named_with_each_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "source", UNREADABLE)
    ran = Ran(capsys, "build", source, "--index", tmp_path / "index", "--json")
    ran.assert_refused(1, f"« {source} »", *UNREADABLE)


NEXT = {"search": "python -m index build", "check": "python -m index build", "rollback": "python -m index history"}


@pytest.mark.parametrize("command", NEXT)
def test_without_an_index_the_command_to_run_next_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    question = ["x"] if command == "search" else []
    Ran(capsys, command, *question, "--index", tmp_path / "absent").assert_refused(1, NEXT[command])


@pytest.mark.parametrize("name", ["vectors.npy", "passages.jsonl", "units.npy", "manifest.json", "lexical/frequencies.json"])
@pytest.mark.parametrize("command", [["search", "x"], ["check"]], ids=["search", "check"])
def test_a_corrupt_index_file_is_refused_with_the_command_that_rebuilds(
    root: Path, capsys: pytest.CaptureFixture[str], command: list[str], name: str
) -> None:
    (Versions(root).require_current() / name).write_bytes(b"\x00 abime")
    Ran(capsys, *command, "--index", root).assert_refused(1, "python -m index build")


def test_a_file_where_the_index_folder_should_be_is_named(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pris").touch()
    Ran(capsys, "build", base, "--index", tmp_path / "pris").assert_refused(1, "pris", "fichier", "dossier")


def test_history_of_nothing_is_not_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Ran(capsys, "history", "--index", tmp_path, "--json").rows == {"current": None, "kept": [], "history": []}


@pytest.mark.slow
def test_a_real_process_with_the_shipped_encoder(base: Path, tmp_path: Path) -> None:
    """Nothing but JSON on stdout, whatever the libraries print."""
    command = [sys.executable, "-m", "index", "build", str(base), "--index", str(tmp_path / "index"), "--json"]
    built = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=120, check=False)
    assert (built.returncode, json.loads(built.stdout)["totals"]["documents"]) == (0, 3), built.stderr


def test_a_limit_that_is_no_number_is_refused_by_name(root: Path) -> None:
    told = os.environ | {"ASSISTANT_READING_SECONDS": "longtemps"}
    command = [sys.executable, "-m", "index", "history", "--index", str(root)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, env=told, timeout=120, check=False)
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert "ASSISTANT_READING_SECONDS" in ran.stderr and "« longtemps »" in ran.stderr


def in_a_folder(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, run from a folder that may hold settings."""
    told = os.environ | {"PYTHONPATH": str(PROJECT)} | environment
    command = [sys.executable, "-m", "index", *arguments]
    return subprocess.run(command, cwd=folder, env=told, capture_output=True, text=True, timeout=120)


def test_the_settings_of_the_assistant_are_those_of_the_index(root: Path, tmp_path: Path) -> None:
    (tmp_path / "assistant.toml").write_text(f'index = "{root}"\nport = 8000\n', encoding="utf-8")
    version = Versions(root).current()
    assert version is not None and version.name in in_a_folder(tmp_path, "history").stdout
    elsewhere = in_a_folder(tmp_path, "history", ASSISTANT_INDEX=str(tmp_path / "vide"))  # the environment goes before the file
    assert elsewhere.returncode == 0 and version.name not in elsewhere.stdout


def test_a_file_of_settings_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "assistant.toml").write_text("index = ", encoding="utf-8")
    ran = in_a_folder(tmp_path, "check")
    assert ran.returncode == 1 and "assistant.toml" in ran.stderr and "Traceback" not in ran.stderr


def test_a_reader_that_leaves_early_is_no_error(root: Path) -> None:
    command = f"{sys.executable} -m index history --index {root} | true; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=PROJECT, timeout=60, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("0", "")
