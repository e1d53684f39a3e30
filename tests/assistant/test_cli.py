"""The command line, in real processes: its JSON contract, exit codes, and French sentences without a traceback."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant import cli, texts
from assistant.answering.service import Assistant

PROJECT = Path(__file__).parents[2]
STATUSES = {"answered", "partial", "not_found", "clarify", "out_of_scope", "refused"}


def run(folder: Path, *arguments: object, lines: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """`python -m assistant` in a folder that is not the project's, with only the settings given."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    environ |= {"PYTHONPATH": str(PROJECT), "ASSISTANT_JOURNAL": "", **settings}
    command = [sys.executable, "-m", "assistant", *map(str, arguments)]
    return subprocess.run(command, input=lines, capture_output=True, cwd=folder, env=environ, timeout=120, check=False)


def rows(ran: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.stdout.decode("utf-8").splitlines()]


LINES: list[tuple[str, bytes, object]] = [
    ("une question", b'{"id": "a", "turns": ["C\'est quoi une ORT ?"]}', "a"),
    ("pas du JSON", b"bonjour", None),
    ("JSON coupé", b'{"id": "b", "turns": ["x"', None),
    ("une liste", b'["x"]', None),
    ("un nombre", b"3", None),
    ("sans turns", b'{"id": "c"}', "c"),
    ("sans id", b'{"turns": ["x"]}', None),
    ("turns vide", b'{"id": "d", "turns": []}', "d"),
    ("turns texte", b'{"id": "e", "turns": "x"}', "e"),
    ("turns de nombres", b'{"id": "f", "turns": [1]}', "f"),
    ("imbrication", b"[" * 100_000, None),
    ("ligne blanche", b"  ", ...),
    ("id nombre", b'{"id": 7, "turns": ["merci"]}', 7),
    ("vide et longue", json.dumps({"id": "g", "turns": ["", "a" * 5000, "\U0001f642"]}).encode(), "g"),
    ("conversation", json.dumps({"id": "h", "turns": ["Quel est le taux du VTA ?", "et la durée ?"]}).encode(), "h"),
    ("encore une", b'{"id": "z", "turns": ["Qui contacter ?"]}', "z"),
]  # fmt: skip


@pytest.fixture(scope="module")
def asked(root: Path, tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[bytes]:
    folder = tmp_path_factory.mktemp("ailleurs")
    return run(folder, "ask", "--jsonl", "--index", root, lines=b"\n".join(line for _, line, _ in LINES) + b"\n", PYTHONUTF8="1")


def test_each_line_is_answered_by_one_in_order(asked: subprocess.CompletedProcess[bytes]) -> None:
    assert asked.returncode == 0, asked.stderr.decode()
    assert [row["id"] for row in rows(asked)] == [identifier for _, _, identifier in LINES if identifier is not ...]


def test_malformed_lines_are_answered_with_an_error(asked: subprocess.CompletedProcess[bytes]) -> None:
    named = dict(zip([name for name, _, identifier in LINES if identifier is not ...], rows(asked), strict=True))
    good = {"une question", "id nombre", "vide et longue", "conversation", "encore une"}
    for name, row in named.items():
        assert set(row) == ({"id", "answers"} if name in good else {"id", "error"}), name
        assert name in good or ("JSON" in row["error"] and "Traceback" not in row["error"])


def test_an_answer_has_the_keys_of_the_contract_and_no_other(asked: subprocess.CompletedProcess[bytes]) -> None:
    answers = [answer for row in rows(asked) for answer in row.get("answers", [])]
    assert len(answers) == 1 + 1 + 3 + 2 + 1
    for answer in answers:
        assert list(answer) == ["question", "standalone_question", "status", "text", "citations", "sentences"]
        assert answer["status"] in STATUSES and isinstance(answer["text"], str) and answer["text"]
        for number, citation in enumerate(answer["citations"], 1):
            assert list(citation) == ["marker", "document", "title", "section", "page", "quote", "url"]
            assert citation["marker"] == number and citation["quote"] and citation["document"]
        for sentence in answer["sentences"]:
            assert list(sentence) == ["text", "citations", "support"]
            assert sentence["support"] in ("verified", "weak", "unsupported")
            assert set(sentence["citations"]) <= {citation["marker"] for citation in answer["citations"]}


def test_each_turn_of_a_conversation_has_its_answer(asked: subprocess.CompletedProcess[bytes]) -> None:
    (row,) = (row for row in rows(asked) if row["id"] == "h")
    first, second = row["answers"]
    assert [first["question"], second["question"]] == ["Quel est le taux du VTA ?", "et la durée ?"]
    assert second["standalone_question"] != "et la durée ?"


def test_an_answer_has_its_sources(asked: subprocess.CompletedProcess[bytes]) -> None:
    answer = rows(asked)[0]["answers"][0]
    assert answer["status"] == "answered"
    assert answer["citations"][0]["document"].startswith("fiches/") and "[1]" in answer["text"]
    assert answer["sentences"][0]["support"] == "verified"
    assert answer["sentences"][0]["text"] in answer["citations"][0]["quote"]


def test_nothing_is_said_on_stderr(asked: subprocess.CompletedProcess[bytes]) -> None:
    assert asked.stderr == b""


UNWRITABLE = [
    ("demi-caractère", '{"id": "a", "turns": ["une ORT \\ud800 ?"]}'),
    ("octet d'un autre codage, comme l'entrée standard le lit", '{"id": "a", "turns": ["d\udce9lai ?"]}'),
    ("demi-caractère seul", '{"id": "a", "turns": ["\\ud800"]}'),
    ("demi-caractère dans l'id", '{"id": "\\udfff", "turns": ["merci"]}'),
    ("id qui n'est pas un nombre", '{"id": NaN, "turns": ["merci"]}'),
]


@pytest.mark.parametrize("line", [case[1] for case in UNWRITABLE], ids=[case[0] for case in UNWRITABLE])
def test_what_cannot_be_written_back_stops_nothing(assistant: Assistant, line: str) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    cli.answer_lines(assistant, [line, '{"id": "last", "turns": ["merci"]}'], output)
    output.seek(0)
    first, last = (json.loads(row, parse_constant=pytest.fail) for row in output)
    assert "error" in first and last["id"] == "last"


def test_no_line_is_no_answer(assistant: Assistant) -> None:
    output = io.StringIO()
    assert cli.answer_lines(assistant, ["", "  \n"], output) == 0
    assert output.getvalue() == ""


def test_a_conversation_is_printed_with_its_sources_and_writes_nothing(root: Path, tmp_path: Path) -> None:
    ran = run(tmp_path, "ask", "C'est quoi une ORT ?", "et la durée ?", "--index", root)
    out = ran.stdout.decode()
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert "\n[1] " in out and "https://" in out and texts.UNDERSTOOD.partition("{")[0] in out
    assert list(tmp_path.iterdir()) == [], "asking writes nothing"


WRONG: list[tuple[str, tuple[str, ...], dict[str, str], int, list[str]]] = [
    ("ni question ni lignes", ("ask",), {}, 2, ["question", "--jsonl"]),
    ("question et lignes", ("ask", "x", "--jsonl"), {}, 2, ["--jsonl"]),
    ("commande inconnue", ("demander",), {}, 2, ["demander"]),
    ("option inconnue", ("ask", "x", "--zut"), {}, 2, ["--zut"]),
    ("réglage inconnu", ("ask", "x"), {"ASSISTANT_PROT": "1"}, 2, ["ASSISTANT_PROT", "ASSISTANT_PORT"]),
    ("réglage mal écrit", ("ask", "x"), {"ASSISTANT_PORT": "abc"}, 2, ["ASSISTANT_PORT", "entier"]),
    ("index absent", ("ask", "--jsonl", "--index", "absent"), {}, 1, ["python -m index"]),
    ("base absente", ("ask", "x", "--index", "absent"), {}, 1, ["knowledge"]),
    ("encodeur absent", ("ask", "--jsonl"), {"ASSISTANT_ENCODER": "./absent"}, 1, ["absent"]),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "settings", "code", "said"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_cannot_be_done_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    settings: dict[str, str],
    code: int,
    said: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    try:
        ended = cli.main(list(arguments))
    except SystemExit as stopped:
        ended = int(stopped.code or 0)
    out, error = capsys.readouterr()
    assert (ended, out) == (code, ""), error
    assert all(word in error for word in said), error


def test_a_real_process_fails_in_one_line_with_the_command_to_run(tmp_path: Path) -> None:
    ran = run(tmp_path, "ask", "--jsonl", "--index", "absent")
    error = ran.stderr.decode()
    assert (ran.returncode, ran.stdout, error.count("\n")) == (1, b"", 1)
    assert "absent" in error and "python -m index build" in error


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"]], ids=" ".join)
def test_help_is_not_an_error(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert stopped.value.code == 0 and "python -m assistant" in capsys.readouterr().out


def test_the_command_imports_no_door() -> None:
    """Neither to ask nor, of MCP, to serve: who opens no door pays for none."""
    script = (
        "import sys; from assistant import cli; doors = [m for m in sys.modules if m.startswith(('assistant.doors', 'mcp'))]\n"
        "with cli._unseen('mcp'): import gradio\n"
        "print(doors, 'mcp' in sys.modules); import mcp; print(bool(mcp.Client))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=120, check=True)
    assert ran.stdout.split("\n")[:2] == ["[] False", "True"]
