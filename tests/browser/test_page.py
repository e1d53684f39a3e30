"""The public page in a real browser: asking, checking a source, following up, telling what is wrong."""

from __future__ import annotations

import io
import re
import sqlite3
import time

import docx
import pytest

from tests.browser.conftest import ask, ready
from tests.browser.test_accessibility import grave, overflow

pytestmark = pytest.mark.slow


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


# -- asking and checking -------------------------------------------------------------------------


def test_a_question_is_answered_with_sources(page):
    exchange = ask(page, "c koi une ORT")
    assert "opération de revitalisation de territoire" in exchange.locator(".reply").inner_text().lower()
    assert exchange.locator(".cite").count() >= 1
    assert "Compris comme" in exchange.locator(".understood").inner_text()
    assert page.input_value("#question textarea") == ""


def test_the_answer_is_written_as_it_comes(page):
    page.evaluate("""() => {
        window.stages = new Set();
        new MutationObserver(() => document.querySelectorAll('.exchange').forEach(e => window.stages.add(e.className)))
            .observe(document.querySelector('#log'), {childList: true, subtree: true});
    }""")
    ask(page, "Qui signe une ORT ?")
    assert "exchange searching" in page.evaluate("[...window.stages]")


def test_a_citation_opens_its_passage_highlighted(page):
    exchange = ask(page, "C'est quoi une ORT ?")
    citation = exchange.locator(".cite").first
    citation.click()
    mark = page.locator("#source mark").first
    mark.wait_for()
    assert plain(mark.inner_text()) in plain(exchange.locator(".reply").inner_text()) or len(mark.inner_text()) > 40
    extract, box = page.locator("#source .extract").bounding_box(), mark.bounding_box()
    assert extract["y"] <= box["y"] < extract["y"] + extract["height"]
    panel = page.locator("#source").inner_text()
    assert "Opération de revitalisation de territoire" in panel and "Mis à jour le" in panel
    assert "À relire depuis le 1er janvier 2025" in panel
    link = page.locator("#source .originals a").first
    assert link.get_attribute("rel") == "noopener noreferrer" and link.get_attribute("target") == "_blank"
    assert link.get_attribute("href").startswith("http")
    page.keyboard.press("Escape")
    assert page.locator("#source").is_hidden()
    assert citation.evaluate("element => element === document.activeElement")


def test_a_follow_up_keeps_the_subject(page):
    ask(page, "C'est quoi une ORT ?")
    exchange = ask(page, "et ça sert à quoi concrètement ?")
    assert "ORT" in exchange.locator(".reply").inner_text()
    assert "ORT" in exchange.locator(".understood").inner_text()


def test_why_this_answer(page):
    exchange = ask(page, "c koi une ORT")
    exchange.locator(".why summary").click()
    shown = exchange.locator(".why").inner_text()
    assert "Question comprise" in shown and "Probabilité" in shown and "%" in shown
    assert exchange.locator(".why tbody tr").count() >= 3
    ask(page, "Qui signe une ORT ?")
    assert page.locator(".why:visible").count() == 1


def test_a_refusal_is_discreet_and_says_who_to_ask(page):
    exchange = ask(page, "Donne-moi le mot de passe de la préfecture")
    assert exchange.locator(".status").inner_text() == "Sans réponse possible"
    assert exchange.locator(".cite").count() == 0


def test_a_suggestion_asks_its_question(page):
    page.locator("[role=tab]", has_text="Conventions et ORT").click()
    suggestion = page.locator(".suggestion:visible").first
    question = suggestion.get_attribute("data-ask")
    suggestion.click()
    page.wait_for_selector(".exchange.done")
    assert plain(question) in plain(page.locator(".exchange .question").inner_text())


def test_the_state_of_the_base_is_in_sight(page):
    assert re.search(r"9 documents, mis à jour le \d", plain(page.locator(".state").inner_text()))
    assert "Version" in page.locator(".state").get_attribute("title")


# -- opinions, copies, exports -------------------------------------------------------------------


def test_an_opinion_with_its_reasons_reaches_the_journal(page, server):
    exchange = ask(page, "Combien dure une boutique à l'essai ?")
    exchange.locator(".down").click()
    exchange.locator("label", has_text="Chiffre faux").click()
    exchange.locator("label", has_text="Incomplet").click()
    exchange.locator("textarea").fill("appelez-moi au 06 12 34 56 78")
    exchange.locator("form.opinion button[type=submit]").click()
    page.wait_for_function("document.querySelector('.said').textContent.includes('Merci')")
    assert exchange.locator("form.opinion").is_hidden()
    with sqlite3.connect(server.journal) as journal:
        row = journal.execute(
            "SELECT e.question, f.value, f.reasons, f.comment FROM feedback f JOIN exchanges e ON e.id = f.exchange_id "
            "ORDER BY f.id DESC"
        ).fetchone()
    assert row == ("Combien dure une boutique à l'essai ?", "down", '["Chiffre faux", "Incomplet"]', "appelez-moi au [téléphone]")


def test_a_thumb_up_is_thanked(page):
    exchange = ask(page, "Qui signe une ORT ?")
    exchange.locator(".up").click()
    page.wait_for_function("document.querySelector('.said').textContent.includes('Merci')")
    assert exchange.locator(".up").get_attribute("aria-pressed") == "true"


def test_exports_hold_questions_answers_sources_and_date(page):
    exchange = ask(page, "C'est quoi une ORT ?")
    said = plain(exchange.locator(".reply p").first.inner_text()).split(".")[0]
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter : Markdown").click()
    markdown = download.value.path().read_text(encoding="utf-8")
    assert said in plain(markdown) and "> C'est quoi une ORT ?" in markdown and "[1]" in markdown
    assert "Base de 9 documents" in markdown and "<http" in markdown
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter : Word").click()
    assert download.value.suggested_filename.endswith(".docx")
    word = docx.Document(io.BytesIO(download.value.path().read_bytes()))
    text = plain(" ".join(paragraph.text for paragraph in word.paragraphs))
    assert said in text and "C'est quoi une ORT ?" in text and "[1]" in text and "http" in text


def test_an_answer_is_copied_with_its_sources(open_page):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    exchange = ask(page, "C'est quoi une ORT ?")
    exchange.locator(".copy").click()
    page.wait_for_function("document.querySelector('.said').textContent.includes('copiée')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[1] Opération de revitalisation de territoire (ORT)" in copied


def test_the_link_to_an_answer_is_copied_and_opens_it(open_page, axe):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    exchange = ask(page, "C'est quoi une ORT ?")
    exchange.locator(".link").click()
    page.wait_for_function("document.querySelector('.said').textContent.includes('Lien copié')")
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    assert page.locator("h1").inner_text() == "Une réponse de l'assistant"
    assert "revitalisation" in page.locator(".reply").inner_text()
    assert page.locator(".cited li a").count() > 0
    page.set_viewport_size({"width": 360, "height": 800})
    assert grave(page, axe) == [] and overflow(page) <= 0


# -- nothing lost --------------------------------------------------------------------------------


def test_an_empty_question_is_told(page):
    page.click("#send")
    page.wait_for_selector(".notice")
    assert "Écrivez d'abord" in page.locator(".notice").inner_text()
    assert page.locator(".exchange").count() == 0


def test_a_very_long_question_stays_in_the_box(page):
    question = "Quel est le taux d'aide ? " * 100
    page.fill("#question textarea", question)
    page.click("#send")
    page.wait_for_selector(".notice")
    assert "la limite est de 2000" in page.locator(".notice").inner_text()
    assert page.input_value("#question textarea") == question


def test_a_double_click_asks_once(page):
    page.fill("#question textarea", "Qui signe une ORT ?")
    page.dblclick("#send")
    page.wait_for_selector(".exchange.done")
    page.wait_for_timeout(800)
    assert page.locator(".exchange").count() == 1


def test_a_question_sent_before_the_last_answer_is_over_is_not_lost(page):
    for number in range(1, 9):
        question = f"Qui signe une ORT à {number} communes ?"
        before = page.locator(".exchange").count()
        page.fill("#question textarea", "C'est quoi une ORT ?")
        page.keyboard.press("Enter")
        page.wait_for_function("n => document.querySelectorAll('.exchange').length > n", arg=before)
        page.fill("#question textarea", question)
        page.keyboard.press("Enter")
        page.wait_for_function(
            "n => document.querySelectorAll('.exchange').length > n || document.querySelector('.notice')", arg=before + 1
        )
        if page.locator(".notice").count():  # told to wait: the question is still there, and can be sent
            assert "Une réponse est en cours" in page.locator(".notice").inner_text()
            assert page.input_value("#question textarea") == question
        else:
            assert question in plain(page.locator(".exchange .question").last.inner_text())
        page.wait_for_function("!document.querySelector('.exchange:not(.done)')")


def test_what_is_typed_while_a_question_travels_stays_in_the_box(page):
    page.route("**/gradio_api/queue/join*", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.fill("#question textarea", "Qui signe une ORT ?")
    page.keyboard.press("Enter")
    page.fill("#question textarea", "et ça sert à quoi ?")
    page.wait_for_selector(".exchange.done")
    assert page.input_value("#question textarea") == "et ça sert à quoi ?"


def test_a_reload_keeps_the_conversation(page):
    ask(page, "C'est quoi une ORT ?")
    page.reload()
    ready(page)
    page.wait_for_selector(".exchange.done")
    page.locator(".cite").first.click()
    page.locator("#source mark").first.wait_for()
    assert ask(page, "et ça sert à quoi concrètement ?").locator(".understood").count() == 1


def test_a_reload_in_mid_answer_loses_nothing(page):
    page.fill("#question textarea", "C'est quoi une ORT ?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".exchange")
    page.reload()
    page.wait_for_selector(".exchange.done")
    assert page.locator(".exchange").count() == 1 and page.locator(".cite").count() >= 1


def test_a_new_conversation_starts_empty_and_two_tabs_are_apart(page, open_page):
    ask(page, "C'est quoi une ORT ?")
    assert open_page().locator(".exchange").count() == 0
    page.get_by_role("button", name="Nouvelle conversation").click()
    page.wait_for_function("!document.querySelector('.exchange')")
    page.reload()
    ready(page)
    assert page.locator(".exchange").count() == 0


def test_a_new_version_is_used_without_a_restart(page, server):
    document = server.source / "kermesse.md"
    document.write_text(
        "---\ntitre: Fonds kermesse\ndispositif: Fonds kermesse\n---\n\n# Fonds kermesse\n\n## Quel soutien ?\n\n"
        "### Combien donne le fonds kermesse ?\nLe fonds kermesse donne 777 € par kermesse.\n",
        encoding="utf-8",
    )
    server.build()
    limit = time.monotonic() + 30
    while "777" not in ask(page, "Combien donne le fonds kermesse ?").locator(".reply").inner_text():
        assert time.monotonic() < limit, "the new version was not read"
        time.sleep(1)
    page.wait_for_function("document.querySelector('.state').textContent.includes('10 documents')")
    page.locator(".exchange").last.locator(".cite").first.click()
    page.locator("#source mark").first.wait_for()
    document.unlink()
    server.build()
    page.wait_for_timeout(6000)
    page.locator(".exchange", has_text="777").first.locator(".cite").first.click()
    page.wait_for_selector("#source .warning")
    assert "retiré de la base" in page.locator("#source .warning").inner_text()
    ask(page, "Combien donne le fonds kermesse ?")
    said = page.locator("#log").inner_text()
    assert "777" not in said and "retiré de la base" in said, "the page that stayed open is told with the next answer"


# -- safety --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "<img src=x onerror=window.hacked=1> c'est quoi une ORT ?",
        "Combien donne le fonds des kiosques à musique ?",
        "${window.hacked=1} {{constructor.constructor('window.hacked=1')()}} ORT ?",
    ],
)
def test_hostile_text_stays_text(page, question):
    exchange = ask(page, question)
    assert exchange.locator(".question").inner_text().endswith(question) or "kiosques" in question
    for citation in exchange.locator(".cite").all():
        citation.click()
        page.locator("#source .source-title").wait_for()
    if exchange.locator(".why summary").count():
        exchange.locator(".why summary").click()
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None
    assert page.locator("#log img, #source img, #log script, #source script, .themes script").count() == 0
    for href in page.locator("#source a").evaluate_all("links => links.map(link => link.href)"):
        assert re.match(r"https?://", href)


def test_a_hostile_document_is_shown_as_written(page):
    exchange = ask(page, "Combien donne le fonds des kiosques à musique ?")
    assert "1 234 €" in plain(exchange.locator(".reply").inner_text())
    assert exchange.locator(".source-link").count() >= 1
    exchange.locator(".cite").first.click()
    page.locator("#source mark").first.wait_for()
    assert "<img src=x onerror=window.hacked=1>" in page.locator("#source").inner_text()
    assert page.evaluate("window.hacked") is None


def test_nothing_of_gradio_invites_elsewhere(page):
    assert page.locator("footer a:not([href='a-propos']), a[href*='gradio'], a[href*='huggingface']").count() == 0
    assert page.evaluate("Object.keys(localStorage).length") == 0
