"""The privacy notice; and what whoever has the link of an exchange or of a question to the team may do of it: take it, erase it.

The link is the right: it is drawn for its author, who may give it. Erasing asks once more, on a page of its own. Nothing is said
of what is not, or no longer, kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from assistant.records.journal import Exchange
from assistant.records.rights import Rights
from assistant.records.team_questions import TeamQuestion
from assistant.settings import Settings
from assistant.web.public import answer_link, reading_pages
from assistant.web.public import page_texts as texts
from assistant.web.shared import notice_texts
from assistant.web.shared.attachments import attached
from assistant.web.shared.data_notice import notice
from assistant.web.shared.team_reply import ADDRESS

NOTICE = "/confidentialite"


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

    @routes.get(f"{answer_link.ADDRESS}/{{token}}/donnees")
    def take_exchange(token: str) -> Response:
        found = rights.journal.linked(token)
        return _file(rights.exported_exchange(found)) if found else _page(texts.ERASE_GONE, 404)

    @routes.api_route(f"{answer_link.ADDRESS}/{{token}}/effacer", methods=["GET", "POST"])
    def erase_exchange(request: Request, token: str) -> Response:
        found = rights.journal.linked(token)
        return _erasure(request, texts.ERASE_EXCHANGE, found, rights.erase_exchange)

    @routes.get(f"{ADDRESS}/{{token}}/donnees")
    def take_question(token: str) -> Response:
        found = rights.questions.find(token)
        return _file(rights.exported_question(found)) if found else _page(texts.ERASE_GONE, 404)

    @routes.api_route(f"{ADDRESS}/{{token}}/effacer", methods=["GET", "POST"])
    def erase_question(request: Request, token: str) -> Response:
        found = rights.questions.find(token)
        return _erasure(request, texts.ERASE_QUESTION, found, rights.erase_question)

    return routes


def _erasure(
    request: Request, said: texts.ErasureText, found: Exchange | TeamQuestion | None, erase: Callable[[int], bool]
) -> Response:
    """Asks to confirm; once confirmed, erases and says so."""
    if found is None:
        return _page(texts.ERASE_GONE, 404)
    if request.method != "POST":
        return _page(said, question=found.question)
    return _page(texts.ERASED) if erase(found.id) else _page(texts.ERASE_GONE, 404)


def _file(data: Mapping[str, Any]) -> Response:
    content = json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8")
    answer = attached(content, "application/json", texts.TAKEN_FILE)
    answer.headers.update(answer_link.HEADERS)
    return answer


def _page(said: texts.ErasureText, status: int = 200, question: str = "") -> Response:
    answer = reading_pages.TEMPLATES.render("erase.html", status, said=said, question=question)
    answer.headers.update(answer_link.HEADERS)
    return answer
