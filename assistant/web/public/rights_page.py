"""The privacy notice; and what whoever has the link of an exchange or of a question to the team may do of it: take it, erase it.

The link is the right: it is drawn for its author, who may give it. Erasing asks once more, on a page of its own. Nothing is said
of what is not, or no longer, kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response

from assistant.records.journal import Exchange
from assistant.records.rights import Rights
from assistant.records.team_questions import TeamQuestion
from assistant.settings import Settings
from assistant.web.public import answer_link, reading_pages
from assistant.web.public import page_texts as texts
from assistant.web.shared import notice_texts
from assistant.web.shared.attachments import attached_data
from assistant.web.shared.data_notice import notice
from assistant.web.shared.team_reply import ADDRESS

NOTICE = "/confidentialite"
Kept = TypeVar("Kept", Exchange, TeamQuestion)


def router(rights: Rights, settings: Settings) -> APIRouter:
    """The notice, and two addresses for each kind of link."""
    routes = APIRouter()

    @routes.get(NOTICE)
    def told() -> Response:
        answer = reading_pages.TEMPLATES.render(
            "privacy.html", title=notice_texts.NOTICE_TITLE, sections=notice(settings, rights.journal.keeps)
        )
        answer.headers["content-security-policy"] = reading_pages.POLICY
        return answer

    journal, questions = rights.journal, rights.questions
    _add(routes, answer_link.ADDRESS, texts.ERASE_EXCHANGE, journal.linked, rights.exported_exchange, rights.erase_exchange)
    _add(routes, ADDRESS, texts.ERASE_QUESTION, questions.find, rights.exported_question, rights.erase_question)
    return routes


def _add(
    routes: APIRouter,
    address: str,
    said: texts.ErasureText,
    find: Callable[[str], Kept | None],
    export: Callable[[Kept], Mapping[str, Any]],
    erase: Callable[[int], bool],
) -> None:
    """What a kind of link gives a right to: its data, and its erasure.

    Args:
        find: what a link leads to; None when it is not kept.
        erase: by its number; False when it is gone meanwhile.
    """

    @routes.get(f"{address}/{{token}}/donnees")
    def take(token: str) -> Response:
        found = find(token)
        if found is None:
            return _page(texts.ERASE_GONE, 404)
        answer = attached_data(export(found), texts.TAKEN_FILE)
        answer.headers.update(answer_link.HEADERS)
        return answer

    @routes.api_route(f"{address}/{{token}}/effacer", methods=["GET", "POST"])
    def erased(request: Request, token: str) -> Response:
        """Asks to confirm; once confirmed, erases and says so."""
        found = find(token)
        if found is None:
            return _page(texts.ERASE_GONE, 404)
        if request.method != "POST":
            return _page(said, question=found.question)
        return _page(texts.ERASED) if erase(found.id) else _page(texts.ERASE_GONE, 404)


def _page(said: texts.ErasureText, status: int = 200, question: str = "") -> Response:
    answer = reading_pages.TEMPLATES.render("erase.html", status, said=said, question=question)
    answer.headers.update(answer_link.HEADERS)
    return answer
