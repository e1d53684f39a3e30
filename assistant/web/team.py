"""Questions put to the team, on the public side: the button's answer, and the page where the reply is found.

The page at /reponse/… is for whoever has the link: it asks for nothing, names nobody, and is kept out of
search engines and caches. What a passage says is read from the base as it is now, never copied: a
withdrawn one is gone from here too.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from markupsafe import Markup
from starlette.responses import JSONResponse

from assistant.database import DatabaseUnavailable
from assistant.team_questions import TeamQuestion, TeamQuestions
from assistant.web import chat, texts
from assistant.web.base import PublishedBase
from assistant.web.conversations import Conversations
from assistant.web.staff import pages
from index.search import Retriever

log = logging.getLogger(__name__)

PER_ADDRESS = "10/hour"  # a town hall may share one address; nobody has ten refusals an hour to send on
ADDRESS = "/reponse"
_WEB = ("http://", "https://")
HEADERS = {
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
}


@dataclass(frozen=True)
class Cited:
    """A source of a reply as the page shows it."""

    label: str
    quote: str = ""
    url: str = ""
    gone: bool = False  # the passage is no longer in the base


def router(base: PublishedBase, conversations: Conversations, questions: TeamQuestions) -> APIRouter:
    """The two public addresses."""
    routes = APIRouter()
    limiter, limit, asking = MovingWindowRateLimiter(MemoryStorage()), parse(PER_ADDRESS), threading.Lock()

    @routes.post("/question-equipe")
    def put(request: Request, conversation: Annotated[str, Form()] = "", exchange: Annotated[str, Form()] = "") -> Response:
        found = conversations.get(conversation)
        entry = found.entry(exchange) if found else None
        if entry is None or entry.answer is None or not entry.for_the_team:
            return _told(texts.TEAM_GONE, 404)
        with asking:  # a double click is one question
            if not entry.reference:
                if not limiter.hit(limit, "team", request.client.host if request.client else ""):
                    return _told(texts.TEAM_TOO_MANY, 429)
                answer = entry.answer
                try:
                    entry.reference = questions.put(answer.question, answer.standalone_question, str(answer.status))
                except DatabaseUnavailable:
                    log.exception("A question to the team could not be kept.")
                    return _told(texts.TEAM_FAILED, 503)
        return JSONResponse({"kept": True, "html": chat.team(entry), "message": texts.TEAM_SENT})

    @routes.get(f"{ADDRESS}/{{token}}")
    def reply(request: Request, token: str) -> Response:
        question = questions.find(token)
        answer = pages.render(
            request,
            "reply.html",
            None,
            200 if question else 404,
            question=question,
            retention=questions.retention_days,
            text=formatted(question.text) if question else "",
            sources=cited(question, base.edition.assistant.retriever) if question else [],
        )
        answer.headers.update(HEADERS)
        return answer

    return routes


def formatted(text: str) -> Markup:
    """The team's words as the asker sees them."""
    return Markup(chat.markdown(texts.tied(text)))


def cited(question: TeamQuestion, retriever: Retriever) -> list[Cited]:
    """The sources of a reply: passages as the base has them now, addresses as they were given."""
    known = {passage.id: passage for passage in retriever.passages}
    found = []
    for source in question.sources:
        if source.startswith(_WEB):
            found.append(Cited(source, url=source))
        elif passage := known.get(source):
            url = next((note.url for note in passage.notes if (note.url or "").startswith(_WEB)), None) or ""
            found.append(Cited(texts.place(passage.title, passage.headings, passage.page), passage.text, url))
        else:
            found.append(Cited(texts.TEAM_SOURCE_GONE, gone=True))
    return found


def _told(message: str, status: int) -> JSONResponse:
    return JSONResponse({"kept": False, "message": escape(message)}, status)
