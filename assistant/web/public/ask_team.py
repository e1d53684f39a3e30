"""Questions put to the team, on the public side: the button's answer, and the page where the reply is found.

The page at /reponse/… is for whoever has the link: it asks for nothing, names nobody, and is kept out of
search engines and caches. What it shows of a reply, `team_reply` says.
"""

from __future__ import annotations

import logging
import threading
from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import JSONResponse

from assistant.records.database import DatabaseUnavailable
from assistant.records.team_questions import TeamQuestions
from assistant.throttling import HOUR, Counted, Throttle, Window, duration, network
from assistant.web.public import chat_view, reading_pages
from assistant.web.public import page_texts as texts
from assistant.web.public.conversations import Conversations
from assistant.web.shared.published_base import PublishedBase
from assistant.web.shared.team_reply import ADDRESS, cited, formatted

log = logging.getLogger(__name__)

PER_ADDRESS = Window(10, HOUR)  # a town hall may share one address; nobody has ten refusals an hour to send on
HEADERS = {"x-robots-tag": "noindex, nofollow", "cache-control": "no-store", "content-security-policy": reading_pages.POLICY}


def router(base: PublishedBase, conversations: Conversations, questions: TeamQuestions, throttle: Throttle) -> APIRouter:
    """The two public addresses."""
    routes, asking = APIRouter(), threading.Lock()

    @routes.post("/question-equipe")
    def put(request: Request, conversation: Annotated[str, Form()] = "", exchange: Annotated[str, Form()] = "") -> Response:
        found = conversations.get(conversation)
        entry = found.entry(exchange) if found else None
        if entry is None or entry.answer is None or not entry.for_the_team:
            return _told(texts.TEAM_GONE, 404)
        with asking:  # a double click is one question
            if not entry.reference:
                address = network(request.client.host if request.client else "")
                if wait := throttle.wait(Counted(("team", address), (PER_ADDRESS,))):
                    return _told(texts.TEAM_TOO_MANY.format(wait=duration(wait)), 429, wait)
                answer = entry.answer
                try:
                    entry.reference = questions.put(answer.question, answer.standalone_question, str(answer.status))
                except DatabaseUnavailable:
                    log.exception("A question to the team could not be kept.")
                    return _told(texts.TEAM_FAILED, 503)
        return JSONResponse({"kept": True, "html": chat_view.team(entry), "message": texts.TEAM_SENT})

    @routes.get(f"{ADDRESS}/{{token}}")
    def reply(token: str) -> Response:
        question = questions.find(token)
        answer = reading_pages.TEMPLATES.render(
            "reply.html",
            200 if question else 404,
            question=question,
            address=f"{ADDRESS}/{token}",
            retention=questions.retention_days,
            text=formatted(question.text) if question else "",
            sources=cited(question, base.edition.assistant.retriever) if question else [],
        )
        answer.headers.update(HEADERS)
        return answer

    return routes


def _told(message: str, status: int, wait: int = 0) -> JSONResponse:
    headers = {"retry-after": str(wait)} if wait else None
    return JSONResponse({"kept": False, "message": escape(message)}, status, headers)
