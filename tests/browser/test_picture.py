"""The picture of the README: a real question answered from the base that ships, its first source open.

`make docs` writes it (`--update-docs`); otherwise the page is shot all the same, and the picture kept is held against it.
"""

from __future__ import annotations

import pytest
from PIL import Image

from tests.browser.conftest import ROOT, ask, ready, serving
from tests.published import index_of_the_base

pytestmark = pytest.mark.slow

PICTURE = ROOT / "docs" / "chat.png"
SIZE = 1280, 860
QUESTION = "Combien touche la collectivité pour un VTA ?"
COLOURS = 200  # fewer than any page of text has, more than an empty one
FACTOR = 3  # between the weights of two pictures of the same page: fonts differ from one machine to the next


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A server on the base that ships, whose index all workers share."""
    index = index_of_the_base(tmp_path_factory)
    with serving(tmp_path_factory.mktemp("picture"), ROOT / "knowledge", index) as running:
        yield running


@pytest.fixture
def page(browser, whole):
    """The page as the README shows it: light, still, French."""
    width, height = SIZE
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="fr-FR", color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(whole.url)
    ready(page)
    yield page
    context.close()


def shot(page, path) -> None:
    """The window as it stands, without a caret, nothing under the mouse."""
    page.mouse.move(2, SIZE[1] - 2)
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.screenshot(path=str(path), animations="disabled", caret="hide")


def test_the_page_is_shot_for_the_readme(page, pytestconfig, tmp_path):
    exchange = ask(page, QUESTION)
    assert "15 000" in exchange.locator(".reply").inner_text().replace("\u202f", " ").replace("\xa0", " ")
    exchange.locator(".cite").first.click()
    page.locator("#source mark").first.wait_for()
    page.evaluate("scrollTo(0, 0)")
    for shown in (exchange.locator(".question"), page.locator("#source .source-title")):
        box = shown.bounding_box()
        assert box and 0 <= box["y"] < SIZE[1], "it is in the picture"
    update = pytestconfig.getoption("--update-docs")
    path = PICTURE if update else tmp_path / "chat.png"
    shot(page, path)
    with Image.open(path) as picture:
        assert picture.size == SIZE
        colours = picture.convert("RGB").getcolors(maxcolors=SIZE[0] * SIZE[1])
    assert len(colours) > COLOURS, "the page is not empty"
    assert PICTURE.is_file(), "`make docs` makes it"
    with Image.open(PICTURE) as kept:
        assert kept.size == SIZE
    assert 1 / FACTOR < path.stat().st_size / PICTURE.stat().st_size < FACTOR
