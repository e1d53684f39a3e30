"""Publications killed (SIGKILL) at twenty moments, and one that goes on while people ask."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assistant.answering.service import Assistant
from assistant.curation.publication import settle
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.web.public.conversations import AnswerStage, Conversation, Conversations
from assistant.web.shared.published_base import PublishedBase
from index import originals
from index.builder import build
from index.folder import LEXICON, fingerprint
from index.search import Retriever
from index.versions import Versions
from tests.assistant.conftest import FICHES, write
from tests.assistant.curation.interrupted_publication import publication_of, settings_of
from tests.fakes import HashEncoder

SCRIPT = Path(__file__).parent / "interrupted_publication.py"
NEW = FICHES["halles.md"].replace("35 %", "40 %")
QUESTION = "Quel est le taux du plan Halles ?"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base with a draft that adds, replaces and withdraws."""
    folder = tmp_path_factory.mktemp("first")
    settings = settings_of(folder)
    others = {LEXICON: "acronymes: {}\n", "old.txt": "Un vieux texte sur les lavoirs du canton de Vallon."}
    write(settings.knowledge, FICHES | others)
    build(settings.knowledge, settings.index, HashEncoder())
    draft = publication_of(settings).draft
    draft.add("halles.md", io.BytesIO(NEW.encode()), "edith")
    draft.add("kiosques.txt", io.BytesIO("Le fonds Kiosques verse 4 000 € par kiosque restauré.".encode()), "edith")
    draft.withdraw("old.txt", "edith")
    return folder


def interrupted(folders: list[Path]) -> list[str]:
    command = [sys.executable, str(SCRIPT), *map(str, folders)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return ran.stdout.splitlines()


@pytest.mark.slow
def test_a_publication_killed_at_any_moment_leaves_one_whole_version(first: Path, tmp_path: Path) -> None:
    def copy(last: int) -> Path:
        return shutil.copytree(first, tmp_path / "killed" / str(last))

    preview, total = map(int, interrupted([copy(0)])[0].split())
    old = originals.hashes(Versions(first / "index").require_current(), LEXICON)
    new = fingerprint(tmp_path / "killed" / "0" / "knowledge", LEXICON)
    assert old != new and set(new) == {"fontaines.md", "halles.md", "documents/kiosques.txt", LEXICON}
    chosen = random.Random(2026)
    moments = sorted(chosen.sample(range(1, preview), 5) + chosen.sample(range(preview + 1, total + 1), 15))
    folders = [copy(moment) for moment in moments]
    assert interrupted(folders) == ["killed"] * 20
    found, half_done = [], 0
    for number, folder in enumerate(folders):
        settings = settings_of(folder)
        Retriever.open(settings.index, HashEncoder())  # whoever serves goes on, before anything is mended
        current = Versions(settings.index).require_current()
        half_done += originals.hashes(current, LEXICON) != fingerprint(settings.knowledge, LEXICON)
        if number % 2:
            settle(settings)  # as the assistant does when it starts
        else:
            build(settings.knowledge, settings.index, HashEncoder())  # as « make run » does
        published = originals.hashes(Versions(settings.index).require_current(), LEXICON)
        assert fingerprint(settings.knowledge, LEXICON) == published, folder.name
        assert published in (old, new), folder.name
        assert len(publication_of(settings).draft.changes()) == (3 if published == old else 0), folder.name
        assert not (settings.index / originals.PENDING).exists()
        assert hidden(settings.index) == hidden(settings.knowledge) == [], folder.name
        _publish_next(folder)
        found.append(published == new)
    assert half_done, "no moment fell between the change of version and the folder's"
    assert found == sorted(found) and set(found) == {False, True}, "one moment makes the new version the published one"


def hidden(folder: Path) -> list[str]:
    """What a write that never ended leaves in a folder."""
    return [path.name for path in folder.rglob(".*") if path.name != ".lock" and "preview" not in path.parts]


def _publish_next(folder: Path) -> None:
    settings = settings_of(folder)
    publication = publication_of(settings)
    for change in publication.draft.changes():
        publication.draft.cancel(change.path)
    publication.draft.add("suite.txt", io.BytesIO(b"Une suite publiee apres la coupure, assez longue."), "edith")
    version = publication.publish(publication.prepare(), "edith", "suite")
    current = Versions(settings.index).require_current()
    assert current.name == version
    assert fingerprint(settings.knowledge, LEXICON) == originals.hashes(current, LEXICON)
    assert publication.draft.changes() == ()
    assert not list(settings.index.glob("staging-*"))


def test_ten_publications_while_people_ask(first: Path, tmp_path: Path) -> None:
    """Nobody sees an error, and every answer holds together: it quotes the version it names."""
    folder = shutil.copytree(first, tmp_path / "base")
    settings = settings_of(folder)
    base = PublishedBase(Assistant(Retriever.open(settings.index, HashEncoder()), settings), settings)
    conversations = Conversations(base, Journal(Database("")), 4)
    publication = publication_of(settings)
    stop, entries = threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            entry = conversations.ask(Conversation(), QUESTION)
            assert entry.kept.wait(60)
            entries.append(entry)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    rates = {Versions(settings.index).require_current().name: "35 %"}
    for number in range(10):
        publication.draft.add("halles.md", io.BytesIO(FICHES["halles.md"].replace("35 %", f"{41 + number} %").encode()), "edith")
        version = publication.publish(publication.prepare(), "edith", "essai")
        rates[version] = f"{41 + number} %"
        base.refresh()
    stop.set()
    for thread in asking:
        thread.join()
    conversations.close()
    assert len(entries) > 20 and {entry.stage for entry in entries} == {AnswerStage.DONE}
    wrong = [entry.answer.text for entry in entries if rates[entry.answer.index_version] not in entry.answer.text]
    assert wrong == []
    assert len({entry.answer.index_version for entry in entries}) > 3
    assert conversations._base.edition.state.version == version
