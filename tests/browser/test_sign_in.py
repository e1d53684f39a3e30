"""Signing in, being made to wait, changing one's password and signing out, in a real browser."""

from __future__ import annotations

from itertools import count

import pytest

from assistant.records.accounts import TRIES, Accounts
from assistant.records.database import Database
from assistant.web.staff import desk_texts
from tests.browser.conftest import sign_in
from tests.browser.test_accessibility import grave, overflow

pytestmark = pytest.mark.slow

GOOD = "cheval batterie agrafe"
_numbers = count(1)


@pytest.fixture
def login(server):
    """A member of the staff nobody else uses."""
    made = f"prenom.nom{next(_numbers)}@petite-ville-de-demain.fr"
    Accounts(Database(f"sqlite:///{server.journal}")).add(made, "relecteur", GOOD)
    return made


@pytest.fixture
def visit(browser, server):
    """Open a page of the staff in a fresh context; at the end, no error, no refusal by the policy, no address elsewhere."""
    contexts, seen, wrong = [], [], []

    def opened(path, width=1440, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: seen.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(server.url.rstrip("/") + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert {url for url in seen if not url.startswith((server.url, "data:"))} == set()
    assert wrong == []


def checked(page, axe) -> None:
    assert grave(page, axe) == []
    assert overflow(page) <= 0


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1440, "light")])
def test_one_signs_in_for_the_page_asked_for_and_out_of_all_of_them(visit, axe, login, width, scheme):
    page = visit("/equipe/compte?a=1", width, 800, color_scheme=scheme)
    assert page.url.endswith("/equipe/connexion?suite=%2Fequipe%2Fcompte%3Fa%3D1")
    assert page.evaluate("document.activeElement.id") == "login"
    checked(page, axe)
    sign_in(page, login, "pas le bon")
    assert page.get_by_role("alert").inner_text()
    assert page.evaluate("document.activeElement.id") == "password" and page.get_by_label("Identifiant").input_value() == login
    checked(page, axe)
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/equipe/compte?a=1")
    assert login in page.inner_text("main")
    checked(page, axe)
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("status").wait_for()
    assert page.get_by_label("Identifiant").input_value() == ""
    page.go_back()
    assert "connexion" in page.url and login not in page.inner_text("body"), "the page seen before is kept nowhere"
    page.goto(page.url.partition("/equipe")[0] + "/equipe/compte")
    assert "connexion" in page.url


@pytest.mark.parametrize("width", [360, 1440])
def test_after_five_wrong_passwords_the_right_one_waits(visit, axe, login, width):
    page = visit("/equipe", width, 800)
    for _ in range(TRIES.own[0].count):
        sign_in(page, login, "pas le bon")
        assert "Réessayez" not in page.get_by_role("alert").inner_text()
    sign_in(page, login, GOOD)
    assert "Réessayez" in page.get_by_role("alert").inner_text()
    checked(page, axe)


def test_a_password_is_changed_by_keyboard_without_a_script(visit, login):
    page = visit("/equipe/compte", 1440, 900, java_script_enabled=False)
    page.locator("input:focus").wait_for()  # the page puts the cursor in the first field, once it is drawn
    for typed in (login, GOOD):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/equipe/compte")
    new = "tracteur violet samedi"
    page.get_by_label("Mot de passe actuel").fill(GOOD)
    page.get_by_label("Nouveau mot de passe", exact=True).fill(new)
    page.get_by_label("Nouveau mot de passe, une seconde fois").fill(new)
    page.get_by_role("button", name="Changer").click()
    page.get_by_role("status").wait_for()
    sign_in(page, login, new)
    page.wait_for_url("**/equipe**")
    page.goto(page.url.partition("/equipe")[0] + "/equipe/n-importe")
    assert page.locator("h1").inner_text() == desk_texts.NOT_FOUND


def test_signing_out_of_one_browser_leaves_the_other_signed_in(visit, login):
    one, two = visit("/equipe/compte"), visit("/equipe/compte")
    for page in (one, two):
        sign_in(page, login, GOOD)
        page.wait_for_url("**/equipe/compte")
    one.get_by_role("button", name="Se déconnecter").click()
    two.reload()
    assert login in two.inner_text("main") and "connexion" not in two.url
