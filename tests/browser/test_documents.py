"""« Documents » in a real browser: files sent, seen before anything, published, withdrawn, and brought back."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from assistant.curation.drafts import ChangeKind
from assistant.records.accounts import Accounts
from assistant.records.database import Database
from assistant.web.public import page_texts
from assistant.web.staff import document_texts
from tests.browser.conftest import ROOT, ask, plain, ready, serving, sign_in
from tests.browser.test_accessibility import grave, overflow

pytestmark = pytest.mark.slow

DATA = ROOT / "tests" / "data"
PASSWORD = "cheval batterie agrafe"
EDITOR, READER = "marie.editrice", "leo.lecteur"
VTA, CLUB = "Combien touche la collectivité pour un VTA ?", "C'est quoi le Club PVD ?"
GOLDEN = [
    {
        "id": "G1",
        "kind": "chiffre",
        "turns": [VTA],
        "expect": [{"turn": 0, "status": ["answered", "partial"], "must": [["15 000"]]}],
    },
    {
        "id": "G2",
        "kind": "refus",
        "turns": ["Quel est le prix du pain à Tokyo ?"],
        "expect": [{"turn": 0, "status": ["not_found", "out_of_scope", "clarify"]}],
    },
]
DOCUMENTS = "equipe/documents"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A server on a small base, which it builds itself as at a first start, with an editor and a reader."""
    folder = tmp_path_factory.mktemp("documents")
    source = folder / "base"
    source.mkdir()
    for name in ("ort", "vta", "club-pvd"):
        shutil.copy(ROOT / "knowledge" / "fiches" / f"{name}.md", source)
    shutil.copy(ROOT / "knowledge" / "lexique.yaml", source)
    (source / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in GOLDEN), encoding="utf-8")
    accounts = Accounts(Database(f"sqlite:///{folder}/journal.sqlite"))
    for login, role in ((EDITOR, "editeur"), (READER, "relecteur")):
        accounts.add(login, role, PASSWORD)
    with serving(folder, source) as running:
        yield running


@pytest.fixture
def visit(browser, desk):
    """Open an address in a fresh context; at the end, no error, no refusal by the policy, no address elsewhere."""
    contexts, seen, wrong = [], [], []

    def opened(path="", login="", width=1440, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("request", lambda request: seen.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(desk.url + path)
        if login:
            sign_in(page, login, PASSWORD)
            page.wait_for_url(re.compile(re.escape(path)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert {url for url in seen if not url.startswith((desk.url, "data:", "blob:"))} == set()
    assert wrong == []


def send(page, *files) -> str:
    """Send files to the draft; what the next page says."""
    page.set_input_files("#files", files)
    with page.expect_navigation():
        page.get_by_role("button", name="Envoyer dans le brouillon").click()
    return plain(" ".join(page.locator(".done, .problem:visible").all_inner_texts()))


def test_small_files_are_weighed_in_kilobytes_and_a_telephone_shows_the_role(visit):
    page = visit(DOCUMENTS, EDITOR, 360)
    page.set_input_files(
        "#files",
        [
            {"name": "note.txt", "mimeType": "text/plain", "buffer": b"a" * 22_000},
            {"name": "gros.txt", "mimeType": "text/plain", "buffer": b"a" * 1_500_000},
        ],
    )
    listed = page.locator("[data-chosen] li").all_inner_texts()
    assert [text.replace("\u00a0", " ") for text in listed] == ["note.txt (21 ko)", "gros.txt (1,4 Mo)"]
    assert page.locator(".who .role").is_visible() and overflow(page) <= 0
    empty = page.locator("tbody td", has_text=re.compile("^–$"))
    assert empty.count() and not any(cell.is_visible() for cell in empty.all())


def preview(page) -> None:
    page.get_by_role("link", name="Documents", exact=True).last.click()
    page.get_by_role("button", name="Prévisualiser la publication").click()
    page.wait_for_selector(".summary")


def publish(page, reason="") -> None:
    if reason:
        page.fill("#reason", reason)
    page.get_by_role("button", name="Publier cette version").click()
    page.wait_for_selector(".history .tag.good")
    assert plain(page.inner_text(".done")) == document_texts.PUBLISHED


def test_files_are_sent_seen_and_taken_back(visit) -> None:
    page = visit(DOCUMENTS, EDITOR)
    sent = ("reglement.odt", "bulletin.pdf", "numerise.pdf", "inconnu.xyz", "vide.txt")
    said = send(page, *(DATA / name for name in sent))
    taken = [document_texts.TAKEN[ChangeKind.ADDITION].format(name=name, path=f"documents/{name}") for name in sent[:3]]
    assert all(one in said for one in taken) and all(f"« {name} »" in said for name in sent[3:])
    assert page.locator(".changes li").count() == 3
    page.get_by_role("link", name="documents/reglement.odt").click()
    assert "reglement.odt" in page.inner_text("main") and page.locator(".passages .text").count() > 0
    page.go_back()
    page.get_by_role("link", name="documents/numerise.pdf").click()
    told = page.locator(".problem, .note.warning").count()
    assert bool(told) or page.locator(".passages .text").count() > 0  # with Tesseract
    page.go_back()
    for name in sent[:3]:
        page.get_by_role("button", name=f"Annuler le changement de documents/{name}").click()
        assert plain(page.inner_text(".done")) == document_texts.CANCELLED.format(path=f"documents/{name}")
    assert page.locator(".changes").count() == 0


def test_files_may_be_dropped(visit) -> None:
    page = visit(DOCUMENTS, EDITOR)
    drop = """() => {
      const files = new DataTransfer();
      files.items.add(new File(["Un texte déposé à la souris, assez long."], "déposé.txt", { type: "text/plain" }));
      const form = document.querySelector("[data-upload]");
      form.dispatchEvent(new DragEvent("dragover", { dataTransfer: files, bubbles: true, cancelable: true }));
      const over = form.classList.contains("over");
      form.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
      return over;
    }"""
    assert page.evaluate(drop)
    assert "déposé.txt" in page.inner_text("[data-chosen]")
    page.get_by_role("button", name="Envoyer dans le brouillon").click()
    page.wait_for_selector(".done")
    page.get_by_role("button", name="Annuler le changement de documents/déposé.txt").click()


def test_everything_works_without_script(visit) -> None:
    page = visit(DOCUMENTS, EDITOR, java_script_enabled=False)
    assert "documents/reglement.odt" in send(page, DATA / "reglement.odt")
    page.get_by_role("button", name="Prévisualiser la publication").click()
    page.wait_for_selector(".summary")  # the page asks again by itself
    page.get_by_role("link", name="Documents", exact=True).last.click()
    page.get_by_role("button", name="Annuler le changement de documents/reglement.odt").click()


def test_a_changed_amount_is_seen_published_and_brought_back(visit, desk, tmp_path) -> None:
    public = visit()
    ready(public)
    assert "15 000" in text_of(ask(public, VTA))
    fiche = desk.source / "vta.md"
    original = fiche.read_text(encoding="utf-8")
    changed = tmp_path / "vta.md"
    changed.write_text(re.sub(r"15(\s)000", r"21\g<1>000", original), encoding="utf-8")

    page = visit(DOCUMENTS, EDITOR)
    assert send(page, changed) == document_texts.TAKEN[ChangeKind.REPLACEMENT].format(name="vta.md", path="vta.md")
    preview(page)
    first = page.locator(".answer").first
    assert text_of(first.locator("h3")) == VTA
    before, after = (text_of(side) for side in first.locator(".side").all())
    assert "15 000" in before and "21 000" in after and first.locator("summary .tag.bad").count() == 1, "it passes no more"
    assert page.locator("section[aria-labelledby=gate] .tag.bad").count() == 1
    assert page.locator("#reason").get_attribute("required") is not None
    page.get_by_role("button", name="Publier cette version").click()
    assert page.locator(".summary").count() == 1, "the browser asks for the reason"
    assert "15 000" in text_of(ask(public, VTA)), "nothing is published yet"
    publish(page, "arrêté du 20 novembre")
    assert "arrêté du 20 novembre" in page.inner_text(".history") and EDITOR in page.inner_text(".history")
    assert "21 000" in text_of(ask(public, VTA))
    assert "21" in fiche.read_text(encoding="utf-8")

    page.get_by_role("link", name="Revenir à cette version").first.click()
    page.get_by_role("button", name="Revenir à cette version").click()
    page.wait_for_selector(".done")
    assert "15 000" in text_of(ask(public, VTA))
    assert fiche.read_text(encoding="utf-8") == original


def test_a_withdrawn_document_leaves_open_conversations_and_their_exports(visit, desk) -> None:
    public = visit()
    ready(public)
    ask(public, CLUB)
    conversation = public.evaluate("document.querySelector('#log').dataset.conversation")
    quote = "Club"
    exported = public.request.post(f"{desk.url}export", form={"conversation": conversation, "format": "md"})
    assert "club-pvd" not in exported.text() and "## " in exported.text() and quote in exported.text()
    cited = re.findall(r"\n- \[1\] (.*?) ›", exported.text())

    page = visit(DOCUMENTS, EDITOR)
    page.locator("tbody a", has_text="Club").first.click()
    page.get_by_role("button", name="Retirer de la base").click()
    assert plain(page.inner_text(".done")) == document_texts.WITHDRAWN.format(path="club-pvd.md")
    preview(page)
    assert page.locator("details.file summary .tag.bad").count() == 1, "the file that goes"
    publish(page, "essai de retrait")
    public.reload()
    ready(public)
    shown = public.locator(".exchange").first
    shown.get_by_text(page_texts.TAKEN_BACK).wait_for()
    assert public.locator(".exchange .sources").count() == 0
    after = public.request.post(f"{desk.url}export", form={"conversation": conversation, "format": "md"}).text()
    assert cited and cited[0] not in after and page_texts.TAKEN_BACK in plain(after)

    page.get_by_role("link", name="Revenir à cette version").first.click()
    page.get_by_role("button", name="Revenir à cette version").click()
    page.wait_for_selector(".done")
    assert (desk.source / "club-pvd.md").exists()


def test_a_reader_looks_and_changes_nothing(visit) -> None:
    page = visit(DOCUMENTS, READER)
    assert page.locator("tbody tr").count() == 3
    assert page.get_by_role("button", name="Prévisualiser la publication").count() == 0
    page.locator("tbody a").first.click()
    assert page.get_by_role("button", name="Retirer de la base").count() == 0
    assert page.locator(".passages .text").count() > 0


def test_the_pages_are_usable_by_all(visit, axe, tmp_path, desk) -> None:
    editor = visit(DOCUMENTS, EDITOR)
    changed, fiche = tmp_path / "vta.md", desk.source / "vta.md"
    changed.write_text(re.sub(r"15(\s)000", r"22\g<1>000", fiche.read_text(encoding="utf-8")), encoding="utf-8")
    send(editor, changed)
    checked(editor, axe)
    preview(editor)  # once, for all screens
    for width, scheme in ((360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")):
        page = visit(DOCUMENTS, EDITOR, width, color_scheme=scheme)
        checked(page, axe)
        page.get_by_role("link", name="vta.md").first.click()
        checked(page, axe)
        page.goto(f"{desk.url}{DOCUMENTS}/publication")
        checked(page, axe)
        for part in (page.get_by_role("link", name="Qualité"), page.locator("[data-name=Verdict] .tag").first):
            box = part.bounding_box()  # nothing of the navigation or of the gate is out of sight on a phone
            assert box["x"] >= 0 and box["x"] + box["width"] <= width, (width, scheme)
        page.get_by_role("link", name="Historique").click()
        checked(page, axe)
    page.get_by_role("link", name="Documents", exact=True).last.click()
    page.get_by_role("button", name="Annuler le changement de vta.md").click()


def checked(page, axe) -> None:
    assert grave(page, axe) == []
    assert overflow(page) <= 0


def text_of(part) -> str:
    return plain(part.inner_text())
