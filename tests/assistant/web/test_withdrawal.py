"""After a withdrawal is published, nothing gives back a passage of the document: every door is tried.

The document is a PDF and a fiche. Each door is first seen to give the passage, so that a door that never
did proves nothing. What conversations give over HTTP is tried with a browser in tests/browser.
"""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from assistant.answering.answer import Answer, Status
from assistant.answering.service import Assistant
from assistant.doors import http_api, openai_api
from assistant.doors.admission import Admission
from assistant.doors.asking import Asking
from assistant.records.accounts import Accounts, csrf_of
from assistant.records.api_keys import ApiKeys
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.records.reviews import ReferenceState, Reviews
from assistant.settings import Settings
from assistant.web.public import page_texts
from assistant.web.public.chat_page import ChatHandlers
from assistant.web.public.commune_list import FILE as COMMUNES
from assistant.web.public.commune_list import CommuneFile
from assistant.web.public.commune_page import CommunePage
from assistant.web.public.conversations import Conversation, Conversations
from assistant.web.serving import build_app
from assistant.web.shared import page_pictures
from assistant.web.shared.published_base import PublishedBase
from assistant.web.staff import access
from index import originals
from index.builder import build
from index.search import Retriever
from index.versions import Versions
from tests.assistant.conftest import FICHES, plain, write
from tests.fakes import HashEncoder

DATA = Path(__file__).parents[2] / "data"
FICHE, PDF = "fontaines.md", "bulletin.pdf"
ELIGIBLE = FICHES[FICHE].replace(
    "dispositif: Fonds Fontaines\n",
    """dispositif: Fonds Fontaines
eligibilite:
  - critere: population
    max: 5000
    texte: le fonds Fontaines est réservé aux communes de moins de 5 000 habitants
    preuve: Quelle aide pour une fontaine ?
""",
)
QUESTION, PDF_QUESTION = "Quelle aide pour une fontaine ?", "Quel est le coût de la halle de la commune de Vallon ?"
QUESTIONS = (QUESTION, PDF_QUESTION, "fonds Fontaines", "agence de l'eau", "remise en eau 9 000 €", "bulletin municipal", "halle")
WAIT = 600  # tenths of a second
VALIDATE = 'name="action" value="valider"'  # the button that validates an answer


class Site:
    """The application as it is served, and the parts behind its conversations, on one base."""

    def __init__(self, folder: Path) -> None:
        source = write(folder / "knowledge", FICHES | {FICHE: ELIGIBLE})
        shutil.copyfile(DATA / PDF, source / PDF)
        self.settings = Settings(
            knowledge=source, index=folder / "index", drafts=folder / "drafts", journal=f"sqlite:///{folder}/j.sqlite"
        )
        build(source, self.settings.index, HashEncoder())
        database = Database(self.settings.journal)
        accounts = Accounts(database)
        accounts.add("marie", "editeur", "cheval batterie agrafe")
        self.token = accounts.admit("marie")
        self.journal, self.reviews = Journal(database), Reviews(database)
        self.app, self.stop = asyncio.run(self._built())
        self.base = PublishedBase(self._open(), self.settings, self.reviews)
        self.conversations = Conversations(self.base, self.journal, 2)
        self.page = ChatHandlers(self.base, self.conversations, self.journal, self.settings)
        self.communes = CommunePage(self.base, CommuneFile(source / COMMUNES))
        # On a journal of their own: what programs ask here is not to be found among the page's exchanges.
        asking = Asking(lambda: self.base.edition.assistant, Journal(Database("")), self.settings.question_limit, 1)
        admission = Admission(ApiKeys(database), 10_000, keys_only=False)
        mounts = [
            Mount(http_api.ADDRESS, http_api.door(asking, admission, "open")),
            Mount(openai_api.ADDRESS, openai_api.door(asking, admission)),
        ]
        self.programs = TestClient(Starlette(routes=mounts))
        self.client = TestClient(self.app, base_url="http://127.0.0.1", follow_redirects=False)
        self.client.cookies.set(access.COOKIE, self.token)

    async def _built(self) -> tuple[FastAPI, Callable[[], None]]:
        # Inside a loop: Gradio asks for one as it is put together, and makes one of its own when there is none.
        return build_app(self._open(), self.settings)

    def _open(self) -> Assistant:
        return Assistant(Retriever.open(self.settings.index, HashEncoder()), self.settings)

    def post(self, path: str, **fields: str) -> None:
        answer = self.client.post(f"/equipe/documents{path}", data={"csrf": csrf_of(self.token), **fields})
        assert answer.status_code == 303, answer.text[:300]

    def finished(self) -> str:
        for _ in range(WAIT):
            state = self.client.get("/equipe/documents/publication/etat").json()
            if state["stage"] != "running":
                return state["stage"]
            time.sleep(0.1)
        raise AssertionError("the work never ends")

    def publish(self, *withdrawn: str) -> None:
        """Withdraw through the staff's pages, as an editor does."""
        for path in withdrawn:
            self.post("/retirer", chemin=path)
        self.post("/apercu")
        assert self.finished() == "done"
        shown = self.client.get("/equipe/documents/publication")
        assert shown.status_code == 200
        version = shown.text.partition('name="version" value="')[2].partition('"')[0]
        self.post("/publier", version=version, reason="documents retirés")
        assert self.finished() == "done"
        self.base.refresh()

    def asked_by_a_program(self, address: str, body: Callable[[str], dict[str, object]]) -> str:
        """All that a door answers."""
        return " ".join(str(self.programs.post(address, json=body(question)).json()) for question in QUESTIONS)

    def ask(self, conversation: Conversation, question: str) -> str:
        """A question in a conversation; returns the key of its exchange."""
        entry = self.conversations.ask(conversation, question)
        assert entry is not None and entry.kept.wait(30)
        return entry.key


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("retrait"))
    yield made
    made.conversations.close()
    made.stop()


def secrets(site: Site) -> list[str]:
    """Sentences that only the two documents hold."""
    passages = [p for p in site.base.edition.assistant.retriever.passages if p.document in (FICHE, PDF)]
    assert {p.document for p in passages} == {FICHE, PDF}
    return [sentence for p in passages for sentence in p.text.split("\n") if len(sentence) > 25]


def told(content: bytes) -> str:
    """The text of a file, a Word document's included."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return " ".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return content.decode("utf-8", "replace")


def opened(site: Site, conversation: str) -> str:
    """What a reloaded page shows of a conversation."""

    async def first() -> str:
        async for shown in site.page.opened(conversation):
            return str(shown[0])
        return ""

    return asyncio.run(first())


def asked(site: Site, conversation: Conversation) -> str:
    """What a page that stays open is sent first when it asks once more."""

    async def first() -> str:
        async for shown in site.page.question_sent("Quel est le taux du plan Halles ?", conversation.id):
            return str(shown[0])
        return ""

    sent = asyncio.run(first())
    assert conversation.entries[-1].kept.wait(30)
    return sent


def doors(site: Site, conversation: Conversation, keys: list[str]) -> dict[str, str]:
    """Everything the product says to whoever asks, by door."""
    retriever, assistant = site.base.edition.assistant.retriever, site.base.edition.assistant
    fields = {"population": "900", "situation": "laureate"}
    said = {
        "search": " ".join(hit.passage.text for q in QUESTIONS for hit in retriever.search(q, 100)),
        "documents": " ".join(document.text for document in retriever.documents.values()),
        "answers": " ".join(_whole(assistant.ask(question)) for question in QUESTIONS),
        "welcome": site.page.themes() + site.page.footer() + site.page.state(),
        "conversation": opened(site, conversation.id),
        "panel": " ".join(
            site.page.open_source({"conversation": conversation.id, "exchange": key, "marker": number})
            for key in keys
            for number in (1, 2, 3)
        ),
        "export md": told(site.page.exported(conversation.id, "md").body),
        "export docx": told(site.page.exported(conversation.id, "docx").body),
        "commune": site.communes.review(fields),
        "commune export": told(site.communes.exported(fields, "md")[0]),
        "journal export": site.client.get("/equipe/verifier/export").text,
        "journal export ods": told(site.client.get("/equipe/verifier/export?format=ods").content),
        "validated answers": site.client.get("/equipe/verifier/reponses").text,
        "gaps export": site.client.get("/equipe/sans-reponse/export.csv").text,
        "preview": site.client.get("/equipe/documents/publication").text,
        "HTTP API": site.asked_by_a_program("/api/v1/questions", lambda question: {"question": question}),
        "OpenAI": site.asked_by_a_program(
            "/v1/chat/completions", lambda question: {"messages": [{"role": "user", "content": question}]}
        ),
        "link": " ".join(site.client.get(f"/echange/{site.journal.link(e.id)}").text for e in site.journal.recent()),
    }
    for name, path in (
        ("page picture", page_pictures.ROUTE.replace("{number}", "1").replace("{document:path}", PDF)),
        *((f"exchange {e.id}", f"/equipe/verifier/{e.id}") for e in site.journal.recent()),
        ("fiche original", f"/equipe/documents/original?chemin={quote(FICHE)}"),
        ("pdf original", f"/equipe/documents/original?chemin={quote(PDF)}"),
        ("fiche passages", f"/equipe/documents/fiche?chemin={quote(FICHE)}"),
        ("pdf passages", f"/equipe/documents/fiche?chemin={quote(PDF)}"),
        ("pdf text", f"/equipe/documents/texte?chemin={quote(PDF)}"),
    ):
        answer = site.client.get(path)
        said[name] = f"{answer.status_code} {told(answer.content)}"
    return said


def found(site: Site, typed: str) -> list[int]:
    """The exchanges that the journal finds for some words."""
    page = site.client.get(f"/equipe/verifier?q={quote(typed)}").text
    return [int(number) for number in re.findall(r'<th scope="row"><a href="/equipe/verifier/(\d+)">', page)]


def _whole(answer: Answer) -> str:
    quotes = " ".join(citation.quote for citation in answer.citations)
    return f"{answer.text} {quotes} {' '.join(sentence.text for sentence in answer.sentences)} {answer.explanation}"


def test_no_door_gives_back_a_withdrawn_document(site: Site) -> None:
    hidden = secrets(site)
    conversation = Conversation()
    keys = [site.ask(conversation, question) for question in (QUESTION, PDF_QUESTION)]
    exchange = next(e for e in site.journal.recent() if e.question == QUESTION)
    passages = site.base.edition.assistant.retriever.passages
    site.reviews.save(exchange, [], "", exchange.text, "marie", "editeur")
    reference = site.reviews.validate(exchange, passages, "marie", "editeur")
    assert site.base.edition.assistant.ask(QUESTION).validated
    before = doors(site, conversation, keys)
    for name in (
        "search",
        "documents",
        "answers",
        "conversation",
        "panel",
        "export md",
        "export docx",
        "fiche passages",
        "pdf text",
        "journal export",
        "journal export ods",
        "validated answers",
        "HTTP API",
        "OpenAI",
        "link",
    ):
        assert any(_in(secret, before[name]) for secret in hidden), f"{name} proves nothing"
    for name in ("fiche original", "pdf original", "pdf passages"):
        assert before[name].startswith("200"), name
    exchanges = [name for name in before if name.startswith("exchange ")]
    assert len(exchanges) == 2
    for name in exchanges:
        assert any(_in(secret, before[name]) for secret in hidden) and VALIDATE in before[name], name
    for words in ("forfaitaire 9000", "fontaine"):  # the other exchange may have shown it among the nearest passages
        assert exchange.id in found(site, words), words

    site.publish(FICHE, PDF)
    after = doors(site, conversation, keys)
    for name, said in after.items():
        assert [secret for secret in hidden if _in(secret, said)] == [], name
    for name in ("page picture", "fiche original", "pdf original", "fiche passages", "pdf passages", "pdf text"):
        assert after[name].startswith("404"), name
    assert site.base.edition.assistant.ask(QUESTION).validated is None
    assert next(r.state for r in site.reviews.references() if r.id == reference.id) is ReferenceState.EXPIRED
    for name in exchanges:
        assert after[name].startswith("200") and VALIDATE not in after[name], name
    assert "Fonds Fontaines" in after[f"exchange {exchange.id}"], "the document is named"
    refused = site.client.post(f"/equipe/verifier/{exchange.id}", data={"csrf": csrf_of(site.token), "action": "valider"})
    assert refused.status_code == 409 and not any(_in(secret, refused.text) for secret in hidden)
    assert found(site, "forfaitaire 9000") == [] and exchange.id in found(site, "fontaine")
    assert page_texts.TAKEN_BACK in plain(after["conversation"]) and page_texts.TAKEN_BACK in plain(after["export md"])
    assert keys[0] in asked(site, conversation), "a page that stayed open is told with the next answer"
    key = site.ask(conversation, "et qui contacter ?")
    assert FICHE not in {citation.passage.document for citation in conversation.entry(key).answer.citations}

    # The version before holds it still, for a return, and serves nothing of it.
    versions = Versions(site.settings.index)
    kept = versions.folder(versions.names()[0])
    assert originals.find(kept, PDF) and not originals.find(versions.require_current(), PDF)
    for path in versions.require_current().rglob("*"):
        if path.is_file() and path.name != "manifest.json":
            content = told(path.read_bytes())
            assert not any(secret in content for secret in hidden), path.name
    assert not (site.settings.knowledge / PDF).exists()

    # It comes back with its document.
    site.post("/retour", version=kept.name)
    assert site.base.refresh()
    for name in exchanges:
        shown = site.client.get(f"/equipe/verifier/{name.split()[1]}").text
        assert any(_in(secret, shown) for secret in hidden) and VALIDATE in shown, name
    assert found(site, "forfaitaire 9000") == [exchange.id]
    assert site.base.edition.assistant.ask(QUESTION).validated, "and so does what was validated on it"
    listed = site.client.get("/equipe/verifier/reponses").text
    assert 'class="warning"' not in listed and any(_in(secret, listed) for secret in hidden)


def test_an_answer_being_written_when_the_document_goes_is_not_kept(site: Site, tmp_path: Path) -> None:
    made = Site(tmp_path)
    try:
        edition, conversation = made.base.edition, Conversation()
        entry = conversation.begin(QUESTION)
        made.publish(FICHE)
        made.conversations._answer(conversation.public_id, entry, (), edition)  # as a slow worker would
        assert entry.taken_back and entry.answer.citations == () and entry.answer.status in set(Status)
        assert "9 000" not in entry.text
    finally:
        made.conversations.close()
        made.stop()


def _in(secret: str, said: str) -> bool:
    """Whether a text holds a sentence, however its spaces and quotes are written."""

    def bare(text: str) -> str:
        return "".join(c for c in text if c.isalnum())

    return bare(secret) in bare(said)
