"""Checking answers in a real browser: from a question on the public page to a validated answer, until its passage changes."""

from __future__ import annotations

import re
import shutil

import pytest

from assistant.records.accounts import Accounts
from assistant.records.database import Database
from assistant.web.public import page_texts as texts
from assistant.web.shared import common_texts
from assistant.web.staff import desk_texts
from tests.browser.conftest import ROOT, ask, plain, ready, sign_in
from tests.browser.test_accessibility import grave, overflow

pytestmark = pytest.mark.slow

GOOD = "cheval batterie agrafe"
QUESTION = "Combien donne le fonds des lavoirs ?"
FICHE = """---
titre: Fonds des lavoirs
theme: Patrimoine et tourisme
dispositif: Fonds des lavoirs
---

# Fonds des lavoirs

## Quel soutien ?

### Combien donne le fonds des lavoirs ?
Le fonds des lavoirs donne 4 321 € par lavoir remis en eau.[^1] L'aide est versée en une fois.[^1]

[^1]: Revue des lavoirs — 2026 — <https://exemple.invalid/lavoirs>
"""


@pytest.fixture(scope="module")
def base(server):
    """The server's base with a fiche that the test changes and a PDF file; as it was at the end."""
    Accounts(Database(f"sqlite:///{server.journal}")).add("lea.martin", "relecteur", GOOD)
    fiche, bulletin = server.source / "lavoirs.md", server.source / "bulletin.pdf"
    fiche.write_text(FICHE, encoding="utf-8")
    shutil.copy(ROOT / "tests" / "data" / "bulletin.pdf", bulletin)
    server.publish()
    yield server
    fiche.unlink(missing_ok=True)
    bulletin.unlink()
    server.publish()


@pytest.fixture
def signed(open_page, base):
    """Open a page of the staff as a member who signs in by the form."""

    def opened(path, width=1440, **options):
        page = open_page(width, **options)
        page.goto(base.url + path)
        sign_in(page, "lea.martin", GOOD)
        page.wait_for_url(f"**/{path}*")
        return page

    return opened


def answered(page, question, words):
    """The exchange of a question, whose answer has some words."""
    exchange = ask(page, question)
    assert words in plain(exchange.inner_text())
    return exchange


def test_an_answer_is_checked_validated_and_given_until_its_passage_changes(page, signed, base, axe):
    answered(page, QUESTION, "4 321 €")
    staff = signed("equipe/verifier")
    staff.get_by_label("Mots de la question").fill("LAVOIRS 4321")
    staff.get_by_role("button", name="Filtrer").click()
    staff.locator("tbody a").first.click()

    sentences = staff.locator(".sentences li")
    assert sentences.count() == 2 and "4 321 €" in plain(sentences.first.inner_text())
    sentences.first.get_by_role("link", name="Source 1").click()
    assert staff.url.endswith("#source-1")
    marked = plain(staff.locator("#source-1 mark").inner_text())
    for sentence in sentences.locator("p:first-child").all():
        assert plain(sentence.inner_text()).removesuffix(" 1") in marked
    with staff.expect_download() as download:
        staff.get_by_role("link", name="Ouvrir l'original").click()
    assert download.value.path().read_text(encoding="utf-8") == FICHE
    assert staff.locator("#source-1 .originals a").get_attribute("href") == "https://exemple.invalid/lavoirs"

    sentences.nth(0).get_by_label("Soutenue").check()
    sentences.nth(1).get_by_label("Imprécise").check()
    staff.get_by_label("Commentaire").fill("l'aide est de 5 000 € ?")
    staff.get_by_label("Réponse, à corriger").fill("Le fonds des lavoirs donne 5 000 € par lavoir. [1]")
    staff.get_by_role("button", name="Valider comme").click()
    assert "5 000 €" in plain(staff.get_by_role("alert").inner_text())
    assert grave(staff, axe) == [] and overflow(staff) <= 0
    assert sentences.nth(1).get_by_label("Imprécise").is_checked()
    assert staff.get_by_label("Commentaire").input_value() == "l'aide est de 5 000 € ?"

    staff.get_by_label("Réponse, à corriger").fill("Le fonds des lavoirs donne 4 321 € par lavoir remis en eau, en une fois. [1]")
    staff.get_by_role("button", name="Valider comme").click()
    assert staff.get_by_role("status").count() == 1 and staff.get_by_role("alert").count() == 0

    exchange = ask(page, "le fonds des lavoirs donne combien")
    shown = plain(exchange.inner_text())
    validated = texts.VALIDATED.partition("{date}")[0].format(role=texts.VALIDATOR_ROLES["relecteur"])
    assert re.search(re.escape(validated) + r"\d", shown) and "lea" not in shown
    assert texts.VALIDATED_FOR.format(question=QUESTION) in shown and "remis en eau, en une fois." in shown
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter : Markdown").click()
    assert validated in plain(download.value.path().read_text(encoding="utf-8"))
    exchange.locator(".cite").first.click()
    assert "4 321 €" in plain(page.locator("#source mark").inner_text())
    assert grave(page, axe) == []

    (base.source / "lavoirs.md").write_text(FICHE.replace("4 321", "6 543"), encoding="utf-8")
    base.publish()
    exchange = answered(page, QUESTION, "6 543")
    assert exchange.locator(".validated").count() == 0
    staff.goto(base.url + "equipe/verifier/reponses")
    listed = plain(staff.locator(".references li").first.inner_text())
    assert desk_texts.REFERENCE_STATES["perimee"][1] in listed and "lavoirs.md" in listed and QUESTION in listed
    assert re.search(r"\b1\b", staff.locator(".tabs .tag.warn").inner_text())
    assert grave(staff, axe) == [] and overflow(staff) <= 0
    staff.locator(".references li").first.get_by_role("button", name="Classer").click()
    assert staff.get_by_role("status").count() == 1 and staff.get_by_role("alert").count() == 0


def test_a_pdf_source_is_its_page_with_the_passage_marked(page, signed, base, axe):
    exchange = answered(page, "Quel est le coût de la halle de la commune de Vallon ?", "1,2 million")
    exchange.locator(".cite").first.click()
    picture = page.locator("#source .page-picture img")
    picture.wait_for()
    page.wait_for_function("document.querySelector('#source .page-picture img').naturalWidth > 1000")
    assert "Page 1" in picture.get_attribute("alt")
    frame, mark = page.locator("#source .frame").bounding_box(), page.locator("#source rect").first.bounding_box()
    assert frame["y"] <= mark["y"] < frame["y"] + frame["height"] and mark["width"] > 50
    assert "1,2 million" in plain(page.locator("#source mark").first.inner_text())
    assert grave(page, axe) == []

    staff = signed("equipe/verifier")
    staff.locator("tbody a", has_text="commune de Vallon").first.click()
    assert staff.locator(".page-picture img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 1000
    sheet, mark = staff.locator(".sheet").first.bounding_box(), staff.locator(".sheet rect").first.bounding_box()
    assert sheet["x"] < mark["x"] and mark["x"] + mark["width"] < sheet["x"] + sheet["width"]
    staff.get_by_text("Le texte de la page").first.click()
    assert "1,2 million" in plain(staff.locator("mark").first.inner_text())
    address = staff.get_by_role("link", name="Ouvrir l'original").first.get_attribute("href")
    assert address.endswith("/original#page=1")
    assert staff.request.get(base.url.rstrip("/") + address.partition("#")[0]).headers["content-type"] == "application/pdf"


def test_a_page_wider_than_a_telephone_says_that_it_slides(open_page, signed, base):
    page = open_page(360)
    answered(page, "Quel est le coût de la halle de la commune de Vallon ?", "1,2 million").locator(".cite").first.click()
    staff = signed("equipe/verifier", 360)
    staff.locator("tbody a", has_text="commune de Vallon").first.click()
    for seen in (page, staff):
        frame = seen.locator(".page-picture .frame").first
        frame.wait_for()
        assert frame.evaluate("f => f.scrollWidth - f.clientWidth") > 200, "drawn large enough to be read"
        assert plain(seen.locator(".page-picture .swipe").first.inner_text()) == common_texts.PAGE_SWIPE
        assert overflow(seen) <= 0


def test_the_buttons_are_in_sight_beside_the_sources(page, signed, base):
    answered(page, "Quel est le coût de la halle de la commune de Vallon ?", "1,2 million")
    staff = signed("equipe/verifier")
    staff.locator("tbody a", has_text="commune de Vallon").first.click()
    staff.set_viewport_size({"width": 1440, "height": 700})
    for scrolled in (400, 4000):  # while one reads the sources; at the top, a long answer pushes them under the fold
        staff.evaluate("y => window.scrollTo(0, y)", scrolled)
        staff.wait_for_timeout(100)
        for name in ("Enregistrer", "Valider comme réponse de référence"):
            box = staff.get_by_role("button", name=name).bounding_box()
            assert 0 <= box["y"] and box["y"] + box["height"] <= 700, (scrolled, name)


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1440, "dark")])
def test_the_pages_are_usable_on_small_screens_and_dark_ones(page, signed, axe, width, scheme):
    answered(page, QUESTION, "par lavoir")
    staff = signed("equipe/verifier", width, color_scheme=scheme)
    assert grave(staff, axe) == [] and overflow(staff) <= 0
    staff.locator("tbody a", has_text="lavoirs").first.click()
    assert grave(staff, axe) == [] and overflow(staff) <= 0
    staff.goto(staff.url.rpartition("/")[0] + "/reponses")
    assert grave(staff, axe) == [] and overflow(staff) <= 0


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(page, signed, base, axe):
    answered(page, QUESTION, "par lavoir")
    staff = signed("equipe/verifier?q=lavoirs", 360)
    staff.locator("tbody a").first.click()
    place = staff.url
    staff.get_by_label("Soutenue").nth(1).check()
    staff.get_by_label("Commentaire").fill("À relire avec la préfecture avant le 1er mars.")
    staff.get_by_label("Réponse, à corriger").fill("Le fonds donne une aide par lavoir remis en eau. [1]")
    staff.context.clear_cookies()
    staff.get_by_role("button", name="Enregistrer").click()
    assert staff.locator("h1").inner_text() == desk_texts.SIGN_IN_FIRST
    assert staff.get_by_label("Commentaire, tel que").input_value() == "À relire avec la préfecture avant le 1er mars."
    assert grave(staff, axe) == [] and overflow(staff) <= 0
    staff.get_by_role("link", name="Se connecter et y revenir").click()
    sign_in(staff, "lea.martin", GOOD)
    staff.wait_for_url(place)
    assert staff.locator("[data-back]").is_visible() and grave(staff, axe) == []
    assert staff.get_by_label("Soutenue").nth(1).is_checked() and staff.get_by_label("Pas jugée").nth(0).is_checked()
    assert staff.get_by_label("Commentaire").input_value() == "À relire avec la préfecture avant le 1er mars."
    assert staff.get_by_label("Réponse, à corriger").input_value() == "Le fonds donne une aide par lavoir remis en eau. [1]"
    staff.get_by_role("button", name="Enregistrer").click()
    staff.locator(".done").wait_for()
    staff.goto(place)
    assert staff.locator("[data-back]").is_hidden(), "what was kept is not put back twice"


def test_checking_and_exporting_need_no_script(browser, base, page):
    answered(page, QUESTION, "par lavoir")
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    staff = context.new_page()
    staff.goto(base.url + "equipe/verifier?q=lavoirs")
    sign_in(staff, "lea.martin", GOOD)
    staff.locator("tbody a").first.click()
    staff.get_by_label("Soutenue").first.check()
    staff.get_by_role("button", name="Enregistrer").click()
    assert staff.get_by_role("status").count() == 1
    assert staff.get_by_label("Soutenue").first.is_checked()
    with staff.expect_download() as download:
        staff.goto(base.url + "equipe/verifier")
        staff.get_by_role("link", name="ODS").click()
    assert download.value.suggested_filename == "echanges.ods"
    context.close()
    ready(page)
