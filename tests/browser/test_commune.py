"""« Ma commune » in a real browser: with a list of communes, without one, with a broken one."""

from __future__ import annotations

import io
import os
import re
import shutil
from pathlib import Path

import pytest
from docx import Document as Docx

from assistant.answering.eligibility import EligibilityOutcome
from assistant.web.public import page_texts as texts
from tests.browser.conftest import plain
from tests.browser.test_accessibility import grave, overflow

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[1] / "data" / "communes"
HOSTILE = '<img src=x onerror="window.hacked=1">'
LIST = f"""insee_com;lib_com;id_pvd;departement;population;lib_epci;id_acv;ort_statut;date_liste
01901;Saint-Aurore-l'Étang;pvd-1;Ain;3 499;CC des Étangs;;Signée;2024-09-05
27903;Beaumarque;pvd-3;Eure;1 250;CC du Marquais;;;2024-09-05
60904;Beaumarque;;Oise;19 999;CC {HOSTILE};acv-1;;2024-09-05
60905;Vil {HOSTILE};;Oise;20 000;;;;2024-09-05
"""


LISTED = os.path.commonprefix([texts.LIST_DATED, texts.LIST_FILE]).strip()  # how what is said of a list begins
YES, CONFIRM, NO = (texts.OUTCOMES[one] for one in (EligibilityOutcome.YES, EligibilityOutcome.CONFIRM, EligibilityOutcome.NO))


@pytest.fixture
def listed(server):
    path = server.source / "communes.csv"
    path.write_text(LIST, encoding="utf-8")
    yield path
    path.unlink(missing_ok=True)


def visit(page):
    """Go to the tab with a fresh form."""
    page.click(".views a[data-view=commune]")
    page.locator("#commune-form").wait_for()
    return page


def opened(open_page, server, width=1440, state="", **options):
    """The tab, once the page has said what it now knows of the list."""
    page = visit(open_page(width, 900, **options))
    state = state or (LISTED if (server.source / "communes.csv").exists() else texts.LIST_NONE)
    page.locator(".listed", has_text=state).wait_for()
    return page


def answer(page, name: str, value: str) -> None:
    page.locator(f'#commune-form input[name="{name}"][value="{value}"]').check(force=True)


def submit(page) -> None:
    page.evaluate("document.querySelector('#commune-result').replaceChildren()")
    page.click("#commune-form button.primary")
    page.locator(".result-title").wait_for()


def scheme(page, title: str):
    return page.locator("details.scheme", has_text=title).first


def label(page, title: str) -> str:
    return scheme(page, title).locator(".verdict").inner_text()


def test_without_a_list_the_page_says_so_and_works_from_the_population(open_page, server):
    page = opened(open_page, server)
    assert plain(page.inner_text(".listed")) == texts.LIST_NONE
    assert page.locator("[role=combobox]").count() == 0
    submit(page)
    assert texts.NOTHING_SAID in plain(page.inner_text("#commune-result"))
    for typed, expected in (("19 999", CONFIRM), ("20 000", NO), ("20.000 habitants", NO), ("", CONFIRM)):
        page.fill("#commune-population", typed)
        submit(page)
        assert label(page, "Entrer dans le programme") == expected, typed


def test_a_population_that_is_no_number_is_told_and_left_out(open_page, server):
    page = opened(open_page, server)
    for typed in ("beaucoup", "-5", "1,5", "9" * 20, "٣٣"):
        page.fill("#commune-population", typed)
        submit(page)
        assert plain(page.inner_text("#commune-result .warning")) == texts.POPULATION_UNREAD.format(typed=typed)
        assert label(page, "Entrer dans le programme") == CONFIRM, typed


def test_a_verdict_is_given_criterion_by_criterion_each_with_its_passage(open_page, server):
    page = opened(open_page, server)
    answer(page, "programme-PVD", "oui")
    submit(page)
    assert label(page, "Cofinancement du poste") == CONFIRM
    assert "convention d'adhésion" in scheme(page, "Cofinancement du poste").locator(".gist").inner_text(), "what is left"
    answer(page, "convention-adhesion", "oui")
    submit(page)
    card = scheme(page, "Cofinancement du poste")
    assert label(page, "Cofinancement du poste") == YES and card.get_attribute("open") is not None
    assert "31 mars 2026" in plain(card.locator(".late").inner_text()), "it should have been read again by then"
    assert "45\u00a0000\u00a0€" in card.locator(".aids").inner_text()
    card.locator(".criteria .cite").first.click()
    page.locator("#source mark").first.wait_for()
    assert "convention d'adhésion" in page.inner_text("#source mark")
    page.keyboard.press("Escape")
    assert page.locator("#source").is_hidden()
    assert page.evaluate("document.activeElement.dataset.proof").startswith("chef-de-projet.md#")


def test_a_question_left_is_answered_in_the_list_and_the_verdict_changes(open_page, server, axe):
    page = opened(open_page, server, 360)
    page.fill("#commune-population", "2 800")
    answer(page, "convention-adhesion", "oui")
    submit(page)
    assert label(page, "Cofinancement du poste") == CONFIRM
    asked = page.locator(".asks li").first  # the one that settles most comes first
    assert asked.locator('[data-ask="programme-PVD"]').count() and asked.locator(".settles").inner_text()
    assert page.locator('.asks [data-ask="convention-adhesion"], .asks [data-ask="population"]').count() == 0  # already said
    asked.locator("[data-answer=oui]").click()
    page.locator("details.scheme", has_text="Cofinancement du poste").locator(".verdict.yes").wait_for()
    assert page.locator('#commune-form input[name="programme-PVD"][value=oui]').is_checked()
    assert page.input_value("#commune-population") == "2 800"
    assert page.locator('[data-ask="programme-PVD"]').count() == 0
    assert "oui" in page.inner_text("#commune-said")
    shop = scheme(page, "boutique à l'essai")
    shop.locator("summary").click()
    shop.locator("[data-answer=non]").click()
    page.locator("details.scheme", has_text="boutique à l'essai").locator(".verdict.no").wait_for()
    assert shop.get_attribute("open") is not None
    assert re.search("vacant : non", plain(page.inner_text(".known"))), "what was answered is kept in sight"
    assert grave(page, axe) == [] and overflow(page) <= 0
    shop.locator("[data-answer='']").click()  # taken back
    page.locator("details.scheme", has_text="boutique à l'essai").locator(".verdict.confirm").wait_for()
    page.click("#commune-form button[type=reset]")
    submit(page)
    assert texts.NOTHING_SAID in plain(page.inner_text("#commune-result"))


def test_a_scheme_that_its_bearer_may_not_ask_for_says_so(open_page, server):
    page = opened(open_page, server)
    page.select_option("#commune-bearer", "association")
    submit(page)
    assert label(page, "Opération de revitalisation") == texts.NOT_THIS_BEARER


def test_a_sum_is_the_rate_within_the_ceiling_and_only_of_a_number(open_page, server):
    page = opened(open_page, server)
    submit(page)
    scheme(page, "Cofinancement du poste").locator("summary").click()
    form = scheme(page, "Cofinancement du poste").locator("form.sum")
    for expense in (50_000, 60_000, 80_000):
        form.locator("input").fill(f"{expense:,}".replace(",", " ") + " €")
        form.locator("button").click()
        aid = f"{min(expense * 75 // 100, 45_000):,}".replace(",", "\u00a0")
        form.locator(".sums", has_text=f"{aid}\u00a0€").wait_for()
    form.locator("input").fill("beaucoup")
    form.locator("button").click()
    form.locator(".warning").wait_for()
    assert scheme(page, "Denormandie").locator("form.sum").count() == 0  # a household's tax is not ours to compute


def test_a_name_is_completed_and_its_facts_fill_the_form(open_page, server, listed):
    page = opened(open_page, server)
    assert "5 septembre 2024" in page.inner_text(".listed")
    page.click("#commune-name")
    page.keyboard.type("st aurore")
    page.locator("[role=option]").wait_for()
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#commune-name", "aria-activedescendant") == "commune-choice-0"
    page.keyboard.press("Enter")
    assert page.input_value("#commune-name") == "Saint-Aurore-l'Étang (Ain)"
    assert page.input_value("#commune-population") == "3499"
    assert page.locator('input[name="programme-PVD"][value=oui]').is_checked()
    assert page.locator('input[name="convention-ort"][value=oui]').is_checked()
    page.keyboard.press("Enter")
    page.locator(".result-title").wait_for()
    assert page.inner_text(".result-title") == texts.RESULT_FOR.format(name="Saint-Aurore-l'Étang (Ain)")
    assert page.evaluate("document.activeElement.className") == "result-title"
    assert texts.FROM_LIST in page.inner_text(".known") and "5 septembre 2024" in page.inner_text(".dates")
    page.fill("#commune-name", "autre")  # another commune: what the list said of the first goes
    assert page.input_value("#commune-population") == ""
    assert not page.locator('input[name="programme-PVD"][value=oui]').is_checked()


def test_homonyms_are_chosen_by_their_departement(open_page, server, listed):
    page = opened(open_page, server)
    page.fill("#commune-name", "BEAUMARQUE")
    submit(page)
    assert page.locator("[data-commune]").count() == 2
    page.locator("[data-commune]", has_text="Oise").click()
    page.locator(".scheme").first.wait_for()
    assert page.inner_text(".result-title").endswith("Beaumarque (Oise)")
    assert label(page, "Entrer dans le programme") == NO  # Action cœur de ville


def test_a_commune_that_is_not_listed_is_told(open_page, server, listed):
    page = opened(open_page, server)
    page.fill("#commune-name", "Nulle-Part")
    submit(page)
    assert texts.COMMUNE_ABSENT.format(name="Nulle-Part") in plain(page.inner_text("#commune-result"))


def test_a_broken_list_is_told_and_the_page_works(open_page, server, listed):
    listed.write_text("n'importe;quoi\n1;2\n")
    page = opened(open_page, server, state=texts.LIST_BROKEN.partition("{")[0].strip())
    assert "code INSEE" in page.inner_text(".listed")
    page.fill("#commune-population", "20 000")
    submit(page)
    assert label(page, "Entrer dans le programme") == NO


def test_nothing_typed_or_listed_becomes_markup(open_page, server, listed):
    page = opened(open_page, server)
    page.fill("#commune-name", "vil img")
    page.locator("[role=option]").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    submit(page)
    assert "<img" in page.inner_text(".result-title")
    page.fill("#commune-name", HOSTILE)
    page.fill("#commune-population", "<svg onload=1>")
    submit(page)
    page.fill("#commune-name", "Beaumarque")
    submit(page)
    assert page.evaluate("window.hacked") is None
    assert page.locator("#commune img, #commune svg[onload]").count() == 0


@pytest.mark.parametrize("kind", ["Markdown", "Word"])
def test_an_export_holds_facts_criteria_dates_and_each_source_it_cites(open_page, server, listed, kind):
    page = opened(open_page, server, accept_downloads=True)
    page.fill("#commune-name", "Saint-Aurore-l'Étang")
    answer(page, "convention-adhesion", "oui")
    submit(page)
    with page.expect_download() as started:
        page.locator("#commune-result .export button", has_text=kind).click()
    file = Path(started.value.path()).read_bytes()
    text = file.decode() if kind == "Markdown" else "\n".join(p.text for p in Docx(io.BytesIO(file)).paragraphs)
    assert started.value.suggested_filename.startswith("ma-commune-")
    assert "Saint-Aurore-l'Étang (Ain)" in text and texts.INHABITANTS.format(count="3\u202f499") in text
    assert "5 septembre 2024" in text and "9 documents" in text
    assert "la convention d'adhésion est signée" in text
    cited = set(re.findall(r"\[(\d+)\]", text.split(f"\n{texts.SOURCES}\n" if kind == "Word" else f"## {texts.SOURCES}")[0]))
    listed_sources = set(re.findall(r"^(?:- )?\[(\d+)\]", text, re.MULTILINE))
    assert cited and cited == listed_sources


@pytest.mark.parametrize("width", [320, 360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tab_is_usable_by_all(open_page, server, listed, axe, width, scheme):
    page = opened(open_page, server, width, color_scheme=scheme)
    assert grave(page, axe) == [] and overflow(page) <= 0
    page.fill("#commune-name", "beau")
    page.locator("[role=option]").first.wait_for()
    assert grave(page, axe, changed="[role=listbox]") == [] and overflow(page) <= 0
    page.fill("#commune-name", "Saint-Aurore-l'Étang")
    answer(page, "convention-adhesion", "oui")
    submit(page)
    page.evaluate("document.querySelectorAll('details.scheme').forEach(each => { each.open = true; })")
    assert grave(page, axe) == [] and overflow(page) <= 0
    page.locator("#commune-result .cite").first.click()
    page.locator("#source mark").first.wait_for()
    assert grave(page, axe, changed="#source") == [] and overflow(page) <= 0


def test_views_are_addresses(open_page, server):
    page = open_page()
    assert page.locator("#commune-form").is_hidden() and page.locator("#question").is_visible()
    visit(page)
    assert page.locator("#question").is_hidden()
    assert page.locator(".views [aria-current=page]").inner_text() == texts.COMMUNE
    page.go_back()
    page.locator("#question").wait_for()
    assert page.locator("#commune-form").is_hidden()
    page.goto(server.url + "#ma-commune")
    page.reload()
    page.locator("#commune-form").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == texts.COMMUNE_SKIP


def test_the_sample_lists_are_read(open_page, server, listed):
    shutil.copy(DATA / "zonages.csv", listed)
    page = opened(open_page, server)
    page.fill("#commune-name", "chatelrouge")
    submit(page)
    assert page.inner_text(".result-title").endswith("Châtelrouge (01)")
