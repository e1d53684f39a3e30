"""Who may import whom, read from the source with ast: an arrow drawn backwards fails here."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
MODULES = sorted(path for package in ("index", "assistant") for path in (PROJECT / package).rglob("*.py"))

# Library → the modules that may import it; whoever else needs it goes through them.
ONLY = {
    # Training makes the shipped model.
    "sentence_transformers": {
        "index/embedding.py",
        "index/reranking.py",
        "index/training/conversion.py",
        "index/training/graph.py",
    },
    "torch": {
        "index/embedding.py",
        "index/training/conversion.py",
        "index/training/graph.py",
        "index/training/interaction.py",
        "index/training/comprehension.py",
        "assistant/answering/training/clause_learning.py",
    },
    "onnxruntime": {"index/onnx_encoder.py"},
    "onnx": {"index/training/graph.py"},
    "faiss": {"index/stores/faiss_store.py"},
    "bm25s": {"index/lexical.py"},
    "Stemmer": {"index/french.py"},
    "text_to_num": {"assistant/answering/question.py"},
    "datasketch": {"index/deduplication.py"},
    "filelock": {"index/versions.py"},
    "langchain_text_splitters": {"index/splitting.py"},
    "sqlalchemy": {
        "assistant/records/accounts.py",
        "assistant/records/api_keys.py",
        "assistant/records/database.py",
        "assistant/records/journal.py",
        "assistant/records/oidc.py",
        "assistant/records/reviews.py",
        "assistant/records/team_questions.py",
        "assistant/curation/quality.py",
    },
    "argon2": {"assistant/records/accounts.py"},
    "authlib": {"assistant/records/oidc.py"},
    "joserfc": {"assistant/records/oidc.py"},
    "httpx2": {"assistant/records/oidc.py", "assistant/generation/chat_model.py"},
    # Most of a second to import: by whoever opens a model.
    "openai": {"assistant/generation/chat_model.py"},
    "matplotlib": {"assistant/web/staff/svg_plots.py"},
    # The service needs the first only.
    "sklearn": {
        "assistant/curation/topics.py",
        "assistant/answering/training/calibration.py",
        "assistant/answering/training/learning.py",
    },
    "jinja2": {"assistant/web/shared/html_templates.py"},
    "limits": {"assistant/throttling.py"},
    # Most of a second to import: by the first request, or the command.
    "mcp": {"assistant/doors/mcp_door.py", "assistant/doors/mcp_server.py"},
    "mcp_types": {"assistant/doors/mcp_server.py"},
    "gradio": {"assistant/web/serving.py", "assistant/web/public/chat_page.py", "assistant/web/public/theme.py"},
}

# Room → what it never imports. Whatever is not forbidden is allowed: records and curation read answers, web reads them all.
COMMANDS = ("assistant.cli", "assistant.accounts_cli", "assistant.keys_cli", "assistant.models_cli")
NEVER = {
    "index/": ("assistant",),
    "assistant/answering/": (
        "assistant.privacy",
        "assistant.generation",
        "assistant.records",
        "assistant.curation",
        "assistant.doors",
        "assistant.web",
        *COMMANDS,
    ),
    "assistant/privacy/": (
        "assistant.answering",
        "assistant.generation",
        "assistant.records",
        "assistant.curation",
        "assistant.doors",
        "assistant.web",
        *COMMANDS,
    ),
    "assistant/generation/": ("assistant.curation", "assistant.doors", "assistant.web", *COMMANDS),
    "assistant/records/": ("assistant.generation", "assistant.curation", "assistant.doors", "assistant.web", *COMMANDS),
    "assistant/curation/": ("assistant.generation", "assistant.doors", "assistant.web", *COMMANDS),
    "assistant/doors/": ("assistant.curation", "assistant.web", *COMMANDS),
    "assistant/web/": COMMANDS,
    "assistant/web/shared/": ("assistant.doors", "assistant.web.public", "assistant.web.staff", "assistant.web.serving"),
    "assistant/web/public/": ("assistant.doors", "assistant.web.staff", "assistant.web.serving"),
    "assistant/web/staff/": ("assistant.doors", "assistant.web.public", "assistant.web.serving"),
    **dict.fromkeys(
        ("assistant/errors.py", "assistant/settings.py", "assistant/texts.py"),
        (
            "assistant.answering",
            "assistant.generation",
            "assistant.records",
            "assistant.curation",
            "assistant.doors",
            "assistant.web",
            *COMMANDS,
        ),
    ),
}

# Front ends: they show, or speak HTTP; the rest of `assistant` knows no screen and no command.
FRONT = ("assistant/doors/", "assistant/web/", *(f"{one.replace('.', '/')}.py" for one in (*COMMANDS, "assistant.__main__")))
SCREENS = {"gradio", "fastapi", "starlette", "uvicorn", "argparse"}

# What learns from examples: commands and tests run it, nothing that answers or searches does.
TRAINING = {
    "index/training/": "index.training",
    "assistant/answering/training/": "assistant.answering.training",
    "assistant/generation/training/": "assistant.generation.training",
}

# A file's name says which module it is; these stand once a package, and so do those of a loader and of what learns for a module.
ONCE_A_PACKAGE = {"__init__", "__main__", "cli", "errors"}
FAMILIES = ("index/loaders/", *TRAINING)

# Who touches os.environ, and why.
ENVIRONMENT = {
    "assistant/cli.py": "hands it to settings.load_settings, the only reader of the settings",
    "assistant/web/serving.py": "tells Gradio and the hub to send nothing out, before they are imported",
    "index/cli.py": "its ASSISTANT_ settings, so that both command lines agree without assistant",
    "index/embedding.py": "tells the hub library to stay offline, before it is imported",
    "index/reranking.py": "the same",
    "index/loaders/pdf/ocr.py": "tells Tesseract to keep to one core, in the child process that reads the file",
}


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def imported(path: Path) -> set[str]:
    """Full names of the modules a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: relative import"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def roots(path: Path) -> set[str]:
    return {module.partition(".")[0] for module in imported(path)}


def touches_environment(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return bool(names & {"environ", "getenv", "putenv"} or imported(path) & {"os.environ", "os.getenv"})


def test_the_packages_are_found() -> None:
    assert {"index/builder.py", "assistant/answering/service.py", "assistant/web/serving.py"} <= set(map(name, MODULES))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_arrows_point_one_way(path: Path) -> None:
    modules, where = imported(path), name(path)
    assert "tests" not in roots(path)
    for room, forbidden in NEVER.items():
        if where.startswith(room):
            assert not {module for module in modules if f"{module}.".startswith(tuple(f"{one}." for one in forbidden))}, room
    if where.startswith("index/"):
        assert not roots(path) & (SCREENS - {"argparse"})
    elif not where.startswith(FRONT):
        assert not roots(path) & SCREENS


def test_imports_make_no_circle() -> None:
    """Wherever an import stands: one inside a function hides a circle, and does not undo it."""
    known = {name(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in MODULES}
    graph = {}
    for module, path in known.items():
        found = imported(path) & known.keys() - {module}
        # « from package import module » is of the module, not of what the package's own file imports.
        graph[module] = {one for one in found if not any(other.startswith(f"{one}.") for other in found)}
    TopologicalSorter(graph).prepare()


def test_a_name_is_given_once() -> None:
    stems = [path.stem for path in MODULES if not name(path).startswith(FAMILIES)]
    twice = {stem for stem, count in Counter(stems).items() if count > 1}
    taken = {path.stem for path in MODULES if name(path).startswith("index/loaders/")} & set(stems)
    assert (twice | taken) - ONCE_A_PACKAGE == set()


def types_of(path: Path) -> Iterator[str]:
    """The classes of a module, wherever they stand, and the aliases of types at its top; a leading underscore is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name.lstrip("_")
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        for target in targets:
            # In capitals it is a constant, in small letters a value.
            if isinstance(target, ast.Name) and re.fullmatch(r"_?[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*", target.id):
                yield target.id.lstrip("_")


def test_a_type_is_named_once() -> None:
    """A name stands for one type, in both packages: who reads `Hit` need not look where it comes from."""
    named: dict[str, list[str]] = {}
    for path in MODULES:
        for one in types_of(path):
            named.setdefault(one, []).append(name(path))
    assert {one: places for one, places in named.items() if len(places) > 1} == {}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_library_enters_by_one_door(path: Path) -> None:
    for library in roots(path) & ONLY.keys():
        assert name(path) in ONLY[library], f"{library} is imported by {sorted(ONLY[library])} only"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_the_environment_is_read_where_it_is_said(path: Path) -> None:
    assert touches_environment(path) == (name(path) in ENVIRONMENT)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_does(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("folder", TRAINING)
def test_the_product_never_imports_the_training(folder: str) -> None:
    product = [path for path in MODULES if not name(path).startswith((folder, "assistant/cli.py"))]
    assert not [name(path) for path in product if any(module.startswith(TRAINING[folder]) for module in imported(path))]


def test_no_door_is_left_for_a_library_gone() -> None:
    doors = {path for paths in ONLY.values() for path in paths} | set(ENVIRONMENT)
    assert doors <= set(map(name, MODULES))


def test_every_room_of_a_rule_exists() -> None:
    assert not [room for room in (*NEVER, *FRONT, *TRAINING, *FAMILIES) if not (PROJECT / room).exists()]
