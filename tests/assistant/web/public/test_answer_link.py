"""A link to one answer: made on demand, pinned to the version that answered, honest when the base has changed."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from assistant.records.database import Database, now
from assistant.records.journal import Journal
from assistant.settings import Settings
from assistant.web.public import answer_link
from assistant.web.public.conversations import Conversation, Conversations
from assistant.web.shared.published_base import PublishedBase
from index.builder import build
from tests.assistant.conftest import FICHES, Write, write
from tests.fakes import HashEncoder

RATE = "Quel est le taux du plan Halles ?"
RATE_SAID = re.compile(r"35.%")  # the page also says at what time it was made, and 35 is a minute


class Site:
    """The two addresses on a base of made-up fiches that tests publish again."""

    def __init__(self, folder: Path, small: Write, journal: str) -> None:
        self.folder, self.database = folder, Database(journal)
        self.journal = Journal(self.database, 30)
        self.base = PublishedBase(small(FICHES), Settings(index=folder / "index"))
        self.conversations = Conversations(self.base, self.journal, 1)
        app = FastAPI()
        app.include_router(answer_link.router(self.base, self.conversations, self.journal))
        self.client = TestClient(app)

    def publish(self, files: dict[str, str]) -> None:
        for path in (self.folder / "source").glob("*"):
            path.unlink()
        build(write(self.folder / "source", files), self.folder / "index", HashEncoder())
        assert self.base.refresh()

    def ask(self, question: str) -> dict[str, str]:
        conversation = Conversation()
        entry = self.conversations.ask(conversation, question)
        assert entry.kept.wait(30)
        return {"conversation": conversation.id, "exchange": entry.key}

    def link(self, question: str) -> str:
        made = self.client.post("/lien", data=self.ask(question))
        assert made.status_code == 200, made.text
        return "/" + made.json()["address"]


@pytest.fixture
def site(tmp_path: Path, small: Write):
    made = Site(tmp_path, small, f"sqlite:///{tmp_path}/j.sqlite")
    yield made
    made.conversations.close()


def test_a_link_shows_the_answer_as_it_was_given_and_its_version(site):
    address = site.link(f"{RATE} Rappelez le 06 12 34 56 78")
    version = site.base.edition.state.version
    answer = site.client.get(address)
    assert answer.status_code == 200 and answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert "35&nbsp;%" in answer.text.replace("\u00a0", "&nbsp;") and "https://exemple.fr/halles" in answer.text
    assert f"version {version} de la base" in answer.text and "n&#39;a pas changé" in answer.text
    assert "[téléphone]" in answer.text and "12 34" not in answer.text
    assert len(address) > 25 and site.client.get(address[:-1]).status_code == 404


def test_the_link_is_the_same_again_and_nobody_has_one_unasked(site):
    asked = site.ask(RATE)
    with site.database.session() as session:
        assert session.scalar(text("SELECT count(link) FROM exchanges")) == 0
    first, second = (site.client.post("/lien", data=asked).json()["address"] for _ in range(2))
    assert first == second
    other = site.ask(RATE)
    stranger = site.client.post("/lien", data={**other, "conversation": asked["conversation"]})
    assert stranger.status_code == 404 and "n'est plus en mémoire" in stranger.json()["message"]


def test_what_changed_since_is_said(site):
    address = site.link(RATE)
    site.publish(FICHES | {"note.md": "# Une note\n\nLes halles ferment à midi."})
    said = site.client.get(address).text
    assert "La base a changé depuis cette réponse (version" in said and "toujours écrit" in said and RATE_SAID.search(said)
    site.publish({**FICHES, "halles.md": FICHES["halles.md"].replace("35 %", "40 %")})
    said = site.client.get(address).text
    assert "n&#39;y est plus écrit ainsi" in said and RATE_SAID.search(said)
    site.publish({"fontaines.md": FICHES["fontaines.md"]})
    gone = site.client.get(address).text
    assert "citait un document retiré" in gone and not RATE_SAID.search(gone)
    assert not re.search("70.000|plan Halles paie", gone)


def test_a_link_ends_with_the_retention(site):
    address = site.link(RATE)
    with site.database.session() as session:
        session.execute(text("UPDATE exchanges SET created = :old"), {"old": (now() - timedelta(days=31)).isoformat(" ")})
    assert site.client.get(address).status_code == 404
    assert site.journal.purge() == 1 and site.client.get(address).status_code == 404


def test_without_a_journal_or_a_source_there_is_no_link(tmp_path, small, site):
    assert site.client.post("/lien", data=site.ask("Merci")).status_code == 404
    unkept = Site(tmp_path, small, "")
    assert unkept.client.post("/lien", data=unkept.ask(RATE)).status_code == 404
    unkept.conversations.close()
