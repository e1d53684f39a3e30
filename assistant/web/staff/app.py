"""The staff's pages put together, and where they are mounted.

Every router is included behind `access.reader`: a route that asks for nothing still refuses strangers.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.accounts import Accounts
from assistant.database import DatabaseUnavailable
from assistant.oidc import Provider
from assistant.web.staff import access, documents, gaps, login, pages, quality, review, texts
from assistant.web.staff.desk import Desk

NAVIGATION = (
    pages.NavigationEntry("/equipe/verifier", "Vérifier"),
    pages.NavigationEntry("/equipe/sans-reponse", "Questions sans réponse"),
    pages.NavigationEntry("/equipe/documents", "Documents"),
    pages.NavigationEntry("/equipe/qualite", "Qualité"),
)


def mount(app: FastAPI, desk: Desk) -> None:
    """Add the staff's pages to the application; call it before whatever is mounted at « / »."""
    accounts = Accounts(
        desk.database, timedelta(minutes=desk.settings.session_idle_minutes), timedelta(hours=desk.settings.session_hours)
    )
    app.state.staff_navigation = NAVIGATION
    provider = Provider(desk.database, desk.settings) if desk.settings.oidc_issuer else None
    app.include_router(login.router(accounts, provider))
    for routes in (review.router(desk), gaps.router(desk), documents.router(desk), quality.router(desk), _ends()):
        app.include_router(routes, dependencies=[Depends(access.reader)])
    app.add_exception_handler(access.Refused, _refused)
    app.add_exception_handler(DatabaseUnavailable, _unavailable)
    app.add_middleware(access.Gate, accounts=accounts)


def _ends() -> APIRouter:
    """The first page, and the one for addresses that do not exist."""
    router = APIRouter()

    @router.get("/equipe")
    def first() -> Response:
        return RedirectResponse(NAVIGATION[0].address, 303)

    @router.api_route("/equipe/{rest:path}", methods=["GET", "POST"])
    def lost(request: Request) -> Response:
        return pages.message(request, access.Refused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY))

    return router


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, access.Refused)
    return pages.message(request, error)


async def _unavailable(request: Request, error: Exception) -> Response:
    return pages.message(request, access.Refused(503, texts.TROUBLE, str(error)))
