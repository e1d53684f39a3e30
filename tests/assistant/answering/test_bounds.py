"""The bounds stand in one place, each is read, and who calls a stage hands them on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.service import Assistant

FOLDER = Path(__file__).parents[3] / "assistant" / "answering"
STAGES = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.py")) if path.stem != "bounds"}
# Floats that bound nothing: what numbers are brought to before learned weights take them.
BESIDE = {
    "classifiers.py": {3.0, 2.0, 0.5},  # how large the parts of a text are; a square root
    "find.py": {1e-9},  # no division by zero
    "judge.py": {3.0, 30.0},  # where a margin and a sum are cut
    "reading_choice.py": {0.999, 0.001},  # a probability before its logarithm
}
UNTAUGHT = {"_WORDS", "CAUTIOUS", "DEFAULT"}  # weights and levels of models that nobody taught
WHOLE = {"_TOLD", "_NAMED", "_AROUND", "_LEAST"}  # what a sentence names at most; what the reading of numbers learned with


def floats(node: ast.AST) -> Iterator[float]:
    """The float literals of a module, but for 0, 1 and the models that nobody taught."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    if any(isinstance(target, ast.Name) and target.id in UNTAUGHT for target in targets):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value not in (0.0, 1.0):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from floats(child)


def numbers(tree: ast.Module) -> set[str]:
    """The names of a module that stand for one whole number."""
    named = [node for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)]
    return {ast.unparse(one) for node in named if isinstance(node.value.value, int) for one in node.targets}


@pytest.mark.parametrize("module", STAGES)
def test_no_stage_holds_a_bound_of_its_own(module: str) -> None:
    assert set(floats(STAGES[module])) == BESIDE.get(module, set())
    assert numbers(STAGES[module]) <= WHOLE


def test_every_bound_is_read() -> None:
    code = "\n".join(map(ast.unparse, STAGES.values()))
    assert [field.name for field in fields(Bounds) if not re.search(rf"bounds\.{field.name}\b", code)] == []


def takers() -> set[str]:
    """The functions, and the classes by their fields or their `__init__`, that may be given bounds."""
    found = set()
    for tree in STAGES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any(argument.arg == "bounds" for argument in node.args.args):
                found.add(node.name)
            if isinstance(node, ast.ClassDef):
                inside = [ast.unparse(one.target) for one in node.body if isinstance(one, ast.AnnAssign)]
                made = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
                if "bounds" in inside + [argument.arg for one in made for argument in one.args.args]:
                    found.add(node.name)
    return found - {"__init__"}


@pytest.mark.parametrize("module", STAGES)
def test_whoever_calls_a_stage_hands_the_bounds_on(module: str) -> None:
    """A default taken on the way would make a bound that is tried look worth nothing."""
    names = takers()
    calls = [call for call in ast.walk(STAGES[module]) if isinstance(call, ast.Call)]
    given = [call for call in calls if ast.unparse(call.func).rpartition(".")[2] in names]
    kept = [ast.unparse(call) for call in given if not any("bounds" in ast.unparse(one) for one in (*call.args, *call.keywords))]
    assert kept == []


def test_an_assistant_with_other_bounds_stands_beside_the_one_in_use(assistant: Assistant) -> None:
    terse = Assistant(assistant.retriever, bounds=replace(BOUNDS, main_words=10, list_words=0, complements=0))
    question = "C'est quoi une ORT ?"
    whole = assistant.ask(question).text
    assert len(terse.ask(question).text) < len(whole) == len(assistant.ask(question).text)
