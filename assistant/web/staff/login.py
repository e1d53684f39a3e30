"""Signing in and out.

The sign-in form has no session yet: a cookie of its own ties the form to the browser it was sent to, so
that nobody can be signed in under somebody else's name from another site.
"""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.accounts import Accounts, SignInRefused, TooManyFailures, csrf_of
from assistant.settings import Settings
from assistant.web.staff import access, pages, texts

_BEFORE = "equipe_connexion"  # the cookie of a browser that is not signed in
_BODY_LIMIT = 16_384  # bytes of a sign-in form


def router(accounts: Accounts, settings: Settings) -> APIRouter:
    """The pages one may see without being signed in, and the way out."""
    routes = APIRouter()

    @routes.get(f"{access.ASSETS}{{name}}")
    def file(request: Request) -> Response:
        return pages.served(request.url.path)

    @routes.get(access.SIGN_IN)
    def form(request: Request, suite: str = "") -> Response:
        if access.member_of(request):
            return RedirectResponse(access.safe_address(suite), 303)
        return _form(request, suite)

    @routes.post(access.SIGN_IN)
    async def sign_in(request: Request) -> Response:
        fields = await _fields(request)
        before, suite = request.cookies.get(_BEFORE, ""), fields.get("suite", "")
        if not before or not access.same(fields.get("csrf", ""), csrf_of(before)):
            return await run_in_threadpool(_form, request, suite, 403, texts.STALE_SIGN_IN)
        address = request.client.host if request.client else ""
        login = fields.get("identifiant", "")
        try:
            token = await run_in_threadpool(accounts.sign_in, login, fields.get("mot_de_passe", ""), address)
        except SignInRefused as error:
            status = 429 if isinstance(error, TooManyFailures) else 401
            return await run_in_threadpool(_form, request, suite, status, str(error), login)
        await run_in_threadpool(accounts.sign_out, request.cookies.get(access.COOKIE, ""))
        return _signed_in(request, token, suite)

    @routes.post(access.SIGN_OUT, dependencies=[Depends(access.reader)])
    def sign_out(request: Request) -> Response:
        accounts.sign_out(request.cookies.get(access.COOKIE, ""))
        answer = RedirectResponse(f"{access.SIGN_IN}?sorti=1", 303)
        _forget(request, answer, access.COOKIE)
        return answer

    def _form(request: Request, suite: str, status: int = 200, problem: str = "", login: str = "") -> Response:
        before = request.cookies.get(_BEFORE) or secrets.token_urlsafe(32)
        context = {
            "csrf": csrf_of(before), "csrf_field": pages.csrf_field(csrf_of(before)), "problem": problem, "login": login,
            "suite": access.safe_address(suite), "empty": not accounts.any(), "out": "sorti" in request.query_params,
            "oidc": bool(settings.oidc_issuer),
        }
        answer = pages.render(request, "login.html", None, status, **context)
        _keep(request, answer, _BEFORE, before)
        return answer

    return routes


def _signed_in(request: Request, token: str, suite: str) -> Response:
    answer = RedirectResponse(access.safe_address(suite), 303)
    _keep(request, answer, access.COOKIE, token)
    _forget(request, answer, _BEFORE)
    return answer


def _keep(request: Request, answer: Response, name: str, value: str) -> None:
    # Until the browser closes; the server has its own, shorter, idea. Lax: the OpenID provider sends people back by a link.
    answer.set_cookie(name, value, path=access.PREFIX, httponly=True, samesite="lax", secure=request.url.scheme == "https")


def _forget(request: Request, answer: Response, name: str) -> None:
    answer.delete_cookie(name, path=access.PREFIX, httponly=True, samesite="lax", secure=request.url.scheme == "https")


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a small form. Strangers can send one: it is read by hand, no further than its limit."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT:
            raise access.Refused(413, texts.SIGN_IN_FIRST, texts.TOO_LARGE)
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True).items()}
