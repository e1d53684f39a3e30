"""The README tells the truth: its settings, folders and length; so do the commands and links of every document."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from assistant import cli as assistant_cli
from assistant.settings import PREFIX, Settings
from index import cli as index_cli

PROJECT = Path(__file__).parents[1]
NAMED = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "knowledge/LISEZMOI.md")
DOCUMENTS = [*(PROJECT / name for name in NAMED), *sorted((PROJECT / "docs").glob("*.md"))]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
TABLE = dict(re.findall(rf"^\| `({PREFIX}\w+)` \| (.*?) \| .+ \|$", README, re.MULTILINE))
MAP = re.search(r"## Where things are\n+```\n(.*?)```", README, re.DOTALL)


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_every_setting_is_listed_and_no_other() -> None:
    assert list(TABLE) == [f"{PREFIX}{field.name.upper()}" for field in fields(Settings)]


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda field: field.name)
def test_defaults_are_right(setting: object) -> None:
    shown = TABLE[f"{PREFIX}{setting.name.upper()}"].strip("`")
    if setting.default is None:
        assert shown == "(the model's)"
    else:
        assert shown == str(setting.default).removeprefix(f"{PROJECT}/")


def commands() -> list[list[str]]:
    """Every « python -m … » of the documentation, as words."""
    found = set()
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        found |= {line.strip() for line in re.findall(r"python -m ((?:index|assistant)[^`#\n]*)", text)}
    found -= {"index"}  # named on the map, not a command by itself
    return [re.findall(r'"[^"]*"|\S+', line) for line in sorted(found)]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_commands_exist(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Parsed, not run: an unknown command or option would exit with 2."""
    settings = index_cli._settings()
    parser = index_cli._parser(settings) if words[0] == "index" else assistant_cli._parser()
    arguments = [word.strip('"') for word in words[1:]]
    assert parser.parse_args(arguments).run is not None
    assert capsys.readouterr().err == ""


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    texts = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    named = set(re.findall(r"(?:`|^|\w=\S+ )make (\w+)", texts, re.MULTILINE))
    assert {"run", "test"} <= named <= targets


def test_links_lead_somewhere() -> None:
    for path in DOCUMENTS:
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), link


def test_every_place_of_the_map_exists() -> None:
    assert MAP
    top = PROJECT
    for line in MAP[1].splitlines():
        if not line.startswith(" "):
            top = PROJECT / line.split()[0]
            assert top.is_dir(), top
        names = line.split("  ")[1] if line.startswith("  ") else ""
        for name in re.findall(r"[\w.]+/?", names.replace("→", " ").replace("+", " ")):
            assert any((top / candidate).exists() for candidate in (name, f"{name}.py")), f"{top.name}: {name}"


@pytest.mark.parametrize("package", ["index", "assistant"])
def test_every_module_is_on_the_map(package: str) -> None:
    assert MAP
    named = set(re.findall(r"\w+", MAP[1]))
    modules = {path.stem for path in (PROJECT / package).glob("*.py")} - {"__init__", "__main__"}
    folders = {path.name for path in (PROJECT / package).iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert (modules | folders) - named - {"errors", "serialisation", "training"} == set()


def test_no_document_names_a_folder_of_somebody_s_machine() -> None:
    for path in {*DOCUMENTS, *PROJECT.glob("*.md"), *PROJECT.glob("*.toml"), PROJECT / "Makefile"}:
        assert not re.search(r"(?<!\w)/(?:work|home|root|Users|tmp)/", path.read_text(encoding="utf-8")), path.name
