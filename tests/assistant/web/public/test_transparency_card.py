"""The transparency card: what it says is what runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.curation import quality
from assistant.records.database import Database
from assistant.settings import Settings
from assistant.web.public import page_texts as texts
from assistant.web.public import transparency_card
from assistant.web.shared.published_base import PublishedBase
from tests.assistant.conftest import plain


@pytest.fixture
def settings(tmp_path):
    return Settings(index=tmp_path / "index", journal=f"sqlite:///{tmp_path}/j.sqlite", retention_days=90)


def served(assistant, settings: Settings) -> TestClient:
    app = FastAPI()
    app.include_router(transparency_card.router(PublishedBase(assistant, settings), Database(settings.journal), settings))
    return TestClient(app)


def sections(client: TestClient) -> dict[str, dict]:
    return {section["name"]: section for section in client.get("/a-propos.json").json()["sections"]}


def test_it_describes_the_version_in_service(halles, settings):
    card = sections(served(halles, settings))
    manifest = halles.retriever.manifest
    assert list(card["base"]["facts"].values()) == [
        manifest.version,
        card["base"]["facts"][texts.CARD_PUBLISHED],
        "2",
        str(len(halles.retriever.passages)),
        "30 janvier 2026",
    ]
    assert card["models"]["facts"][texts.CARD_ENCODER].startswith(manifest.encoder.name)
    assert card["models"]["facts"][texts.CARD_GENERATIVE] == texts.CARD_NONE
    assert "90 jours" in " ".join(card["data"]["lines"])


def test_quality_is_what_was_measured_on_this_version(halles, settings):
    client = served(halles, settings)
    assert sections(client)["quality"]["lines"] == [texts.CARD_UNMEASURED]
    database = Database(settings.journal)
    quality.record_quality(database, "une-autre-version", {"overall": 0.5})
    assert texts.CARD_UNMEASURED in plain(client.get("/a-propos").text), "another version was measured, not this one"
    quality.record_quality(database, halles.retriever.version, {"overall": 0.942, "false_refusal": 0.009, "median_words": 65})
    card = sections(client)["quality"]
    assert list(card["facts"].values()) == ["94,2\u202f%", "0,9\u202f%"] and texts.CARD_UNKNOWN in card["lines"][0]


def test_the_page_has_the_words_of_the_data(halles, settings):
    client = served(halles, settings)
    page = plain(client.get("/a-propos").text)
    for section in sections(client).values():
        assert section["title"] in page
        for text in (*section["lines"], *(section["facts"] or {}).values()):
            assert plain(text) in page, text
    assert "unsafe-inline" not in client.get("/a-propos").headers["content-security-policy"]


def test_the_contact_is_what_the_settings_say(halles, settings):
    assert sections(served(halles, settings))["contact"]["lines"] == [texts.CARD_NO_CONTACT]
    named = replace(settings, contact="<b>mairie@exemple.fr</b>")
    client = served(halles, named)
    assert "<b>mairie@exemple.fr</b>" in sections(client)["contact"]["lines"][0]
    assert "<b>mairie" not in client.get("/a-propos").text


def test_without_a_database_nothing_is_said_to_be_kept(halles, settings):
    card = sections(served(halles, replace(settings, journal="")))
    assert card["data"]["lines"][0] == texts.NOT_KEPT
    assert not any("90" in line for line in card["data"]["lines"])
