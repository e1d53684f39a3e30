"""« Documents » over HTTP: what is refused, what is said, and what a file sent by someone may not do."""

from __future__ import annotations

import json
import re
import shutil
import time
from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.answering.service import Assistant
from assistant.curation import publication
from assistant.curation.drafts import ChangeKind
from assistant.curation.quality import measurements
from assistant.records.accounts import Accounts, csrf_of
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.settings import Settings
from assistant.throttling import Throttle
from assistant.web.shared.published_base import PublishedBase
from assistant.web.staff import access, document_texts
from assistant.web.staff.routes import Desk, mount
from index.builder import build
from index.search import Retriever
from index.versions import Versions
from tests.assistant.conftest import FICHES, notices, plain, write
from tests.fakes import HashEncoder

DATA = Path(__file__).parents[3] / "data"
PAGE = "/equipe/documents"
HTML = {"accept": "text/html"}
TEXT = "Un texte assez long pour faire un passage de la base."
PREVIEW = f'<a href="{PAGE}/publication"'  # the tab of a preview that is ready
GOLDEN = json.dumps(
    {"id": "H", "kind": "x", "turns": ["Quel est le taux du plan Halles ?"], "expect": [{"turn": 0, "status": ["answered"]}]}
)


class Site:
    """The staff's pages on a small base, for one member."""

    def __init__(self, folder: Path) -> None:
        self.settings = settings_of(folder)
        database = Database(self.settings.journal)
        self._accounts = Accounts(database)
        assistant = Assistant(Retriever.open(self.settings.index, HashEncoder()), self.settings)
        self.base = PublishedBase(assistant, self.settings)
        self._app = FastAPI()
        mount(self._app, Desk(self.base, database, Journal(database), self.settings), Throttle())

    def member(self, login: str = "marie") -> Member:
        return Member(self._app, self._accounts.admit(login))


class Member:
    """A browser signed in."""

    def __init__(self, app: FastAPI, token: str) -> None:
        self.client, self._token = TestClient(app, base_url="http://127.0.0.1"), token
        self.client.cookies.set(access.COOKIE, token)

    @property
    def csrf(self) -> str:
        return csrf_of(self._token)

    def get(self, path: str = ""):
        return self.client.get(f"{PAGE}{path}", headers=HTML)

    def post(self, path: str, files: list[tuple[str, str | bytes]] = (), **fields: str):
        sent = [("files", (name, content)) for name, content in files]
        return self.client.post(f"{PAGE}{path}", data={"csrf": csrf_of(self._token), **fields}, files=sent or None, headers=HTML)

    def waited(self) -> str:
        """The page once the work under way is over."""
        for _ in range(600):
            if self.get("/publication/etat").json()["stage"] != "running":
                return self.get("/publication").text
            time.sleep(0.05)
        raise AssertionError("the work never ends")


def settings_of(folder: Path) -> Settings:
    return Settings(
        knowledge=folder / "knowledge",
        index=folder / "index",
        drafts=folder / "drafts",
        journal=f"sqlite:///{folder}/j.sqlite",
        upload_megabytes=1,
        draft_files=3,
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base and its accounts, made once; each test works on a copy."""
    folder = tmp_path_factory.mktemp("first")
    settings = settings_of(folder)
    build(write(settings.knowledge, FICHES | {"questions.jsonl": GOLDEN}), settings.index, HashEncoder())
    accounts = Accounts(Database(settings.journal))
    for login, role in (("lea", "relecteur"), ("marie", "editeur"), ("paul", "editeur")):
        accounts.add(login, role, "cheval batterie agrafe")
    return folder


@pytest.fixture
def site(first: Path, tmp_path: Path) -> Site:
    return Site(shutil.copytree(first, tmp_path / "site"))


def test_a_reader_may_look_and_not_change(site: Site) -> None:
    reader = site.member("lea")
    for path in ("", "/fiche?chemin=halles.md", "/original?chemin=halles.md", "/historique"):
        assert reader.get(path).status_code == 200
    own, theirs = site.member().get().text, reader.get().text
    for action in ("envoyer", "apercu"):
        assert f'action="{PAGE}/{action}"' in own and f'action="{PAGE}/{action}"' not in theirs, action
    for path in ("/envoyer", "/retirer", "/annuler", "/apercu", "/publier", "/retour"):
        assert reader.post(path, chemin="halles.md").status_code == 403
    assert 'class="changes"' not in site.member().get().text


def test_each_file_is_taken_or_refused_by_itself(site: Site) -> None:
    sent = [("a.txt", TEXT), ("b.exe", "MZ"), ("c.txt", ""), ("gros.txt", "a" * 1024 * 1024 * 2)]
    page = site.member().post("/envoyer", sent).text
    done, problems = (part for part in notices(page) if "«" in part)
    assert done == document_texts.TAKEN[ChangeKind.ADDITION].format(name="a.txt", path="documents/a.txt")
    assert all(part in problems for part in ("« b.exe »", "« c.txt »", "« gros.txt »", "1 Mo")) and "a.txt" not in problems
    assert page.count(f'action="{PAGE}/annuler"') == 1, "one change waits"


def test_a_file_that_cannot_be_read_is_said_as_it_is_sent(site: Site) -> None:
    marie = site.member()
    scan = (DATA / "numerise.pdf").read_bytes()
    said = marie.post("/envoyer", [("faux.pdf", b"%PDF-1.4 rien de plus"), ("scan.pdf", scan), ("a.txt", TEXT)]).text
    said = plain(said)
    unread = {
        name: document_texts.NOT_READ.partition("{problem}")[0].format(name=name) for name in ("faux.pdf", "scan.pdf", "a.txt")
    }
    assert unread["faux.pdf"] in said and unread["scan.pdf"] in said and unread["a.txt"] not in said
    assert said.count(document_texts.SCANNED) == 1, "what to do about a scan, and only about it"
    assert document_texts.SCANNED in plain(marie.get("/fiche?chemin=documents/scan.pdf&version=brouillon").text)
    table = marie.get().text
    assert table.count('class="unread"') == 2, "it is said as long as the file waits"


def test_all_the_passages_and_all_the_text_can_be_read_before_publication(site: Site) -> None:
    marie = site.member()
    section = "## Lavoir {0}\n\nLe lavoir numéro {0} est à {0} kilomètres du bourg, et sa source ne gèle jamais en hiver."
    marie.post("/envoyer", [("lavoirs.md", "\n\n".join(section.format(n) for n in range(450)))])  # a passage each
    place = "chemin=lavoirs.md&version=brouillon"
    seen, page = "", 1
    while f"page={page + 1}" in (shown := marie.get(f"/fiche?{place}&page={page}").text) or page == 1:
        seen, page = seen + shown, page + 1
    seen += shown
    assert page > 2 and all(f"Le lavoir numéro {n} est" in seen for n in range(450))
    text = marie.get(f"/texte?{place}")
    assert text.text.count("Le lavoir numéro") == 450 and text.headers["content-disposition"].startswith("attachment")
    assert marie.get("/texte?chemin=absent.txt").status_code == 404


def test_every_answer_that_changes_can_be_read(site: Site) -> None:
    marie, asked = site.member(), 45
    journal = Journal(Database(site.settings.journal))
    for n in range(asked):
        journal.record(site.base.edition.assistant.ask(f"Quel est le taux du plan Halles n° {n} ?"), "c", 1)
    halles = (site.settings.knowledge / "halles.md").read_text(encoding="utf-8").replace("35 %", "40 %")
    marie.post("/envoyer", [("halles.md", halles)])
    marie.post("/apercu")
    first, second = marie.waited(), marie.get("/publication?reponses=2").text
    assert first.count('class="card answer"') == 40 and second.count('class="card answer"') == asked + 1 - 40
    assert marie.get("/publication?reponses=99").text == second


def test_the_progress_counts_what_is_done(site: Site) -> None:
    seen: list[dict[str, object]] = []
    member = site.member()
    member.post("/envoyer", [("a.txt", TEXT)])
    golden = [json.loads(GOLDEN) | {"id": f"H{n}"} for n in range(60)]
    (site.settings.knowledge / "questions.jsonl").write_text("\n".join(map(json.dumps, golden)))
    member.client.post(f"{PAGE}/apercu", data={"csrf": member.csrf}, headers=HTML, follow_redirects=False)
    for _ in range(2000):
        seen.append(member.get("/publication/etat").json())
        if seen[-1]["stage"] != "running":
            break
    steps = {str(state["step"]) for state in seen}
    assert all(re.match(r"\D*[1-4]\D+4\b", step) for step in steps), steps
    golden_steps = {document_texts.STEPS[name][1] for name in (publication.IN_SERVICE, publication.TO_COME)}
    counts = {str(state["count"]) for state in seen if any(step in str(state["step"]) for step in golden_steps)}
    assert counts and all(re.fullmatch(r"\d+\D+60\b", count) for count in counts), counts


def test_a_follow_up_is_shown_after_what_was_asked_before_it(first: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(first, tmp_path / "site")
    turns = ["Quel est le taux du plan Halles ?", "et pour une fontaine ?", "et son taux ?"]
    record = {"id": "S1", "kind": "suivi", "turns": turns, "expect": [{"turn": n, "status": ["answered"]} for n in range(3)]}
    (folder / "knowledge" / "questions.jsonl").write_text(json.dumps(record))
    member = Site(folder).member()
    changed = FICHES["fontaines.md"].replace("9 000", "8 000")
    member.post("/envoyer", [("fontaines.md", changed), ("halles.md", FICHES["halles.md"].replace("35 %", "40 %"))])
    member.post("/apercu")
    page = member.waited().replace("&nbsp;", " ").replace("\u00a0", " ")
    asked = page.partition('id="answers"')[2].partition('id="figures"')[0]
    assert asked.count(" S1<") > 1
    told = re.findall(r'<summary>(?:<span class="earlier">Après : (.*?)</span>)?<h3>(.*?)</h3>', asked)
    assert dict((question, earlier) for earlier, question in told) == {
        turns[n]: ", puis ".join(f"« {turn} »" for turn in turns[:n]) for n in range(3) if any(q == turns[n] for _, q in told)
    }
    assert any(earlier for earlier, _ in told)


def test_every_passage_that_changes_is_shown_and_the_rest_is_one_link_away(site: Site) -> None:
    def bulk(price: int) -> str:
        return "\n".join(f"## Lavoir {n}\n\nLe lavoir numéro {n} coûte {price} 000 € à la commune.\n" for n in range(60))

    marie = site.member()
    for text in (bulk(7), bulk(9) + "".join(f"## Puits {n}\n\nLe puits {n} est rebouché depuis 1950.\n\n" for n in range(60))):
        marie.post("/envoyer", [("lavoirs.md", text)])
        marie.post("/apercu")
        shown = marie.waited()
        marie.post("/publier", version=shown.partition('name="version" value="')[2].partition('"')[0])
        marie.waited()
    passages = re.findall(r'class="where"><span class="tag (\w+)"', shown)
    assert (passages.count("warn"), passages.count("good")) == (60, 40), "changed, added"
    (rest,) = re.findall(r"… et (\d+) .*?<a href=\"([^\"]*)\"", shown)
    assert rest[0] == "20" and "version=brouillon" in rest[1]


def to_check(page: str) -> str:
    """The figures that a preview asks to check."""
    return page.partition('id="figures"')[2].partition('id="copies"')[0]


HEADED = FICHES["halles.md"].replace(
    "contact: guichet des halles\n",
    """contact: guichet des halles
aide:
  - nom: travaux
    depense: travaux de la halle
    taux: 35
    plafond: 80000
    preuve: Quel est le taux du plan Halles ?
""",
)


def test_a_change_that_touches_no_passage_is_shown_like_another(site: Site) -> None:
    marie = site.member()
    marie.post("/envoyer", [("halles.md", HEADED.replace("80000", "70000"))])
    marie.post("/apercu")
    shown = marie.waited()
    assert 'class="summary"' in shown and "halles.md" in shown and "<article" not in to_check(shown)


def test_a_header_that_its_text_does_not_carry_is_told_and_not_computed(site: Site) -> None:
    marie = site.member()
    marie.post("/envoyer", [("halles.md", HEADED)])
    marie.post("/apercu")
    shown = marie.waited()
    assert "<article" in to_check(shown) and "80\u202f000" in to_check(shown)
    version = shown.partition('name="version" value="')[2].partition('"')[0]
    marie.post("/publier", version=version, reason="essai")
    marie.waited()
    site.base.refresh()
    answer = site.base.edition.assistant.ask("Des travaux de la halle à 300 000 €, quelle aide avec le plan Halles ?")
    assert "80 000" not in answer.text and "70 000" in answer.text


def test_a_preview_overtaken_by_another_version_is_forgotten(site: Site) -> None:
    """It would go on quoting what that version may have withdrawn."""
    marie = site.member()
    marie.post("/envoyer", [("a.txt", TEXT)])
    marie.post("/apercu")
    assert "Halles" in marie.waited() or TEXT in marie.get("/publication").text
    (site.settings.knowledge / "fontaines.md").unlink()
    build(site.settings.knowledge, site.settings.index, HashEncoder())
    assert PREVIEW in marie.get().text
    said = marie.get("/publication").text
    assert document_texts.OVERTAKEN in notices(said) and f'action="{PAGE}/publier"' not in said
    assert PREVIEW not in marie.get().text


def test_addresses_that_change_something_lead_to_the_table_when_they_are_read(site: Site) -> None:
    for path in ("/envoyer", "/retirer", "/annuler", "/apercu", "/publier"):
        answer = site.member().get(path)
        assert answer.status_code == 200 and str(answer.url).endswith(PAGE), path


def test_the_reason_of_a_publication_outlives_the_session(site: Site) -> None:
    marie, reason = site.member(), "Note de la préfecture du 28 novembre, validée."
    marie.post("/envoyer", [("a.txt", TEXT)])
    marie.post("/apercu")
    version = marie.waited().partition('name="version" value="')[2].partition('"')[0]
    marie.client.cookies.clear()
    refused = marie.post("/publier", version=version, reason=reason)
    assert refused.status_code == 401 and reason in refused.text and version not in refused.text
    assert version in site.member().get("/publier").text, "signing in leads back to the preview"


def test_a_passage_without_heading_is_placed_by_its_page_alone(site: Site) -> None:
    marie = site.member()
    marie.post("/envoyer", [("bulletin.pdf", (DATA / "bulletin.pdf").read_bytes())])
    marie.post("/apercu")
    shown = re.sub(r"\s+", " ", marie.waited())
    assert "</span> p. 1</p>" in shown and "</span> , p." not in shown


def test_empty_cells_of_the_table_are_marked_so_that_a_telephone_hides_them(site: Site) -> None:
    marie = site.member()
    marie.post("/envoyer", [("a.txt", TEXT)])
    table = marie.get().text
    cells = re.findall(r"<td([^>]*)>([^<]*)</td>", table)
    assert [name for name, text in cells if text.strip() == "–"]
    assert all(("none" in name) == (text.strip() == "–") for name, text in cells)


def test_nothing_chosen_is_said(site: Site) -> None:
    assert document_texts.NO_FILE in notices(site.member().post("/envoyer").text)


def test_a_body_too_large_is_refused_unread(site: Site) -> None:
    marie = site.member()
    for headers in ({"content-length": str(10**9)}, {"transfer-encoding": "chunked"}, {"content-length": "-1"}):
        answer = marie.client.post(f"{PAGE}/envoyer", headers=HTML | headers, content=iter([b"x"]))
        assert answer.status_code == 413, headers


def test_what_someone_sends_does_not_run(site: Site) -> None:
    hostile = f"<title><script>alert(1)</script></title><h1><img src=x onerror=alert(1)></h1><p>{TEXT}<script>alert(2)</script>"
    marie = site.member()
    said = marie.post("/envoyer", [('"><img src=x onerror=alert(1)>.html', hostile)]).text
    assert "<img src=x" not in said and "<script>alert" not in said
    path = next(iter(site.settings.drafts.rglob("*.html"))).name
    shown = marie.get(f"/fiche?chemin=documents/{quote(path)}&version=brouillon").text
    assert "<img src=x" not in shown and "<script>alert" not in shown and escape(TEXT) in shown
    marie.post("/apercu")
    preview = marie.waited()
    assert "<img src=x" not in preview and "<script>alert" not in preview
    version = preview.partition('name="version" value="')[2].partition('"')[0]
    marie.post("/publier", version=version)
    marie.waited()
    original = marie.get(f"/original?chemin=documents/{quote(path)}")
    assert original.status_code == 200 and original.headers["content-disposition"].startswith("attachment")
    assert original.headers["x-content-type-options"] == "nosniff" and "sandbox" in original.headers["content-security-policy"]


OUTSIDE = ("../j.sqlite", "/etc/passwd", "..%2f..%2fetc%2fpasswd", "questions.jsonl", "", "absent.md")


def test_no_path_leads_out(site: Site) -> None:
    marie = site.member()
    for path in OUTSIDE:
        for page in ("fiche", "original"):
            assert marie.get(f"/{page}?chemin={path}").status_code == 404, path
        assert marie.get(f"/fiche?chemin={path}&version=brouillon").status_code == 404, path
        for action in ("/retirer", "/annuler"):
            (refused,) = (said for said in notices(marie.post(action, chemin=path).text) if "«" in said)
            assert f"« {path} »".replace("  ", " ") in refused, (action, path)
        assert marie.get(f"/retour?version={path}").status_code == 404, path


def test_two_editors_share_the_draft_and_one_preview_at_a_time(site: Site) -> None:
    marie, paul = site.member(), site.member("paul")
    marie.post("/envoyer", [("a.txt", TEXT)])
    assert "par marie" in paul.get().text
    marie.post("/apercu")
    first = marie.waited()
    version = first.partition('name="version" value="')[2].partition('"')[0]
    paul.post("/envoyer", [("b.txt", TEXT + " Encore.")])
    assert f'action="{PAGE}/publier"' in first and f'action="{PAGE}/publier"' not in marie.get("/publication").text
    said = marie.post("/publier", version=version)
    assert "brouillon" in " ".join(notices(marie.waited()) + notices(said.text))
    assert len(Versions(site.settings.index).names()) == 1
    paul.post("/apercu")
    paul.waited()
    assert document_texts.NO_LONGER in notices(marie.post("/publier", version=version).text)
    assert len(Versions(site.settings.index).names()) == 1


def test_worse_answers_need_a_reason_on_the_server_too(site: Site) -> None:
    marie, base = site.member(), site.base.edition.state.version
    marie.post("/retirer", chemin="halles.md")
    marie.post("/apercu")
    page = marie.waited()
    version = page.partition('name="version" value="')[2].partition('"')[0]
    assert " required></textarea>" in page
    assert document_texts.REASON_NEEDED in notices(marie.post("/publier", version=version, reason="   ").text)
    assert site.base.edition.state.documents == 2
    marie.post("/publier", version=version, reason="dispositif <b>fermé</b>")
    history = marie.waited()
    assert "dispositif &lt;b&gt;fermé&lt;/b&gt;" in history
    assert f"halles.md {document_texts.CHANGED[ChangeKind.WITHDRAWAL.value]}" in history
    assert site.base.edition.state.documents == 1, "it answers at once"
    kept = {m.version: m.figures["overall"] for m in measurements(Database(site.settings.journal))}
    assert kept[version] < kept[base], "« Qualité » has the figures of both versions"


def test_a_return_from_the_page_names_what_it_leaves_alone_and_is_refused_by_name(site: Site) -> None:
    marie, first = site.member(), site.base.edition.state.version
    marie.post("/envoyer", [("a.txt", TEXT)])
    marie.post("/apercu")
    page = marie.waited()
    marie.post("/publier", version=page.partition('name="version" value="')[2].partition('"')[0])
    marie.waited()
    (site.settings.knowledge / "note.txt").write_text("Une note à la main, jamais publiée.", encoding="utf-8")
    assert f'name="version" value="{first}"' in marie.get(f"/retour?version={first}").text
    said = " ".join(notices(marie.post("/retour", version=first, reason="essai").text))
    assert document_texts.RETURNED in said and "note.txt" in said
    assert site.base.edition.state.version == first
    for refused in (first, "../.."):  # already there, not there
        said = " ".join(notices(marie.post("/retour", version=refused).text))
        assert said and document_texts.RETURNED not in said
    assert "../.." in said and len(Versions(site.settings.index).history()) == 3, "a publication, another, a return"


def test_a_failure_names_its_file_and_the_base_goes_on(site: Site) -> None:
    marie = site.member()
    (site.settings.knowledge / "lexique.yaml").write_text("rubrique: {inconnue: x}\n", encoding="utf-8")
    marie.post("/apercu")
    assert "« lexique.yaml »" in " ".join(notices(marie.waited()))
    (site.settings.knowledge / "lexique.yaml").unlink()
    marie.post("/apercu")
    (said,) = notices(marie.waited())
    assert "lexique" not in said and 'class="summary"' not in said, "nothing changes: nothing to preview"


def test_the_table_is_filtered(site: Site) -> None:
    marie = site.member()
    marie.post("/retirer", chemin="fontaines.md")
    both = ["fontaines.md", "halles.md"]
    for query, found in (("", both), ("q=HALLES", both[1:]), ("etat=attente", both[:1]), ("q=absent", [])):
        assert sorted(re.findall(r'class="path">([^<]*)<', marie.get(f"?{query}").text)) == found, query
    assert marie.get("?page=99999").status_code == 200


def test_an_editor_corrects_a_title_before_it_is_published(site: Site) -> None:
    member = site.member()
    member.post("/envoyer", [("a.txt", "Ordre du jour\n\nLe marché du bourg se tient le samedi matin, place des halles.")])
    path = "documents/a.txt"
    said = member.post("/titre", chemin=path, titre="  Le marché\ndu samedi ").text
    assert document_texts.RETITLED in notices(said) and "<h1>Le marché du samedi" in said
    assert "(titres.yaml)" in member.get().text
    member.post("/titre", chemin="halles.md", titre="Plan Halles, édition 2026")
    assert member.post("/apercu").status_code == 200
    page = member.waited()
    version = re.search(r'name="version" value="([^"]+)"', page)[1]
    member.post("/publier", version=version, reason="essai")
    member.waited()
    titles = {path: document.title for path, document in site.base.edition.assistant.retriever.documents.items()}
    assert titles[path] == "Le marché du samedi" and titles["halles.md"] == "Plan Halles, édition 2026"
    (passage,) = [one for one in site.base.edition.assistant.retriever.passages if one.document == path]
    assert passage.title == "Le marché du samedi"
    assert 'class="changes"' not in member.get().text
    assert "Plan Halles, édition 2026" in (site.settings.knowledge / "titres.yaml").read_text(encoding="utf-8")
    # Without a title of its own, it is called again as its file says; the other keeps the one given.
    assert document_texts.TITLE_GIVEN_BACK in notices(member.post("/titre", chemin=path, titre=" ").text)
    build(site.settings.knowledge, site.settings.index, HashEncoder())
    assert "titres.yaml" not in {one.path for one in Retriever.open(site.settings.index, HashEncoder()).documents.values()}


def test_what_is_not_there_has_no_title(site: Site) -> None:
    member = site.member()
    for path in ("absent.md", "titres.yaml", "../halles.md", ""):
        (refused,) = (said for said in notices(member.post("/titre", chemin=path, titre="X").text) if "«" in said)
        assert f"« {path} »".replace("  ", " ") in refused
    assert site.member("lea").post("/titre", chemin="halles.md", titre="X").status_code == 403
