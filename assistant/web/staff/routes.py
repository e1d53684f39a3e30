"""The staff's pages put together, and where they are mounted.

Every router is included behind `access.reader`: a route that asks for nothing still refuses strangers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.records.accounts import Accounts
from assistant.records.database import DatabaseUnavailable
from assistant.records.oidc import Provider
from assistant.throttling import Throttle
from assistant.web.staff import access, documents_page, gaps_page, login, quality_page, rendering, review_page, rights_desk
from assistant.web.staff import desk_texts as texts
from assistant.web.staff.desk import Desk

_QUOTED = 60  # characters of a wrong value that are shown again

NAVIGATION = (
    rendering.NavigationEntry("/equipe/verifier", "Vérifier"),
    rendering.NavigationEntry("/equipe/sans-reponse", "Questions sans réponse"),
    rendering.NavigationEntry("/equipe/documents", "Documents"),
    rendering.NavigationEntry("/equipe/qualite", "Qualité"),
)


def mount(app: FastAPI, desk: Desk, throttle: Throttle) -> None:
    """Add the staff's pages to the application; call it before whatever is mounted at « / »."""
    accounts = Accounts(
        desk.database,
        timedelta(minutes=desk.settings.session_idle_minutes),
        timedelta(hours=desk.settings.session_hours),
        throttle=throttle,
    )
    app.state.staff_navigation = NAVIGATION
    provider = Provider(desk.database, desk.settings) if desk.settings.oidc_issuer else None
    app.include_router(login.router(accounts, provider))
    for routes in (
        review_page.router(desk),
        gaps_page.router(desk),
        documents_page.router(desk),
        quality_page.router(desk),
        rights_desk.router(desk),
        _ends(),
    ):
        app.include_router(routes, dependencies=[Depends(access.reader)])
    app.add_exception_handler(access.RequestRefused, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DatabaseUnavailable, _unavailable)
    app.add_middleware(access.AccessMiddleware, accounts=accounts, show=rendering.message)


def _ends() -> APIRouter:
    """The first page, and the one for addresses that do not exist, or not with that method."""
    router = APIRouter()

    @router.get("/equipe")
    def first() -> Response:
        return RedirectResponse(NAVIGATION[0].address, 303)

    @router.api_route("/equipe/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def lost(request: Request) -> Response:
        return rendering.message(request, access.RequestRefused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY))

    return router


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, access.RequestRefused)
    return rendering.message(request, error)


async def _http(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself, in English: a form that it cannot read."""
    assert isinstance(error, HTTPException)
    if not _is_ours(request):
        return await http_exception_handler(request, error)
    why = f"{texts.UNREADABLE} {texts.MALFORMED_KEPT}"
    return rendering.message(request, access.RequestRefused(error.status_code, texts.MALFORMED, why))


def _is_ours(request: Request) -> bool:
    """False on the public page, which answers for itself."""
    return f"{request.url.path}/".startswith(f"{access.PREFIX}/")


async def _malformed(request: Request, error: Exception) -> Response:
    """A form or an address with a wrong value: which one, and what was typed in the others, to be copied."""
    assert isinstance(error, RequestValidationError)
    address = request.url.path
    if not _is_ours(request):
        return await request_validation_exception_handler(request, error)
    wrong = [fault for fault in error.errors() if fault["loc"][0] != "path"]
    section = next((entry.address for entry in NAVIGATION if address.startswith(entry.address)), "")
    if not wrong:
        return rendering.message(request, access.RequestRefused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY, back=section))
    faults, changing = list(dict.fromkeys(map(_fault, wrong))), request.method == "POST"
    why = " ".join([*faults, texts.MALFORMED_KEPT] if changing else faults)
    written = access.typed((await request.form()).multi_items()) if changing else ()
    return rendering.message(request, access.RequestRefused(422, texts.MALFORMED, why, written, access.safe_address(address)))


def _fault(fault: Mapping[str, Any]) -> str:
    """What is wrong with one parameter, by the name it has in the address or in the form."""
    name, value = str(fault["loc"][-1]), str(fault.get("input"))[:_QUOTED]
    if fault["type"] == "missing":
        return texts.MALFORMED_MISSING.format(name=name)
    said = texts.MALFORMED_NUMBER if fault["type"].startswith("int") else texts.MALFORMED_VALUE
    return said.format(name=name, value=value)


async def _unavailable(request: Request, error: Exception) -> Response:
    return rendering.message(request, access.RequestRefused(503, texts.TROUBLE, str(error)))
