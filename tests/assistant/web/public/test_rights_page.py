"""The privacy notice; taking and erasing by a link, on real pages over a real database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.privacy.masking import CAUGHT_NAMES
from assistant.records.database import Database
from assistant.records.rights import Rights
from assistant.settings import Settings
from assistant.web.public import page_texts as texts
from assistant.web.public import rights_page
from assistant.web.shared import notice_texts
from assistant.web.shared.typography import percent
from tests.assistant.conftest import FICHES

QUESTION = "Quel est le taux du plan Halles couvertes ?"


def client_of(rights: Rights, settings: Settings) -> TestClient:
    app = FastAPI()
    app.include_router(rights_page.router(rights, settings))
    return TestClient(app)


@pytest.fixture
def rights(tmp_path: Path) -> Rights:
    return Rights(Database(f"sqlite:///{tmp_path}/j.sqlite"), 30)


@pytest.fixture
def client(rights) -> TestClient:
    return client_of(rights, Settings(retention_days=30))


def test_whoever_has_the_link_takes_an_exchange_and_erases_it_once_confirmed(rights, client, small):
    number = rights.journal.record(small(FICHES).ask(QUESTION), "c1", 12)
    address = f"/echange/{rights.journal.link(number)}"
    taken = client.get(f"{address}/donnees")
    assert json.loads(taken.content)["echange"]["question"] == QUESTION
    assert "attachment" in taken.headers["content-disposition"] and taken.headers["cache-control"] == "no-store"
    asked = client.get(f"{address}/effacer")
    assert asked.status_code == 200 and QUESTION in asked.text and 'method="post"' in asked.text
    assert rights.journal.get(number), "asking erases nothing"
    done = client.post(f"{address}/effacer")
    assert done.status_code == 200 and "noindex" in done.headers["x-robots-tag"] and QUESTION not in done.text
    assert rights.journal.get(number) is None
    for method, path in (("GET", "donnees"), ("GET", "effacer"), ("POST", "effacer")):
        assert client.request(method, f"{address}/{path}").status_code == 404


def test_whoever_has_the_link_takes_a_question_and_erases_it(rights, client):
    token = rights.questions.put("Qui paie le kiosque ?", "", "not_found")
    assert "kiosque" in client.get(f"/reponse/{token}/donnees").text and "kiosque" in client.get(f"/reponse/{token}/effacer").text
    assert client.post(f"/reponse/{token}/effacer").status_code == 200 and rights.questions.find(token) is None
    assert client.get("/reponse/nothing/effacer").status_code == 404


def test_the_notice_says_what_the_settings_do(rights, client):
    page = client.get("/confidentialite").text.replace("\u00a0", " ").replace("&#39;", "'")
    assert "30 jours, puis effacées" in page and notice_texts.NOTHING_SENT in page and notice_texts.NO_CONTACT in page
    assert percent(CAUGHT_NAMES).replace("\u00a0", " ").replace("\u202f", " ") in page.replace("\u202f", " ")


def test_the_notice_names_the_model_s_server_and_the_contact(rights):
    settings = Settings(model_url="https://modele.exemple.fr/v1", model_name="albert", contact="dpo@exemple.fr")
    page = client_of(rights, settings).get("/confidentialite").text
    assert "modele.exemple.fr" in page and "dpo@exemple.fr" in page and notice_texts.NOTHING_SENT not in page


def test_the_notice_of_an_installation_that_keeps_nothing_promises_no_duration(tmp_path):
    page = client_of(Rights(Database("")), Settings(journal="")).get("/confidentialite").text
    assert "365 jours" not in page and "ne conserve ni question" in page.replace("&#39;", "'")


def test_the_notice_is_linked_from_every_public_page(client):
    assert 'href="/confidentialite"' in client.get("/confidentialite").text and texts.NOTICE_LINK
