"""« Vérifier » over HTTP: filters, exports, an exchange beside its sources, verdicts, validation."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from lxml import etree
from starlette.testclient import TestClient

from assistant import texts
from assistant.answering.answer import Answer, Status
from assistant.answering.service import Assistant
from assistant.records.accounts import Accounts
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.records.reviews import ReferenceState, Reviews, SentenceVerdict
from assistant.settings import Settings
from assistant.throttling import Throttle
from assistant.web.public.chat_page import ChatHandlers
from assistant.web.public.conversations import Conversations
from assistant.web.shared import page_pictures
from assistant.web.shared.published_base import PublishedBase
from assistant.web.shared.sources import sources_of
from assistant.web.shared.typography import unbroken
from assistant.web.staff import access, desk_texts
from assistant.web.staff.routes import Desk, mount
from index.builder import build
from index.loaders import load
from index.search import Retriever
from tests.assistant.conftest import FICHES, notices, plain, write
from tests.fakes import HashEncoder

DATA = Path(__file__).parents[3] / "data"
PDF_QUESTION = "Quel est le coût de la halle de la commune de Vallon ?"
RATE = "Quel est le taux du plan Halles ?"
HTML = {"accept": "text/html"}


@dataclass
class Site:
    """The staff's pages on a base that the tests change, and a member signed in."""

    folder: Path
    settings: Settings
    base: PublishedBase
    client: TestClient
    csrf: str = ""

    def ask(self, question: str) -> int:
        return Journal(Database(self.settings.journal)).record(self.current.ask(question), "c", 1)

    @property
    def current(self) -> Assistant:
        return self.base.edition.assistant

    @property
    def reviews(self) -> Reviews:
        return Reviews(Database(self.settings.journal))

    def publish(self) -> None:
        build(self.folder / "source", self.settings.index, HashEncoder())
        self.base.refresh()

    def get(self, path: str, status: int = 200):
        found = self.client.get(path, headers=HTML)
        assert found.status_code == status, found.text[:500]
        return found

    def page(self, path: str, status: int = 200) -> str:
        """What a page says, its no-break spaces plain."""
        return re.sub("&nbsp;|\u00a0", " ", self.get(path, status).text)

    def judge(self, number: int, **fields):
        return self.client.post(f"/equipe/verifier/{number}", data={"csrf": self.csrf} | fields, headers=HTML)


@pytest.fixture
def desk(tmp_path):
    source = write(tmp_path / "source", FICHES)
    shutil.copyfile(DATA / "bulletin.pdf", source / "bulletin.pdf")
    (source / "piège.html").write_text("<title>Piège</title><script>alert(1)</script><p>Le piège à guêpes vaut 7 €.</p>")
    build(source, tmp_path / "index", HashEncoder())
    settings = Settings(index=tmp_path / "index", knowledge=source, journal=f"sqlite:///{tmp_path}/j.sqlite")
    accounts = Accounts(Database(settings.journal))
    accounts.add("lea", "relecteur", "cheval batterie agrafe")
    assistant = Assistant(Retriever.open(tmp_path / "index", HashEncoder()), settings)
    database = Database(settings.journal)
    base = PublishedBase(assistant, settings, Reviews(database))
    app = FastAPI()
    mount(app, Desk(base, database, Journal(database), settings), Throttle())
    client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
    client.cookies.set(access.COOKIE, accounts.admit("lea"))
    made = Site(tmp_path, settings, base, client)
    made.csrf = re.search(r'name="csrf" value="([^"]+)"', made.get("/equipe/verifier").text)[1]
    return made


def exchanges(page: str) -> list[int]:
    """The exchanges that a page of the journal lists."""
    return [int(number) for number in re.findall(r'<th scope="row"><a href="/equipe/verifier/(\d+)">', page)]


# -- the journal ---------------------------------------------------------------------------------


def test_the_journal_is_listed_and_filtered(desk):
    rate, fountain = desk.ask(RATE), desk.ask("Quelle aide pour une fontaine ?")
    listed = desk.page("/equipe/verifier")
    assert RATE in listed and "fontaine" in listed and exchanges(listed) == [fountain, rate]
    assert exchanges(desk.page("/equipe/verifier?q=HALLES+taux")) == [rate]
    assert exchanges(desk.page("/equipe/verifier?q=fontaine&statut=answered&a_verifier=1")) == [fountain]
    assert exchanges(desk.page("/equipe/verifier?minimum=0&maximum=0,001")) == []
    desk.judge(fountain, action="enregistrer")
    assert exchanges(desk.page("/equipe/verifier?a_verifier=1")) == [rate]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("minimum=abc", "« abc »"),
        ("minimum=80&maximum=20", desk_texts.REVIEW_BOUNDS),
        ("du=hier", "« hier »"),
        ("du=2026-02-01&au=2026-01-01", desk_texts.REVIEW_DAYS),
        ("avant=zzz&apres=-4&statut=x&theme=y", ""),
    ],
)
def test_filters_that_make_no_sense_are_told_and_left_out(desk, query, told):
    number = desk.ask(RATE)
    page = desk.page(f"/equipe/verifier?{query}")
    assert told in " ".join(notices(page)) and exchanges(page) == [number]


def test_pages_follow_each_other_with_their_filters(desk):
    for n in range(53):
        desk.ask(f"Quel est le taux du plan Halles n° {n} ?")
    first = desk.page("/equipe/verifier?q=halles")
    older = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert "q=halles" in older and "n° 52" in first and "n° 2 " not in first
    second = desk.page(older)
    assert "n° 2 " in second and "n° 52" not in second and 'rel="next"' not in second
    newer = re.search(r'rel="prev" href="([^"]+)"', second)[1].replace("&amp;", "&")
    assert "n° 52" in desk.page(newer)


def test_exports_open_in_spreadsheets_and_run_nothing_there(desk):
    number = desk.ask(RATE)
    trap = '=HYPERLINK("http://exemple.invalid";"cliquez") du plan Halles'
    said = desk.current.ask(RATE)
    Journal(Database(desk.settings.journal)).record(Answer(trap, trap, Status.NOT_FOUND, "Rien."), "c", 1)
    desk.judge(number, **{"verdict-1": "imprecise", "comment": "+33 à préciser", "action": "enregistrer"})
    csv = desk.get("/equipe/verifier/export").content.decode("utf-8-sig")
    assert "'=HYPERLINK" in csv and "\n=HYPERLINK" not in csv and ";=HYPERLINK" not in csv and ';"=HYPERLINK' not in csv
    assert re.search(r";\d{4}-\d\d-\d\d \d\d:\d\d:\d\d;", csv)
    assert re.search(r";0,\d{3};", csv), "as French spreadsheets read them"
    imprecise = desk_texts.VERDICTS["imprecise"]
    assert imprecise in csv and "lea" in csv and said.citations[0].passage.title in csv
    ods = desk.get("/equipe/verifier/export?format=ods&q=taux").content
    (desk.folder / "e.ods").write_bytes(ods)
    text = load(desk.folder / "e.ods", "e.ods").text
    assert RATE in text and "HYPERLINK" not in text and imprecise in text
    archive = zipfile.ZipFile(io.BytesIO(desk.get("/equipe/verifier/export?format=ods").content))
    assert archive.infolist()[0].filename == "mimetype" and archive.infolist()[0].compress_type == zipfile.ZIP_STORED
    assert not [n for n in etree.fromstring(archive.read("content.xml")).iter() if any("formula" in name for name in n.attrib)]


# -- an exchange beside its sources --------------------------------------------------------------


def test_a_fiche_is_shown_with_its_passage_marked(desk):
    page = desk.page(f"/equipe/verifier/{desk.ask(RATE)}")
    assert "<mark>Le plan Halles paie 35 % des travaux" in page and "https://exemple.fr/halles" in page
    assert 'href="#source-1"' in page and 'id="source-1"' in page and 'name="verdict-1"' in page
    assert "<script" not in page.replace('<script src="/equipe/assets', "") and " style=" not in page


def test_no_line_cuts_an_amount_and_what_is_kept_or_exported_is_as_it_was(desk):
    number = desk.ask(RATE)
    shown = desk.get(f"/equipe/verifier/{number}").text
    assert "<mark>Le plan Halles paie 35\u00a0% des travaux de la halle, dans la limite de 70\u00a0000\u00a0€" in shown
    assert "70 000 €" in shown.partition('name="correction"')[2], "the text to correct is the one that is kept"
    assert "70 000 €" in desk.get("/equipe/verifier/export").content.decode("utf-8-sig")
    assert unbroken("1,2 million, 3 ans, 45 000 habitants, 12 345 678 €, le 3 mai 2026, 5 anses") == (
        "1,2\u00a0million, 3\u00a0ans, 45\u00a0000\u00a0habitants, 12\u00a0345\u00a0678\u00a0€, le 3 mai 2026, 5 anses"
    )


def test_a_pdf_is_shown_as_its_page_with_rectangles(desk):
    number = desk.ask(PDF_QUESTION)
    page = desk.page(f"/equipe/verifier/{number}")
    assert "<rect x=" in page and re.search(r'<img [^>]*alt="[^"]+"', page), "a picture, and what it is in words"
    image = re.search(r'<img src="([^"]+)"', page)[1]
    found = desk.get(image)
    assert found.headers["content-type"] == "image/png" and found.content.startswith(b"\x89PNG")
    original = desk.get(f"/equipe/verifier/{number}/sources/1/original")
    assert original.content == (DATA / "bulletin.pdf").read_bytes()
    assert original.headers["content-type"] == "application/pdf" and original.headers["x-content-type-options"] == "nosniff"
    assert original.headers["content-disposition"].startswith("inline")
    assert desk.client.get(image.replace("/page/1", "/page/99")).status_code == 404
    assert desk.client.get(f"/equipe/verifier/{number}/sources/77/page/1").status_code == 404


def test_an_original_that_could_run_is_only_handed_over(desk):
    number = desk.ask("Combien vaut le piège à guêpes ?")
    exchange = Journal(Database(desk.settings.journal)).get(number)
    assert exchange.citations[0]["document"] == "piège.html"
    found = desk.get(f"/equipe/verifier/{number}/sources/1/original")
    assert found.headers["content-disposition"].startswith("attachment")
    assert found.headers["content-type"] == "application/octet-stream" and found.headers["x-content-type-options"] == "nosniff"


def test_what_has_become_of_a_passage_is_said(desk):
    number, first = desk.ask(RATE), desk.current.retriever.version
    halles = desk.folder / "source" / "halles.md"
    halles.write_text(FICHES["halles.md"].replace("35 %", "40 %"))
    desk.publish()
    page = desk.page(f"/equipe/verifier/{number}")
    assert desk_texts.STANDINGS["changed"] in plain(page) and "<mark>Le plan Halles paie 35 %" in page
    shutil.rmtree(desk.settings.index / "versions" / first)
    page = desk.page(f"/equipe/verifier/{number}")
    assert desk_texts.STANDINGS["lost"] in plain(page) and "paie 35 %" in page
    halles.unlink()
    desk.publish()
    page = desk.page(f"/equipe/verifier/{number}")
    assert "Plan Halles" in page and "35 %" not in page and 'name="action"' not in page, "named, neither shown nor validated"
    desk.get(f"/equipe/verifier/{number}/sources/1/original", 404)
    assert "35 %" not in desk.page("/equipe/verifier/export")


def test_the_public_page_shows_pages_of_published_documents_only(desk):
    journal = Journal(Database(""))
    conversations = Conversations(desk.base, journal, 1)
    page = ChatHandlers(desk.base, conversations, journal, desk.settings)
    assert page.page_image("bulletin.pdf", 1).media_type == "image/png"
    for document, number in ("halles.md", 1), ("bulletin.pdf", 9), ("absent.pdf", 1), ("../../j.sqlite", 1), ("bulletin.pdf", 0):
        assert page.page_image(document, number).status_code == 404
    (source,) = sources_of(desk.current.ask(PDF_QUESTION), desk.current.retriever.documents)[:1]
    assert "page-image/1/bulletin.pdf" in page_pictures.of(source, desk.current.retriever)
    (desk.folder / "source" / "bulletin.pdf").unlink()
    desk.publish()
    assert page.page_image("bulletin.pdf", 1).status_code == 404
    assert page_pictures.of(source, desk.current.retriever) == ""
    conversations.close()


def test_an_exchange_that_does_not_exist_is_not_found(desk):
    for number in ("999", "99999999999999999999"):
        assert desk_texts.EXCHANGE_GONE in desk.page(f"/equipe/verifier/{number}", 404)


# -- verdicts and validation ---------------------------------------------------------------------


def test_a_verdict_validates_an_answer_that_can_be_taken_back(desk):
    number = desk.ask(RATE)
    done = desk.judge(number, **{"verdict-1": "soutenue", "comment": "exact", "action": "valider"})
    assert done.status_code == 303
    page = desk.page(done.headers["location"].partition("#")[0])
    assert notices(page) and desk_texts.REFERENCE_STATES["active"][1] in page and "exact" in page
    assert desk.current.ask(RATE).validated.role == "relecteur"
    listed = desk.page("/equipe/verifier/reponses")
    reference = re.search(r"/reponses/(\d+)/retirer", listed)[1]
    assert desk.client.post(f"/equipe/verifier/reponses/{reference}/retirer", data={"csrf": "autre"}).status_code == 403
    desk.client.post(f"/equipe/verifier/reponses/{reference}/retirer", data={"csrf": desk.csrf, "raison": "trop court"})
    assert desk.current.ask(RATE).validated is None and "trop court" in desk.page("/equipe/verifier/reponses")
    for absent in (reference, "99999", "9" * 30):
        told = desk.client.post(f"/equipe/verifier/reponses/{absent}/retirer", data={"csrf": desk.csrf}).headers["location"]
        assert 'role="alert"' in desk.page(told) and 'class="done"' not in desk.page(told), "told that nothing changed"


def test_a_refused_validation_says_why_and_loses_nothing(desk):
    number = desk.ask(RATE)
    refused = desk.judge(number, correction="Le plan paie 41 % des travaux. [1]", comment="taux 2027", action="valider")
    assert refused.status_code == 422 and "41\u00a0%" in refused.text
    assert "Le plan paie 41 % des travaux. [1]" in refused.text and "taux 2027" in refused.text
    assert "41 %" in desk.page(f"/equipe/verifier/{number}") and desk.reviews.references() == []


def test_a_review_never_replaces_one_that_was_not_seen(desk):
    number = desk.ask(RATE)

    def revision(page: str) -> str:
        return re.search(r'name="revision" value="([^"]*)"', page)[1]

    mine = revision(desk.page(f"/equipe/verifier/{number}"))
    paul = Journal(Database(desk.settings.journal)).get(number)
    desk.reviews.save(paul, [SentenceVerdict.IMPRECISE], "manque la date", "", "paul", "editeur", mine)
    refused = desk.judge(
        number,
        **{
            "verdict-1": "fausse",
            "comment": "mon commentaire",
            "correction": "Mon texte. [1]",
            "revision": mine,
            "action": "valider",
        },
    )
    assert refused.status_code == 409 and desk.reviews.get(number).comment == "manque la date"
    page = refused.text
    assert any(said.startswith(texts.REVIEW_OVERTAKEN.format(reviewer="paul")) for said in notices(page))
    assert "manque la date" in page and desk_texts.VERDICTS["imprecise"].lower() in page
    assert "mon commentaire" in page and "Mon texte. [1]" in page and 'value="fausse" checked' in page
    assert desk.reviews.references() == []
    again = desk.judge(
        number,
        **{
            "verdict-1": "fausse",
            "comment": "mon commentaire",
            "correction": "Mon texte. [1]",
            "revision": revision(page),
            "action": "enregistrer",
        },
    )
    assert again.status_code == 303 and desk.reviews.get(number).comment == "mon commentaire"


def test_the_text_of_a_validated_answer_goes_with_its_document(desk):
    number = desk.ask(RATE)
    desk.judge(number, correction="Le plan Halles paie 35 % des travaux, dit la fiche. [1]", action="valider")
    assert "dit la fiche" in desk.page("/equipe/verifier/reponses")
    assert "dit la fiche" in desk.get("/equipe/verifier/export").content.decode("utf-8-sig")
    (desk.folder / "source" / "halles.md").unlink()
    desk.publish()
    listed = desk.page("/equipe/verifier/reponses")
    assert RATE in listed and "dit la fiche" not in listed
    for form in ("csv", "ods"):
        (desk.folder / f"e.{form}").write_bytes(desk.get(f"/equipe/verifier/export?format={form}").content)
        text = load(desk.folder / f"e.{form}", f"e.{form}").text
        assert RATE in text and "dit la fiche" not in text and "35 %" not in text


def test_a_new_version_lists_what_it_withdrew(desk):
    number = desk.ask(RATE)
    desk.judge(number, action="valider")
    (desk.folder / "source" / "halles.md").write_text(FICHES["halles.md"].replace("35 %", "40 %"))
    desk.publish()
    assert desk.reviews.references()[0].state is ReferenceState.EXPIRED
    listed = desk.page("/equipe/verifier/reponses")
    assert desk_texts.REFERENCE_STATES["perimee"][1] in listed and "halles.md" in listed
    before, now = re.findall(r'<blockquote class="extract">(.*?)</blockquote>', listed, re.DOTALL)
    assert "35 % des travaux" in before and "40 % des travaux" in now
