"""The staff's pages put together: what their routers are given, and where they are mounted.

Every router is included behind `access.reader`: a route that asks for nothing still refuses strangers.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.accounts import Accounts
from assistant.database import Database, DatabaseUnavailable
from assistant.journal import Journal
from assistant.oidc import Provider
from assistant.settings import Settings
from assistant.web.base import PublishedBase
from assistant.web.staff import access, login, pages, texts

# Module of this package → its address and its name in the navigation.
PAGES = {
    "review": ("/equipe/verifier", "Vérifier"),
    "gaps": ("/equipe/sans-reponse", "Questions sans réponse"),
    "documents": ("/equipe/documents", "Documents"),
    "quality": ("/equipe/qualite", "Qualité"),
}


@dataclass(frozen=True)
class Desk:
    """What every router of the staff needs."""

    base: PublishedBase
    database: Database
    journal: Journal
    settings: Settings


def mount(app: FastAPI, desk: Desk) -> None:
    """Add the staff's pages to the application; call it before whatever is mounted at « / »."""
    accounts = Accounts(
        desk.database, timedelta(minutes=desk.settings.session_idle_minutes), timedelta(hours=desk.settings.session_hours)
    )
    found = {name: page for name, page in PAGES.items() if importlib.util.find_spec(f"{__package__}.{name}")}
    app.state.staff_navigation = tuple(pages.NavigationEntry(*page) for page in found.values())
    provider = Provider(desk.database, desk.settings) if desk.settings.oidc_issuer else None
    app.include_router(login.router(accounts, provider))
    for name in found:
        module = importlib.import_module(f"{__package__}.{name}")
        app.include_router(module.router(desk), dependencies=[Depends(access.reader)])
    app.include_router(_ends(app), dependencies=[Depends(access.reader)])
    app.add_exception_handler(access.Refused, _refused)
    app.add_exception_handler(DatabaseUnavailable, _unavailable)
    app.add_middleware(access.Gate, accounts=accounts)


def _ends(app: FastAPI) -> APIRouter:
    """The first page, and the one for addresses that do not exist."""
    router = APIRouter()

    @router.get("/equipe")
    def first(request: Request) -> Response:
        navigation = app.state.staff_navigation
        if navigation:
            return RedirectResponse(navigation[0].address, 303)
        return pages.message(request, access.Refused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY))

    @router.api_route("/equipe/{rest:path}", methods=["GET", "POST"])
    def lost(request: Request) -> Response:
        return pages.message(request, access.Refused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY))

    return router


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, access.Refused)
    return pages.message(request, error)


async def _unavailable(request: Request, error: Exception) -> Response:
    return pages.message(request, access.Refused(503, texts.TROUBLE, str(error)))
