"""Answers that a model writes, in a real browser: sentences come checked, hostile ones never, and the asker chooses and stops."""

from __future__ import annotations

import re
from itertools import cycle

import pytest

from assistant.generation import generation_texts
from assistant.generation.faults import ModelFault
from assistant.web.public import page_texts as texts
from tests.assistant.conftest import FICHES, write
from tests.browser.conftest import ask, index_of, plain, ready, serving
from tests.browser.test_accessibility import grave, overflow
from tests.scripted_model import KEY, NAME, RATE, STUDIES, scripted

pytestmark = pytest.mark.slow

QUESTION = "Quel est le taux du plan Halles ?"
HOSTILE = ("HTML", "a Markdown image", "a link", "a rate raised", "other language", "injected instructions repeated", "a table")


@pytest.fixture(scope="module")
def model():
    with scripted() as running:
        yield running


@pytest.fixture(scope="module")
def written_server(tmp_path_factory, model):
    folder = tmp_path_factory.mktemp("rédaction")
    source = write(folder / "base", FICHES)
    index_of(source, folder / "index")
    settings = {"URL": model.url, "NAME": NAME, "KEY": KEY, "FIRST_TOKEN_SECONDS": "5"}
    with serving(folder, source, **{f"ASSISTANT_MODEL_{name}": value for name, value in settings.items()}) as running:
        yield running


@pytest.fixture(params=[1440, 360])
def page(browser, written_server, request, model):
    context = browser.new_context(viewport={"width": request.param, "height": 800}, locale="fr-FR")
    opened, elsewhere, errors = context.new_page(), [], []
    opened.on("request", lambda asked: elsewhere.append(asked.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.set_default_timeout(20_000)
    opened.goto(written_server.url)
    ready(opened)
    model.script = "good"
    yield opened
    context.close()
    assert not [url for url in elsewhere if not url.startswith((written_server.url, "data:", "blob:"))] and not errors


def test_a_written_answer_says_so_and_its_citations_open(page, axe):
    exchange = ask(page, QUESTION)
    shown = plain(exchange.inner_text())
    assert RATE in shown and STUDIES in shown and NAME in exchange.locator(".written").inner_text()
    exchange.locator(".cite").first.click()
    page.locator("#source mark").first.wait_for()
    assert "35 %" in plain(page.locator("#source mark").first.inner_text())
    assert grave(page, axe) == [] and overflow(page) <= 0


def test_what_is_hostile_or_wrong_is_never_on_screen(page, model):
    for name, question in zip(HOSTILE, cycle((QUESTION, "Le taux du plan Halles, c'est combien ?"))):
        model.script = name
        exchange = ask(page, question)  # never the same twice in a row, which the page takes for a double click
        shown = plain(exchange.inner_text())
        assert "35 %" in shown and "70 000 €" in shown
        assert not re.search(r"<|http|85 %|80 %|The plan|mot de passe|espion", plain(exchange.locator(".reply").inner_text())), (
            name
        )
        assert exchange.locator(".reply :is(img, script, a, table)").count() == 0


def test_the_asker_chooses_a_letter_and_it_is_folded_again(page, model, axe):
    page.locator("#style summary").click()
    for name in (texts.STYLE_FORMS["courrier"], texts.STYLE_PLAIN):
        page.locator("#style .chip", has_text=name).click()
    assert grave(page, axe) == [] and overflow(page) <= 0
    exchange = ask(page, QUESTION)
    assert generation_texts.LETTER_END in plain(exchange.inner_text()) and STUDIES in plain(exchange.inner_text())
    assert not page.locator("#style .choices").is_visible()
    assert texts.STYLE_PLAIN in page.locator("#style summary").inner_text()


def test_the_asker_stops_and_reads_the_passages(page, model):
    model.script = "slow tokens"
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    page.locator("[data-stop]").click()
    exchange = page.locator(".exchange.done").last
    exchange.wait_for()
    assert generation_texts.FAULTS[ModelFault.STOPPED] in plain(exchange.locator(".written").inner_text())
    assert "35 %" in plain(exchange.inner_text())
