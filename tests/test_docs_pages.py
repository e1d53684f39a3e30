"""The pages of docs/ tell the truth: the picture, the paths, the places on disk, the addresses, what operations promise."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import io
import re
import sqlite3
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from types import ModuleType
from xml.etree import ElementTree

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount
from starlette.testclient import TestClient

from assistant.answering.service import Assistant
from assistant.curation.drafts import Draft
from assistant.doors import asking, gate
from assistant.doors.gate import Gate
from assistant.records import accounts, api_keys
from assistant.records.database import Database, Table
from assistant.settings import Settings
from assistant.throttling import HOUR, MINUTE, Window
from assistant.web import entrance, slow_clients
from assistant.web.public import ask_team, chat_endpoints, page_texts
from assistant.web.staff import access
from index import embedding, versions
from index.builder import build
from index.search import Retriever
from tests import test_layers
from tests.assistant.conftest import FICHES, write
from tests.assistant.web.staff.test_access import asks_for, built
from tests.fakes import HashEncoder
from tests.test_docs import DOCUMENTS, PROJECT

DOCS = PROJECT / "docs"
ARCHITECTURE, HTTP, OPERATIONS = (
    (DOCS / f"{page}.md").read_text(encoding="utf-8") for page in ("architecture", "http", "operations")
)
SOURCES = {path: path.read_text(encoding="utf-8") for path in test_layers.MODULES}
BASES = ("", "assistant/")  # what the paths of the documentation are relative to
ASSET = re.compile(r"(/assets-page/)[\w.-]+")  # its name changes with its content


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table that follows a heading, its two first lines left out."""
    part = re.split(r"^## ", page.split(f"## {heading}\n", 1)[1], flags=re.MULTILINE)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


# -- the picture


@pytest.fixture(scope="module")
def draw() -> ModuleType:
    """docs/draw.py: a script, in no package."""
    spec = importlib.util.spec_from_file_location("docs_draw", DOCS / "draw.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_draw"] = module  # dataclasses look for it there
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_what_the_imports_draw(draw):
    assert draw.FILE.read_text(encoding="utf-8") == draw.drawing(), "`make docs` draws it again"


def test_the_picture_shows_every_import_between_rooms_and_no_other(draw):
    known = {test_layers.name(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in SOURCES}
    found = set()
    for path in SOURCES:
        modules = test_layers.imported(path) & known.keys()
        modules = {one for one in modules if not any(other.startswith(f"{one}.") for other in modules)}
        found |= {(draw.room_of(path).name, draw.room_of(known[module]).name) for module in modules}
    graph = draw.imports()
    assert {(name, other) for name, others in graph.items() for other in others} == {pair for pair in found if len({*pair}) == 2}
    picture = ElementTree.fromstring(draw.FILE.read_text(encoding="utf-8"))
    texts = " ".join(picture.itertext())
    drawn = set(draw.arrows(graph))
    for name, other in found - drawn:
        assert name == other or other == draw.COMMON or re.search(rf"Also:[^.]*\b{other}\b", texts), (name, other)


def test_the_picture_has_a_text_alternative_and_asks_for_nothing_elsewhere():
    text = (DOCS / "architecture.svg").read_text(encoding="utf-8")
    picture = ElementTree.fromstring(text)
    named = {element.get("id"): element.text for element in picture}
    assert picture.get("role") == "img" and all(named[part] for part in picture.get("aria-labelledby").split())
    assert picture.get("width") == "900"
    assert not re.search(r"href|@import|@font-face|url\((?!#)|http(?!://www\.w3\.org/2000/svg)", text)


def test_the_rooms_of_the_picture_exist(draw):
    assert [path for room in draw.ROOMS for path in room.paths if not (PROJECT / path).exists()] == []


# -- the paths


def resolved(name: str) -> ast.AST:
    """A dotted name of the documentation → its class or function."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        place = "/".join(parts[:end])
        files = [PROJECT / base / f"{place}{suffix}" for base in BASES for suffix in (".py", "/__init__.py")]
        if file := next((file for file in files if file in SOURCES), None):
            found: ast.AST = ast.parse(SOURCES[file])
            for part in parts[end:]:
                found = next(node for node in ast.iter_child_nodes(found) if getattr(node, "name", "") == part)
            return found
    raise AssertionError(f"no module of {name}")


STAGES = rows(ARCHITECTURE, "The path of a question") + rows(ARCHITECTURE, "The path of a document")


@pytest.mark.parametrize("row", STAGES, ids=lambda row: row[1].strip("`"))
def test_a_stage_takes_and_gives_the_types_that_are_said(row):
    _, name, taken, given = row
    function = resolved(*code(name))
    arguments = [*function.args.posonlyargs, *function.args.args, function.args.vararg, *function.args.kwonlyargs]
    types = {ast.unparse(argument.annotation) for argument in arguments if argument and argument.annotation}
    assert set(code(taken)) <= types and len(code(taken)) == taken.count("`") // 2
    assert code(given) == [ast.unparse(function.returns)]


def test_every_module_that_answers_is_on_the_path_of_a_question():
    part = ARCHITECTURE.split("## The path of a question")[1].split("\n## ")[0]
    named = {word for span in code(part) for word in re.split(r"\W", span)}
    assert {path.stem for path in (PROJECT / "assistant" / "answering").glob("*.py")} - {"__init__"} - named == set()


def test_names_with_dots_lead_to_code():
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"`((?:answering|generation|records|curation|doors|web|index)(?:\.\w+)+)`", text):
            if not name.endswith((".py", ".html")):
                assert resolved(name), f"{path.name}: {name}"


def test_files_and_folders_that_are_named_exist():
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(
            r"`((?:assistant|answering|generation|records|curation|doors|web|index|tests|docs)/[\w./-]*)`", text
        ):
            assert any((PROJECT / base / name).exists() for base in BASES), f"{path.name}: {name}"


def test_links_to_a_heading_lead_to_one():
    for path in DOCUMENTS:
        for link, anchor in re.findall(r"\]\((?!http)([^)#]*)#([^)]+)\)", path.read_text(encoding="utf-8")):
            target = (path.parent / link).resolve() if link else path
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{path.name}: {link}#{anchor}"


# -- the running application: what it writes, what it answers


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The whole application on two made-up fiches, every default place under one folder."""
    folder = tmp_path_factory.mktemp("docs")
    source = write(
        folder / "knowledge", {**FICHES, "lexique.yaml": "fond: [programme]\n", "titres.yaml": "halles.md: Les halles\n"}
    )
    settings = Settings(
        knowledge=source,
        index=folder / "var" / "index",
        drafts=folder / "var" / "drafts",
        journal=f"sqlite:///{folder}/var/journal.sqlite",
    )
    build(source, settings.index, HashEncoder())
    Draft(settings.drafts, source, 1, 10).add("note.md", io.BytesIO("# Une note\n\nLes halles ferment à midi.".encode()), "marie")
    accounts.Accounts(Database(settings.journal)).add("marie", "editeur", "cheval batterie agrafe")
    assistant = Assistant(Retriever.open(settings.index, HashEncoder()), settings)
    with ThreadPoolExecutor(1) as pool:  # the browser tests, when they ran before, leave a loop running in this thread
        app, stop = pool.submit(lambda: asyncio.run(built(assistant, settings))).result()
    yield app, folder, settings
    stop()


PLACES = [code(row[0])[0] for row in rows(ARCHITECTURE, "What is written where")]


def test_everything_that_is_written_is_listed_and_a_version_holds_what_is_said(site):
    _, folder, settings = site
    (version,) = versions.Versions(settings.index).names()
    names = {path.relative_to(folder).as_posix() for path in (folder / "var").rglob("*") if path.is_file()}
    written = {name.replace(version, "VERSION").removesuffix("-wal").removesuffix("-shm") for name in names}
    assert {"var/drafts/draft.json", "var/index/CURRENT", "var/journal.sqlite"} <= written
    assert [name for name in written if not any(fnmatchcase(name, one) for one in PLACES)] == []
    said = [one for one in PLACES if one.startswith("var/index/versions/")]
    assert [one for one in said if not any(fnmatchcase(name, one) for name in written)] == []


def test_the_places_are_those_of_the_settings():
    settings = Settings()
    roots = {settings.index.as_posix(), settings.drafts.as_posix(), settings.journal.removeprefix("sqlite:///")}
    assert {root for root in roots if not any(place == root or place.startswith(f"{root}/") for place in PLACES)} == set()


def test_every_table_of_the_database_is_named(site):
    (line,) = re.findall(r"^The database holds .*$", ARCHITECTURE, re.MULTILINE)
    assert set(code(line)) == set(Table.metadata.tables)


def routes(app: object) -> tuple[set[tuple[str, str, str]], set[tuple[str, str]]]:
    """(methods, path, who) of our addresses; (method, path) of Gradio's, without a final slash."""
    ours, gradio = set(), set()
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Mount) and not route.path:
            gradio |= {(m, one.path.rstrip("/") or "/") for one in iter_route_contexts(route.app.routes) for m in one.methods}
        elif isinstance(route, Mount):  # a door
            (gate,) = [middleware for middleware in route.app.user_middleware if middleware.cls is Gate]
            for inner in route.app.routes:
                who = "anyone" if inner.path in gate.kwargs.get("free", ()) else "a key"
                ours.add((", ".join(sorted(inner.methods - {"HEAD"})), route.path + inner.path, who))
        elif isinstance(context.endpoint, Gate):
            ours.add(("any", context.path, "a key"))
        else:
            assert isinstance(route, APIRoute), context.path
            editor, reader = (asks_for(context.dependant, role) for role in (access.editor, access.reader))
            who = "editor" if editor else "member" if reader else "anyone"
            ours.add((", ".join(sorted(context.methods)), ASSET.sub(r"\1{name}", context.path), who))
    return ours, gradio


def test_our_addresses_are_those_of_the_application(site):
    ours, _ = routes(site[0])
    said = [row for heading in ("Public", "Signing in", "The staff's pages", "For programs") for row in rows(HTTP, heading)]
    listed = [(method, *code(address), who) for method, address, who, _ in said]
    assert sorted(listed) == sorted(ours) and all(row[3] for row in said)


def listed(block: str) -> set[tuple[str, str]]:
    """(method, path) of a list of addresses."""
    split = [line.rsplit(maxsplit=1) for line in block.splitlines()]
    return {(method.strip(), path) for methods, path in split for method in methods.split(",")}


def test_gradio_s_addresses_are_open_or_closed_and_each_is_said(site):
    """An address that a new version of Gradio brings is closed; it fails here until somebody has looked at it."""
    _, gradio = routes(site[0])
    client = TestClient(site[0], base_url="http://127.0.0.1", follow_redirects=False)
    opened, closed = map(listed, re.findall(r"```\n(.*?)```", HTTP, re.DOTALL))
    assert opened == {(method, path) for path, methods in chat_endpoints.OPEN.items() for method in methods} <= gradio
    assert opened | closed == gradio and not opened & closed
    for method, path in closed - {("GET", "/favicon.ico")}:  # ours stands before that one
        answer = client.request(method, re.sub(r"\{\w+(:path)?\}", "x", path), json={} if method == "POST" else None)
        assert answer.status_code == 404, path
        assert method == "HEAD" or answer.json() == {"detail": page_texts.NO_SUCH_ADDRESS}, path


@pytest.mark.parametrize("row", rows(HTTP, "Gradio's own"), ids=lambda row: row[0])
def test_gradio_answers_what_is_said(site, row):
    request, status, _ = row
    method, address = request.replace("`", "").split()
    client = TestClient(site[0], base_url="http://127.0.0.1", follow_redirects=False)
    sent = {"files": {"files": ("a.txt", b"two")}} if address.endswith("/upload") else {"json": {"data": [""]}}
    answer = client.request(method, address, **(sent if method == "POST" else {}))
    assert answer.status_code == int(status)
    if address.endswith("/info"):
        assert answer.json() == {"named_endpoints": {}, "unnamed_endpoints": {}}


def test_doors_answer_nobody_without_a_key(site):
    client = TestClient(site[0], base_url="http://127.0.0.1")
    closed = [(methods, path) for methods, path, who in routes(site[0])[0] if who == "a key"]
    assert len(closed) == 5
    for methods, path in closed:
        answer = client.request("POST" if methods == "any" else methods, path.replace("{name}", "x"), json={})
        assert answer.status_code == 401, path


def test_the_figures_of_the_doors_are_the_code_s():
    assert "more than 1 MiB: 413" in HTTP and gate.BODY_LIMIT == 1024
    assert "(the last 12 before it)" in HTTP and asking.TURNS == 12
    assert "1000 questions a day by default" in OPERATIONS and api_keys.PER_DAY == 1000
    assert "half of `ASSISTANT_CONCURRENCY` threads" in OPERATIONS and "beyond 50 questions waiting" in OPERATIONS
    assert asking.WAITING == 50


def test_strangers_are_sent_to_the_door_and_scripts_told(site):
    client = TestClient(site[0], base_url="http://127.0.0.1", follow_redirects=False)
    assert client.get("/equipe/documents").headers["location"].startswith("/equipe/connexion")
    assert client.get("/equipe/documents", headers={"sec-fetch-dest": "empty"}).status_code == 401
    assert client.get("/a-propos.json").status_code == 200


# -- operations


def test_the_addresses_of_operations_are_known(site):
    ours, gradio = routes(site[0])
    known = {path for _, path, _ in ours} | {re.sub(r"\{.*", "", path) for _, path in gradio}
    named = re.findall(r"(?:`|:7860)(/[\w./-]+)", OPERATIONS)
    assert len(named) > 5 and [path for path in named if path not in known] == []


def test_the_messages_of_operations_are_said_by_the_code():
    said = [text for row in rows(OPERATIONS, "When something is wrong") for text in re.findall(r"« (.+?) »", row[0])]
    assert len(said) > 5 and [text for text in said if not any(text in source for source in SOURCES.values())] == []
    assert any("Assistant prêt" in source for source in SOURCES.values())


def test_the_installed_commands_that_documents_name_exist():
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    named = {name for path in DOCUMENTS for name in re.findall(r"`(pvd-[\w-]+)", path.read_text(encoding="utf-8"))}
    assert named == set(scripts)


def test_the_settings_that_pages_name_exist():
    fields = set(Settings.__dataclass_fields__)
    for page in (ARCHITECTURE, HTTP, OPERATIONS):
        assert {name.lower() for name in re.findall(r"ASSISTANT_(\w+)", page)} <= fields


def test_the_copy_of_the_database_that_is_shown_holds_it_whole(tmp_path):
    (tmp_path / "var").mkdir()
    running = sqlite3.connect(tmp_path / "var" / "journal.sqlite")
    running.executescript(
        "PRAGMA journal_mode=WAL; CREATE TABLE t (x); INSERT INTO t VALUES (42);"
    )  # in the -wal: not yet in the file
    (script,) = re.findall(r'^python -c "(.+)"$', OPERATIONS, re.MULTILINE)
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True)
    copy = sqlite3.connect(tmp_path / "journal-copy.sqlite")
    assert copy.execute("SELECT x FROM t").fetchone() == (42,)
    copy.close()
    running.close()


def test_the_figures_of_operations_are_the_code_s():
    assert "Five versions are kept" in OPERATIONS and versions.KEPT == 5
    assert "five wrong passwords | wait a minute" in OPERATIONS and accounts.TRIES.own[0] == Window(5, MINUTE)
    assert "ten an hour" in HTTP and ask_team.PER_ADDRESS == Window(10, HOUR)
    assert "600 requests a minute" in OPERATIONS and entrance.REQUESTS == Window(600, MINUTE)
    assert "of more than 1024 KiB" in OPERATIONS and entrance.BODY_LIMIT == 1024
    assert (entrance.BODY_SECONDS, slow_clients.HEADER_SECONDS) == (30, 15) and "15 seconds" in OPERATIONS
    assert f"`~/.cache/{embedding.CACHE.name}`" in OPERATIONS


def test_each_page_is_one_page():
    for page, lines in (("architecture", 160), ("http", 190), ("operations", 160)):
        assert len((DOCS / f"{page}.md").read_text(encoding="utf-8").splitlines()) <= lines


def test_the_readme_and_the_makefile_lead_to_the_pages():
    readme, makefile = ((PROJECT / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile"))
    assert all(f"(docs/{page}.md)" in readme for page in ("architecture", "http", "operations"))
    assert "docs/draw.py" in makefile and "--update-docs" in makefile
