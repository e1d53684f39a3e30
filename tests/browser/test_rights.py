"""Rights in a real browser: the notice, the link of an answer taken and erased, the staff's register, on a phone and a desk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.records.accounts import Accounts
from assistant.records.database import Database
from assistant.web.public import page_texts as texts
from assistant.web.shared import notice_texts
from tests.browser.conftest import ask, sign_in
from tests.browser.test_accessibility import grave, overflow

pytestmark = pytest.mark.slow

GOOD = "cheval batterie agrafe"


@pytest.fixture(scope="module")
def base(server):
    """The server with an éditeur."""
    accounts = Accounts(Database(f"sqlite:///{server.journal}"))
    accounts.add("yan.droit", "editeur", GOOD)
    yield server
    accounts.delete("yan.droit")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
def test_the_notice_is_one_click_from_the_page_and_readable(open_page, base, axe, width, scheme):
    page = open_page(width, color_scheme=scheme)
    page.get_by_role("link", name=texts.NOTICE_LINK).click()
    page.wait_for_url("**/confidentialite")
    assert page.inner_text("h1") == notice_texts.NOTICE_TITLE and overflow(page) == 0 and grave(page, axe) == []
    assert page.context.cookies() == [], "no cookie, as the notice says"


@pytest.mark.parametrize("width", [360, 1440])
def test_the_link_of_an_answer_gives_its_data_and_erases_it(open_page, base, axe, width):
    page = open_page(width)
    exchange = ask(page, "C'est quoi une ORT ? Je suis Odile Ferrand, 06 39 98 27 51")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    exchange.get_by_role("button", name=texts.LINK).click()
    page.get_by_text(texts.LINK_COPIED).first.wait_for()
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    assert "Ferrand" not in page.content() and "[nom]" in page.content()
    assert overflow(page) == 0 and grave(page, axe) == []
    with page.expect_download() as file:
        page.get_by_role("link", name="Tout ce qui en est conservé").click()
    data = json.loads(Path(file.value.path()).read_text(encoding="utf-8"))
    assert "[téléphone]" in data["echange"]["question"]
    page.get_by_role("link", name="Effacer cet échange").click()
    assert overflow(page) == 0 and grave(page, axe) == []
    page.get_by_role("button", name=texts.ERASE_EXCHANGE.button).click()
    page.get_by_role("heading", name=texts.ERASED.title).wait_for()
    page.go_back()
    page.reload()
    assert page.inner_text("h1") == texts.ERASE_GONE.title and grave(page, axe) == []


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_the_register_and_an_erasure_by_the_staff(open_page, base, axe, width, scheme):
    page = open_page(width, color_scheme=scheme)
    ask(page, "Combien touche la collectivité pour un VTA ?")
    page.goto(f"{base.url}equipe/registre")
    sign_in(page, "yan.droit", GOOD)
    page.wait_for_url("**/equipe/registre*")
    assert notice_texts.TO_FILL_IN in page.content() and overflow(page) == 0 and grave(page, axe) == []
    page.goto(f"{base.url}equipe/verifier")
    page.get_by_role("link", name="Combien touche la collectivité pour un VTA ?").first.click()
    page.get_by_role("link", name="effacer cet échange").click()
    assert overflow(page) == 0 and grave(page, axe) == []
    page.get_by_role("button", name="Effacer l'échange").click()
    page.get_by_role("status").get_by_text("effacé").wait_for()
    assert overflow(page) == 0
