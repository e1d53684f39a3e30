"""A real server on a small base, and a browser that keeps a list of every address it asks for."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

from index.builder import build
from index.embedding import SHIPPED, SentenceEncoder
from index.versions import Versions
from tests.published import published
from tests.workers import worker

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
FICHES = ("ort", "chef-de-projet", "vta", "amp", "denormandie", "entrer-dans-le-programme", "boutique-a-l-essai", "club-pvd")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 300
SEEN_SECONDS = 60  # the server looks at its index every three

HOSTILE = """---
titre: "Fonds <img src=x onerror=window.hacked=1> des kiosques"
theme: "Thème <script>window.hacked=1</script>"
dispositif: Fonds des kiosques
mis_a_jour: 2020-01-01
a_revoir_le: 2021-01-01
---

# Fonds des kiosques

## Quel soutien <b>gras</b> ?

### Combien donne le fonds des kiosques à musique ?
Le fonds des kiosques à musique donne 1 234 € <img src=x onerror=window.hacked=1> par kiosque ${window.hacked=1} {{hacked}}.[^1]

[^1]: Revue <img src=x onerror=window.hacked=1> — 2020 — <https://exemple.invalid/?a="><script>window.hacked=1</script>>
"""


@dataclass
class Server:
    """The running assistant: its address, its files, and how to publish a new version of its base."""

    url: str
    source: Path
    index: Path
    journal: Path

    def publish(self) -> None:
        """Build the base as it is now; returns once the server, in its own process, has seen the version and uses it."""
        version = index_of(self.source, self.index)
        limit = time.monotonic() + SEEN_SECONDS
        while version not in self._described():
            assert time.monotonic() < limit, "the new version is not used"
            time.sleep(0.1)

    def _described(self) -> str:
        with urllib.request.urlopen(f"{self.url}a-propos.json", timeout=20) as response:
            return response.read().decode("utf-8")


@cache
def encoder() -> SentenceEncoder:
    """The encoder that ships, loaded once for all the bases of these tests."""
    return SentenceEncoder(str(SHIPPED))


def index_of(source: Path, index: Path) -> str:
    """Builds the index of a base here, not in a process that would load everything again; the version published.

    The vectors of texts that `make index` encoded are taken from there: the first build of a base encodes the others only.
    """
    lender = None if Versions(index).current() else published()
    return build(source, index, encoder(), lender=lender).version


def free_port() -> int:
    """A port that nobody listens to, and that no other worker of this run is given before the server takes it."""
    number, count = worker()
    while True:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            port = listening.getsockname()[1]
        if port // 2 % count == number:  # Linux gives odd ports only
            return port


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    source = folder / "base"
    source.mkdir()
    for name in FICHES:
        shutil.copy(ROOT / "knowledge" / "fiches" / f"{name}.md", source)
    shutil.copy(ROOT / "knowledge" / "lexique.yaml", source)
    (source / "kiosques.md").write_text(HOSTILE, encoding="utf-8")
    index_of(source, folder / "index")
    with serving(folder, source) as running:
        yield running


@contextmanager
def serving(folder: Path, source: Path, index: Path | None = None, **settings: str) -> Iterator[Server]:
    """The assistant on a base of its own, everything it writes in `folder`; it builds its index when there is none there.

    Args:
        index: one that is read and never published to; by default in `folder`.
        settings: others, by the names of the environment.
    """
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    running = Server(f"http://127.0.0.1:{port}/", source, index or folder / "index", folder / "journal.sqlite")
    environment = own | {
        "ASSISTANT_INDEX": str(running.index),
        "ASSISTANT_KNOWLEDGE": str(source),
        "ASSISTANT_PORT": str(port),
        "ASSISTANT_JOURNAL": f"sqlite:///{running.journal}",
        "ASSISTANT_DRAFTS": str(folder / "drafts"),
        **settings,
    }
    with (folder / "server.log").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "assistant"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait(running.url, process, folder / "server.log")
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
    assert "Traceback" not in (folder / "server.log").read_text()


def _wait(url: str, process: subprocess.Popen, log: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        if process.poll() is not None:
            pytest.fail(f"The server stopped:\n{log.read_text()[-3000:]}")
        try:
            urllib.request.urlopen(url, timeout=2).close()
            break
        except OSError:
            time.sleep(0.3)
    else:
        pytest.fail(f"No answer from the server after {START_SECONDS} s:\n{log.read_text()[-3000:]}")
    assert f"Assistant prêt : {url.rstrip('/')}" in log.read_text()


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"No Chromium at {CHROMIUM}: install it (apt install chromium) or name it in CHROMIUM.")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, server):
    """Open the public page in a fresh context; at the end, no error and no address elsewhere."""
    contexts, seen, errors = [], [], []

    def opened(width=1440, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: seen.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.set_default_timeout(20_000)
        page.goto(server.url)
        ready(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    elsewhere = {url for url in seen if not url.startswith((server.url, "data:", "blob:"))}
    assert elsewhere == set()
    assert errors == []


@pytest.fixture
def page(open_page):
    return open_page()


def plain(text: str) -> str:
    """A text with single, plain spaces."""
    return re.sub(r"\s+", " ", text)


def ready(page) -> None:
    page.wait_for_function("document.querySelector('#log')?.dataset.conversation")


def ask(page, question: str):
    """Send a question from the box; returns its exchange once the answer is complete."""
    count = page.locator(".exchange").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('.exchange.done').length === n", arg=count + 1)
    return page.locator(".exchange").last


@pytest.fixture(scope="session")
def axe():
    """The accessibility rules' script, installed from the lock file."""
    script = HERE / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        if shutil.which("npm") is None:
            pytest.skip("npm is absent: install Node.js to run the accessibility rules (axe-core).")
        with FileLock(Path(tempfile.gettempdir()) / "axe-core.lock"):  # two runs of the tests at once install it once
            if not script.exists():
                subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True, capture_output=True)
    return script.read_text(encoding="utf-8")


def sign_in(page, login, password):
    """Fill the form of the staff's door, and send it."""
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter").click()
