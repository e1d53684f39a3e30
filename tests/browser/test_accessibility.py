"""The page for everyone: language, keyboard, small screens, screen readers, axe's rules."""

from __future__ import annotations

import json
import urllib.request

import pytest

from assistant.web.public import page_texts as texts
from tests.browser.conftest import ask

pytestmark = pytest.mark.slow

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def grave(page, axe, changed: str = "") -> list[str]:
    """Serious and critical violations, as readable lines.

    Contrast takes most of the time, text by text: where only a part of a page seen before has `changed` (a selector), it is
    measured in that part, and every other rule on the whole page.
    """
    page.evaluate(f"if (!window.axe) {{ {axe} }}")
    found = page.evaluate(
        """async ([rules, changed]) => {
            const run = async (where, options) => (await axe.run(where, {resultTypes: ['violations'], ...options})).violations;
            if (!changed) return run(document, {runOnly: rules});
            const others = await run(document, {runOnly: rules, rules: {'color-contrast': {enabled: false}}});
            return others.concat(await run(changed, {runOnly: {type: 'rule', values: ['color-contrast']}}));
        }""",
        [RULES, changed],
    )
    return [
        f"{v['id']} ({v['impact']}): {json.dumps([n['html'][:160] for n in v['nodes'][:3]], ensure_ascii=False)}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_the_page_is_served_in_french(server):
    with urllib.request.urlopen(server.url) as response:
        page = response.read().decode("utf-8")
        assert "default-src 'self'" in response.headers["content-security-policy"]
    assert 'lang="fr"' in page and 'lang="en"' not in page
    assert f"<title>{texts.TITLE}</title>" in page and 'name="description"' in page
    assert "og:image" not in page and "githubusercontent" not in page


def test_the_page_is_named_in_french_and_so_are_its_parts(page):
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert page.title() == texts.TITLE
    ask(page, "C'est quoi une ORT ?")
    names = page.evaluate("[...document.querySelectorAll('[aria-label]')].map(e => e.getAttribute('aria-label'))")
    english = {"Like", "Dislike", "Copy", "Clear", "Submit", "Send", "chatbot conversation", "Loading"}
    assert names and not english & set(names)


def test_a_browser_in_another_language_reads_french(browser, server):
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.route("**/gradio_api/**", lambda route: None)  # the page never gets further than « Chargement… »
    page.goto(server.url)
    page.wait_for_function("document.body.innerText.trim().length > 0")
    page.wait_for_timeout(500)  # whatever would be said in English next
    shown = page.inner_text("body")
    context.close()
    assert "Loading" not in shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_no_serious_violation_of_axe(open_page, axe, scheme, width):
    page = open_page(width, 800, color_scheme=scheme)
    assert grave(page, axe) == [], "empty page"
    exchange = ask(page, "C'est quoi une ORT ?")
    exchange.locator(".why summary").click()
    exchange.locator(".down").click()
    assert grave(page, axe) == [], "answered"
    exchange.locator(".cite").first.click()
    page.locator("#source mark").first.wait_for()
    assert grave(page, axe, changed="#source") == [], "source open"


def test_nothing_scrolls_sideways_at_any_width(open_page):
    page, widths = open_page(320, 740), (320, 360, 768, 1024, 1440)

    def scrolled() -> list[int]:
        found = []
        for width in widths:
            page.set_viewport_size({"width": width, "height": 740})
            found += [width] if overflow(page) > 0 else []
        return found

    assert scrolled() == []
    ask(page, "C'est quoi une ORT ? " + "W" * 120)
    exchange = ask(page, "C'est quoi une ORT ?")
    exchange.locator(".down").click()
    exchange.locator(".why summary").click()
    assert scrolled() == [], "answered"
    exchange.locator(".cite").first.click()
    page.locator("#source mark").first.wait_for()
    assert scrolled() == [], "source open"


def test_a_question_and_its_source_by_keyboard_alone(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.type("C'est quoi une ORT ?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".exchange.done")
    page.locator(".cite").first.focus()
    page.keyboard.press("Enter")
    page.locator("#source mark").first.wait_for()
    assert page.evaluate("document.activeElement.className") == "source-title"


def test_themes_move_with_the_arrows(page):
    page.locator("[role=tab]").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("[role=tab]").nth(1).get_attribute("aria-selected") == "true"
    assert page.locator("[role=tabpanel]:visible").count() == 1


def test_the_focus_is_visible(page):
    page.locator("#question textarea").focus()
    page.keyboard.press("Tab")
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(width.removesuffix("px")) >= 2


def test_a_complete_answer_is_announced_once(page):
    page.evaluate("""() => {
        window.said = [];
        new MutationObserver(() => {
            const text = document.querySelector('#announce')?.textContent;
            if (text) window.said.push(text);
        }).observe(document.body, {childList: true, subtree: true, characterData: true});
    }""")
    ask(page, "C'est quoi une ORT ?")
    page.wait_for_timeout(500)
    said, sources = page.evaluate("window.said"), page.locator("#log .sources li").count()
    assert set(said) == {texts.announce(sources)}
    assert page.locator("#announce").get_attribute("aria-live") == "polite"
    assert page.locator("#log").get_attribute("aria-live") == "off"


def test_motion_stops_when_asked(open_page):
    page = open_page(reduced_motion="reduce")
    suggestion = "getComputedStyle(document.querySelector('.suggestion')).transitionDuration"
    assert set(page.evaluate(suggestion).split(", ")) == {"0s"}
