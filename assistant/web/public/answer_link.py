"""A link to one answer, as it was given: the button's address, and the page that whoever has the link reads.

The link exists once somebody asked for it, and lasts as long as the journal's exchange, whose personal data is masked. The
page says which version answered, and whether what it quotes still stands in the published one; of a document withdrawn
since, nothing is shown.
"""

from __future__ import annotations

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from starlette.responses import JSONResponse

from assistant.generation import generation_texts
from assistant.records.database import DatabaseUnavailable
from assistant.records.journal import Exchange, Journal
from assistant.web.public import page_texts as texts
from assistant.web.public import reading_pages
from assistant.web.public.conversations import Conversations
from assistant.web.shared.published_base import PublishedBase
from assistant.web.shared.sources import is_web
from assistant.web.shared.team_reply import Cited, formatted
from assistant.web.shared.typography import place
from index.search import Retriever

log = logging.getLogger(__name__)

ADDRESS = "/echange"
HEADERS = {"x-robots-tag": "noindex, nofollow", "cache-control": "no-store", "content-security-policy": reading_pages.POLICY}
_KEPT_WITHIN = 5.0  # seconds; a quick click may come before the exchange is in the journal


def router(base: PublishedBase, conversations: Conversations, journal: Journal) -> APIRouter:
    """The two public addresses."""
    routes = APIRouter()

    @routes.post("/lien")
    def make(conversation: Annotated[str, Form()] = "", exchange: Annotated[str, Form()] = "") -> Response:
        found = conversations.get(conversation)
        entry = found.entry(exchange) if found else None
        if entry is None or not entry.linkable or entry.taken_back:
            return JSONResponse({"kept": False, "message": texts.LINK_GONE}, 404)
        entry.kept.wait(timeout=_KEPT_WITHIN)
        try:
            token = journal.link(entry.journal_id) if entry.journal_id is not None else None
        except DatabaseUnavailable:
            log.exception("A link to an answer could not be made.")
            token = None
        if token is None:
            return JSONResponse({"kept": False, "message": texts.LINK_FAILED}, 503)
        return JSONResponse({"kept": True, "address": f"{ADDRESS.removeprefix('/')}/{token}", "message": texts.LINK_COPIED})

    @routes.get(f"{ADDRESS}/{{token}}")
    def read(token: str) -> Response:
        exchange = journal.linked(token)
        retriever = base.edition.assistant.retriever
        said, shown = standing(exchange, retriever) if exchange else ("", False)
        answer = reading_pages.TEMPLATES.render(
            "linked_answer.html",
            200 if exchange else 404,
            exchange=exchange,
            address=f"{ADDRESS}/{token}",
            retention=journal.retention_days,
            said=said,
            written=generation_texts.told(exchange.writing) if exchange and exchange.writing else "",
            text=formatted(exchange.text) if exchange and shown else "",
            sources=[_cited(citation) for citation in exchange.citations] if exchange and shown else [],
        )
        answer.headers.update(HEADERS)
        return answer

    return routes


def standing(exchange: Exchange, retriever: Retriever) -> tuple[str, bool]:
    """What has become of what an answer quotes, in a sentence; False when it is no longer to be shown."""
    documents, cited = retriever.documents, exchange.citations
    if any(citation["document"] not in documents for citation in cited):
        return texts.TAKEN_BACK, False
    if any(citation["quote"] not in documents[citation["document"]].text for citation in cited):
        return texts.CHANGED, True
    if exchange.index_version != retriever.version:
        return texts.LINK_NEWER.format(version=retriever.version), True
    return texts.LINK_SAME, True


def _cited(citation: dict[str, Any]) -> Cited:
    headings = tuple(str(citation["section"]).split(" › ")) if citation["section"] else ()
    url = citation["url"] if is_web(citation["url"]) else ""
    return Cited(place(citation["title"], headings, citation["page"]), citation["quote"], url or "")
