"""The public page in a real browser: asking, checking a source, following up, telling what is wrong."""

from __future__ import annotations

import io
import json
import re
import sqlite3

import docx
import pytest

from assistant.answering.answer import Status
from assistant.web.public import page_texts as texts
from assistant.web.shared import common_texts
from index.versions import Versions
from tests.browser.conftest import ask, plain, ready
from tests.browser.test_accessibility import grave, overflow

pytestmark = pytest.mark.slow


# -- asking and checking -------------------------------------------------------------------------


def test_a_question_is_answered_with_sources(page):
    exchange = ask(page, "c koi une ORT")
    assert "opération de revitalisation de territoire" in exchange.locator(".reply").inner_text().lower()
    assert exchange.locator(".cite").count() >= 1
    assert "ORT" in exchange.locator(".understood").inner_text() and "koi" not in exchange.locator(".understood").inner_text()
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
    first = re.split(r"[.;:,] ?", plain(exchange.locator(".reply").inner_text()).replace(" 1", ""))[0]
    assert first in plain(mark.inner_text()), "what the answer says first is what is marked"
    extract, box = page.locator("#source .extract").bounding_box(), mark.bounding_box()
    assert extract["y"] <= box["y"] < extract["y"] + extract["height"]
    panel = plain(page.locator("#source").inner_text())
    assert "Opération de revitalisation de territoire" in panel
    assert common_texts.TO_REVIEW.format(date="1er janvier 2025") in panel
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


def test_an_answer_says_why_and_only_the_last_one_shows_it(page):
    exchange = ask(page, "c koi une ORT")
    exchange.locator(".why summary").click()
    shown = plain(exchange.locator(".why").inner_text())
    assert texts.WHY_QUESTION in shown and re.search(re.escape(texts.WHY_PROBABILITY) + r"\W+\d+ ?%", shown)
    assert exchange.locator(".why tbody tr").count() >= 3
    ask(page, "Qui signe une ORT ?")
    assert page.locator(".why:visible").count() == 1


def test_a_refusal_is_told_as_one_and_cites_nothing(page):
    exchange = ask(page, "Donne-moi le mot de passe de la préfecture")
    assert exchange.locator(".status.refused").inner_text() == texts.STATUS[Status.REFUSED]
    assert exchange.locator(".cite").count() == 0


def test_a_suggestion_asks_its_question(page):
    page.locator("[role=tab]", has_text="Conventions et ORT").click()
    suggestion = page.locator(".suggestion:visible").first
    question = suggestion.get_attribute("data-ask")
    suggestion.click()
    page.wait_for_selector(".exchange.done")
    assert plain(question) in plain(page.locator(".exchange .question").inner_text())


def test_the_state_of_the_base_is_in_sight(page, server):
    state = plain(page.locator(".state").inner_text())
    assert texts.STATE_DOCUMENTS.format(count=9) in state and re.search(r"\d{4}", state), "how many, and since when"
    assert Versions(server.index).current().name in page.locator(".state").get_attribute("title")


# -- opinions, copies, exports -------------------------------------------------------------------


def test_an_opinion_with_its_reasons_reaches_the_journal(page, server):
    exchange = ask(page, "Combien dure une boutique à l'essai ?")
    exchange.locator(".down").click()
    reasons = [texts.REASONS["chiffre_faux"], texts.REASONS["incomplet"]]
    for reason in reasons:
        exchange.locator("label", has_text=reason).click()
    exchange.locator("textarea").fill("appelez-moi au 06 12 34 56 78")
    exchange.locator("form.opinion button[type=submit]").click()
    exchange.get_by_text(texts.FEEDBACK_THANKS).wait_for()
    assert exchange.locator("form.opinion").is_hidden()
    with sqlite3.connect(server.journal) as journal:
        row = journal.execute(
            "SELECT e.question, f.value, f.reasons, f.comment FROM feedback f JOIN exchanges e ON e.id = f.exchange_id "
            "ORDER BY f.id DESC"
        ).fetchone()
    assert row[:2] == ("Combien dure une boutique à l'essai ?", "down")
    assert json.loads(row[2]) == reasons and row[3] == "appelez-moi au [téléphone]", "masked"


def test_a_thumb_up_is_thanked(page):
    exchange = ask(page, "Qui signe une ORT ?")
    exchange.locator(".up").click()
    exchange.get_by_text(texts.FEEDBACK_THANKS).wait_for()
    assert exchange.locator(".up").get_attribute("aria-pressed") == "true"


def test_exports_hold_questions_answers_sources_and_date(page):
    exchange = ask(page, "C'est quoi une ORT ?")
    said = plain(exchange.locator(".reply p").first.inner_text()).split(".")[0]
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter : Markdown").click()
    markdown = download.value.path().read_text(encoding="utf-8")
    assert said in plain(markdown) and "> C'est quoi une ORT ?" in markdown and "[1]" in markdown
    assert "9 documents" in markdown and "<http" in markdown
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
    exchange.get_by_text(texts.COPIED).wait_for()
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
    assert plain(page.locator(".notice").inner_text()) == texts.EMPTY
    assert page.locator(".exchange").count() == 0


def test_a_very_long_question_stays_in_the_box(page):
    question = " ".join(["Quel est le taux d'aide ?"] * 100)
    page.fill("#question textarea", question)
    page.click("#send")
    page.wait_for_selector(".notice")
    assert plain(page.locator(".notice").inner_text()) == texts.TOO_LONG.format(length=len(question), limit=2000)
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
            assert plain(page.locator(".notice").inner_text()) == texts.BUSY
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
    server.publish()
    assert "777" in ask(page, "Combien donne le fonds kermesse ?").locator(".reply").inner_text()
    assert texts.STATE_DOCUMENTS.format(count=10) in plain(page.locator(".state").inner_text())
    page.locator(".exchange").last.locator(".cite").first.click()
    page.locator("#source mark").first.wait_for()
    document.unlink()
    server.publish()
    page.locator(".exchange", has_text="777").first.locator(".cite").first.click()
    page.wait_for_selector("#source .warning")
    assert plain(page.locator("#source .warning").inner_text()) == common_texts.WITHDRAWN
    ask(page, "Combien donne le fonds kermesse ?")
    said = plain(page.locator("#log").inner_text())
    assert "777" not in said and texts.TAKEN_BACK in said, "the page that stayed open is told with the next answer"


# -- safety --------------------------------------------------------------------------------------


def test_hostile_text_stays_text(page):
    for question in (
        "<img src=x onerror=window.hacked=1> c'est quoi une ORT ?",
        "Combien donne le fonds des kiosques à musique ?",  # its fiche is hostile
        "${window.hacked=1} {{constructor.constructor('window.hacked=1')()}} ORT ?",
    ):
        exchange = ask(page, question)
        assert plain(exchange.locator(".question").inner_text()).endswith(question)
        for citation in exchange.locator(".cite").all():
            citation.click()
            page.locator("#source .source-title").wait_for()
        if exchange.locator(".why summary").count():
            exchange.locator(".why summary").click()
        page.wait_for_timeout(300)
        assert page.evaluate("window.hacked") is None, question
        assert page.locator("#log img, #source img, #log script, #source script, .themes script").count() == 0, question
        for href in page.locator("#source a").evaluate_all("links => links.map(link => link.href)"):
            assert re.match(r"https?://", href), question


def test_a_hostile_document_is_shown_as_written(page):
    exchange = ask(page, "Combien donne le fonds des kiosques à musique ?")
    assert "1 234 €" in plain(exchange.locator(".reply").inner_text())
    assert exchange.locator(".source-link").count() >= 1
    exchange.locator(".cite").first.click()
    page.locator("#source mark").first.wait_for()
    assert "<img src=x onerror=window.hacked=1>" in page.locator("#source").inner_text()
    assert page.evaluate("window.hacked") is None


def test_nothing_of_gradio_invites_elsewhere(page):
    ours = "[href='a-propos'], [href='confidentialite']"
    assert page.locator(f"footer a:not({ours}), a[href*='gradio'], a[href*='huggingface']").count() == 0
    assert page.evaluate("Object.keys(localStorage).length") == 0
