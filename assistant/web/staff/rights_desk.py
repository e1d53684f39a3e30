"""Rights over what is kept, on the staff's side: an exchange, a validated answer, a question, as a file or erased; the register.

Taking is for every member, erasing for editors, and asks once more. Knows routes; what hangs on what, `records.rights` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from assistant.records.rights import Rights
from assistant.web.shared import notice_texts
from assistant.web.shared.attachments import attached, attached_data
from assistant.web.shared.data_notice import as_markdown, register
from assistant.web.staff import desk_texts as texts
from assistant.web.staff import gaps_page, rendering, review_page
from assistant.web.staff.access import EditorMember, RequestRefused, SignedInMember
from assistant.web.staff.desk import Desk

REGISTER = "/equipe/registre"
_LARGEST = 2**31


def router(desk: Desk) -> APIRouter:
    """The register, and for each kind of thing kept: its data, and its erasure."""
    rights = Rights(desk.database, desk.settings.retention_days)
    routes = APIRouter()

    @routes.get(REGISTER)
    def shown(request: Request, member: SignedInMember) -> Response:
        sections = register(desk.settings, rights.journal.keeps)
        return rendering.render(request, "register.html", member, title=notice_texts.REGISTER_TITLE, sections=sections,
                                note=notice_texts.REGISTER_NOTE)  # fmt: skip

    @routes.get(f"{REGISTER}/fichier")
    def taken(member: SignedInMember) -> Response:
        text = as_markdown(notice_texts.REGISTER_TITLE, register(desk.settings, rights.journal.keeps))
        return attached(text.encode("utf-8"), "text/markdown; charset=utf-8", "registre-des-traitements.md")

    def exchange(number: int) -> tuple[dict[str, Any], str] | None:
        found = rights.journal.get(number)
        return (rights.exported_exchange(found), found.question) if found else None

    def reference(number: int) -> tuple[dict[str, Any], str] | None:
        found = rights.reviews.reference(number)
        return (rights.exported_reference(found), found.answer.question) if found else None

    def question(number: int) -> tuple[dict[str, Any], str] | None:
        found = rights.questions.get(number)
        return (rights.exported_question(found), found.question) if found else None

    questions = f"{gaps_page.PREFIX}/questions"
    _add(routes, review_page.PREFIX, texts.ERASE_EXCHANGE, exchange, rights.erase_exchange)
    _add(routes, f"{review_page.PREFIX}/reponses", texts.ERASE_REFERENCE, reference, rights.erase_reference)
    _add(routes, questions, texts.ERASE_QUESTION, question, rights.erase_question)
    return routes


def _add(
    routes: APIRouter,
    place: str,
    said: texts.ErasureWords,
    find: Callable[[int], tuple[Mapping[str, Any], str] | None],
    erase: Callable[[int], bool],
) -> None:
    """The data and the erasure of what is numbered under an address.

    Args:
        find: the data of a number and the question that it is known by; None when it is not kept.
    """

    def found(number: int) -> tuple[Mapping[str, Any], str]:
        known = find(number) if 0 < number < _LARGEST else None
        if known is None:
            raise RequestRefused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY, back=place)
        return known

    @routes.get(f"{place}/{{number:int}}/donnees")
    def take(member: SignedInMember, number: int) -> Response:
        return attached_data(found(number)[0], f"{said.file}-{number}.json")

    @routes.api_route(f"{place}/{{number:int}}/effacer", methods=["GET", "POST"])
    def erased(request: Request, member: EditorMember, number: int) -> Response:
        """Asks to confirm; once confirmed, erases and goes back to the list."""
        question = found(number)[1]
        if request.method != "POST":
            return rendering.render(request, "erase_kept.html", member, said=said, question=question, place=place)
        erase(number)
        return RedirectResponse(f"{place}?fait=efface", 303)
