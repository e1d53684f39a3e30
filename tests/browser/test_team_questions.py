"""A refusal put to the team and answered, topics and quality, in a real browser."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest

from assistant.records.accounts import Accounts
from assistant.records.database import Database
from assistant.web.public import page_texts as texts
from tests.browser.conftest import ask, plain, sign_in
from tests.browser.test_accessibility import grave, overflow

pytestmark = pytest.mark.slow

GOOD = "cheval batterie agrafe"
QUESTION = "Qui finance la vidange de la fosse septique de l'école ? Rappelez le 06 12 34 56 78"
GOLDEN = [
    {
        "id": "B1",
        "kind": "fait",
        "turns": ["C'est quoi une ORT ?"],
        "expect": [{"turn": 0, "status": ["answered"], "must": [["revitalisation"]]}],
    },
    {
        "id": "B2",
        "kind": "refus",
        "turns": ["Où faire vidanger les chameaux du cirque ?"],
        "expect": [{"turn": 0, "status": ["not_found"]}],
    },
] * 20


@pytest.fixture(scope="module")
def base(server):
    """The server with an éditeur and golden questions; without questions to the team at the end."""
    accounts = Accounts(Database(f"sqlite:///{server.journal}"))
    accounts.add("zoe.edite", "editeur", GOOD)
    golden = server.source / "questions.jsonl"
    golden.write_text("\n".join(json.dumps(record) for record in GOLDEN), encoding="utf-8")
    yield server
    golden.unlink()
    accounts.delete("zoe.edite")


@pytest.fixture
def signed(open_page, base):
    """Open a page of the staff as an éditeur who signs in by the form."""

    def opened(path, width=1440, **options):
        page = open_page(width, **options)
        page.goto(base.url + path)
        sign_in(page, "zoe.edite", GOOD)
        page.wait_for_url(f"**/{path}*")
        return page

    return opened


def test_a_refusal_is_put_to_the_team_and_its_link_shows_the_answer(page, base, signed, axe):
    exchange = ask(page, QUESTION)
    assert exchange.locator(".status.not_found, .status.partial").count() == 1
    exchange.get_by_role("button", name=texts.TEAM_ASK).click()
    link = exchange.get_by_role("link", name=texts.TEAM_LINK)
    link.wait_for()
    assert link.evaluate("element => element === document.activeElement")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    exchange.get_by_role("button", name=texts.TEAM_COPY).click()
    exchange.locator(".team .said").get_by_text(texts.TEAM_COPIED).wait_for()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{base.url}reponse/") and grave(page, axe) == []
    page.reload()
    page.wait_for_selector(".team.sent")  # the link is still there for who comes back

    page.goto(address)
    assert page.locator(".tag.warn").count() == 1 and "vidange de la fosse septique" in page.inner_text("main")
    assert "06 12" not in page.inner_text("main") and grave(page, axe) == []
    with sqlite3.connect(base.journal) as rows:
        kept = rows.execute("SELECT question FROM team_questions").fetchone()[0]
    assert "06 12" not in kept

    staff = signed("equipe/sans-reponse/questions")
    staff.get_by_role("link", name="vidange de la fosse septique").click()
    staff.get_by_label("Réponse", exact=True).fill("Au **dépôt** :\n- le lundi\n- le jeudi")
    staff.get_by_label("Autres sources").fill("chameau")
    staff.get_by_role("button", name="Publier la réponse").click()
    assert "« chameau »" in staff.get_by_role("alert").inner_text() and grave(staff, axe) == []
    assert staff.get_by_label("Réponse", exact=True).input_value().endswith("le jeudi")
    staff.get_by_label("Autres sources").fill("https://exemple.invalid/cirque")
    staff.locator("input[name=passage]").first.check()
    staff.get_by_role("button", name="Publier la réponse").click()
    staff.get_by_role("status").wait_for()

    page.reload()
    shown = page.inner_text("main")
    assert page.locator(".tag.good").count() == 1 and "le jeudi" in shown and "zoe" not in shown
    assert page.locator(".reply li").count() == 2 and page.locator(".cited > li").count() == 2
    assert page.locator(".cited a[href='https://exemple.invalid/cirque']").count() == 1 and grave(page, axe) == []


def test_an_answer_or_a_greeting_offers_nothing(page):
    for question in ("C'est quoi une ORT ?", "bonjour", "t'es nul"):
        assert ask(page, question).locator("[data-team]").count() == 0


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
def test_topics_are_usable_on_a_phone_and_in_the_dark(page, signed, axe, width, scheme):
    for question in (
        "Qui finance la vidange de la fosse septique ?",
        "Vidange de la fosse septique de l'école : quelle aide ?",
        "Combien donne l'État pour vidanger une fosse septique ?",
    ):
        ask(page, question)
    staff = signed("equipe/sans-reponse", width, color_scheme=scheme)
    assert staff.locator(".plot svg").count() == 1 and overflow(staff) == 0 and grave(staff, axe) == []
    topic = staff.locator(".topic", has_text=re.compile("fosse|septique|vidange", re.I)).first
    assert topic.locator(".advice li").count() == 2, "the nearest document, and the words that the base lacks"
    topic.get_by_role("link").first.click()
    staff.get_by_text("Les chiffres").click()
    assert staff.locator(".plot tbody tr").count() == 12 and overflow(staff) == 0 and grave(staff, axe) == []
    with staff.expect_download() as file:
        staff.goto(staff.url.partition("/sujet")[0])
        staff.get_by_role("link", name="Exporter en CSV").click()
    assert file.value.suggested_filename.endswith(".csv")


def test_the_version_in_service_is_measured_and_told_to_everyone(page, base, signed, axe):
    page.goto(f"{base.url}a-propos")
    assert texts.CARD_UNMEASURED in plain(page.inner_text("#quality")) and grave(page, axe) == [] and overflow(page) == 0
    staff = signed("equipe/qualite", 360)
    staff.get_by_role("button", name="Mesurer la version en service").click()
    staff.get_by_text("sur 40 questions").wait_for()  # the page comes back by itself when the measurement ends
    assert staff.locator("#plot-reference svg").count() == 1 and staff.locator("#plot-calibration svg").count() == 1
    assert overflow(staff) == 0 and grave(staff, axe) == []
    sizes = staff.locator(".plot svg text").evaluate_all("texts => texts.map(t => t.getBoundingClientRect().height)")
    assert sizes and min(sizes) >= 10  # pixels on a phone
    page.reload()
    assert "40 questions" in page.inner_text("#quality") and "%" in page.inner_text("#quality dl")


def test_the_card_is_linked_from_the_page(page, base):
    page.locator("details.about summary").click()
    page.get_by_role("link", name=texts.CARD_LINK).click()
    assert page.url == f"{base.url}a-propos" and page.inner_text("h1") == texts.CARD_TITLE
