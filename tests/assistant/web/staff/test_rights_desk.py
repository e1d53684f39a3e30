"""Rights on the staff's side: every member takes, editors erase; the register is what the settings do."""

from __future__ import annotations

import json

from assistant.records.accounts import Accounts
from assistant.records.database import Database
from assistant.records.reviews import ReferenceState
from assistant.records.rights import Rights
from assistant.web.shared import notice_texts
from assistant.web.staff import desk_texts
from tests.assistant.conftest import notices
from tests.assistant.web.staff.test_review_page import HTML, RATE, Site, desk

__all__ = ["desk"]  # the fixture


def editor(desk: Site) -> Site:
    Accounts(Database(desk.settings.journal)).set_role("lea", "editeur")
    return desk


def erase(desk: Site, path: str):
    return desk.client.post(path, data={"csrf": desk.csrf}, headers=HTML)


def test_a_member_takes_an_exchange_and_only_an_editor_erases_it(desk):
    number = desk.ask(RATE)
    page = f"/equipe/verifier/{number}"
    assert f'href="{page}/donnees"' in desk.get(page).text and f'href="{page}/effacer"' not in desk.get(page).text
    assert json.loads(desk.get(f"{page}/donnees").content)["echange"]["question"] == RATE
    assert erase(desk, f"{page}/effacer").status_code == 403 and desk.get(page)
    editor(desk)
    assert f'href="{page}/effacer"' in desk.get(page).text
    assert RATE in desk.page(f"{page}/effacer") and desk.get(page)
    assert desk.client.post(f"{page}/effacer", headers=HTML).status_code == 403, "without the token of the form"
    gone = erase(desk, f"{page}/effacer")
    assert gone.status_code == 303 and notices(desk.page(gone.headers["location"]))
    desk.get(page, 404)
    desk.get(f"{page}/donnees", 404)
    assert erase(desk, f"{page}/effacer").status_code == 404


def test_a_validated_answer_loses_its_question_with_its_exchange_then_goes(desk):
    number = desk.ask(RATE)
    desk.judge(number, action="valider")
    reference = desk.reviews.of(number)
    editor(desk)
    place = f"/equipe/verifier/reponses/{reference.id}"
    assert json.loads(desk.get(f"{place}/donnees").content)["reponse_validee"]["question"] == RATE
    erase(desk, f"/equipe/verifier/{number}/effacer")
    listed = desk.page("/equipe/verifier/reponses")
    assert RATE not in listed and "(question effacée)" in listed
    assert desk.reviews.reference(reference.id).state is ReferenceState.ACTIVE and desk.current.ask(RATE).validated
    assert "(question effacée)" in desk.page(f"{place}/effacer")
    assert erase(desk, f"{place}/effacer").status_code == 303 and desk.current.ask(RATE).validated is None


def test_a_question_to_the_team_is_taken_and_erased(desk):
    rights = Rights(Database(desk.settings.journal))
    found = rights.questions.find(rights.questions.put("Qui paie le kiosque ?", "", "not_found"))
    place = f"/equipe/sans-reponse/questions/{found.id}"
    assert "kiosque" in desk.get(f"{place}/donnees").text and f'href="{place}/donnees"' in desk.get(place).text
    editor(desk)
    assert erase(desk, f"{place}/effacer").status_code == 303 and rights.questions.get(found.id) is None
    desk.get(place, 404)


def test_numbers_that_name_nothing_are_refused_in_french(desk):
    for place in ("/equipe/verifier", "/equipe/verifier/reponses", "/equipe/sans-reponse/questions"):
        for number in ("999", "99999999999999"):
            assert desk_texts.NOT_FOUND in desk.page(f"{place}/{number}/donnees", 404)


def test_the_register_says_what_the_settings_do_and_leaves_to_fill_in_what_it_cannot_know(desk):
    page, file = desk.page("/equipe/registre"), desk.get("/equipe/registre/fichier")
    for text in ("365 jours", notice_texts.NOTHING_SENT, notice_texts.TO_FILL_IN):
        assert text in page.replace("&#39;", "'") and text in file.text, text
    assert file.headers["content-type"].startswith("text/markdown") and file.text.startswith("# ")
    assert 'href="/equipe/registre"' in desk.get("/equipe/compte").text
