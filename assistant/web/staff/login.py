"""Signing in and out, with a password or through an OpenID provider, and one's own password.

The sign-in form has no session yet: a cookie of its own ties the form to the browser it was sent to, so
that nobody can be signed in under somebody else's name from another site.
"""

from __future__ import annotations

import secrets
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Form
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assistant.records.accounts import DEVICE_DAYS, AccountError, Accounts, SignInRefused, TooManyFailures, csrf_of
from assistant.records.oidc import Provider
from assistant.web.shared.html_templates import ASSETS
from assistant.web.staff import access, rendering
from assistant.web.staff import desk_texts as texts
from assistant.web.staff.access import SignedInMember

_BEFORE = "equipe_connexion"  # the cookie of a browser that is not signed in
_DEVICE = "equipe_appareil"  # the cookie of a browser that signed in with a password before
_BODY_LIMIT = 16_384  # bytes of a sign-in form


def router(accounts: Accounts, provider: Provider | None) -> APIRouter:
    """The pages one may see without being signed in, and the way out."""
    routes, door = APIRouter(), _Door(accounts, provider)

    @routes.get(f"{ASSETS}{{name}}")
    def file(request: Request) -> Response:
        return rendering.served(request.url.path)

    @routes.get(access.SIGN_IN)
    def form(request: Request, suite: str = "") -> Response:
        if access.member_of(request):
            return RedirectResponse(access.safe_address(suite), 303)
        return door.form(request, suite)

    @routes.post(access.SIGN_IN)
    async def sign_in(request: Request) -> Response:
        return await run_in_threadpool(door.sign_in, request, await _fields(request))

    @routes.get(access.PROVIDER)
    def leave_for_provider(request: Request, suite: str = "") -> Response:
        return door.leave(request, suite)

    @routes.get(access.CALLBACK)
    def back_from_provider(request: Request) -> Response:
        return door.back(request)

    @routes.post(access.SIGN_OUT)
    def sign_out(request: Request, member: SignedInMember) -> Response:
        return door.sign_out(request, member)

    @routes.get(access.ACCOUNT)
    def account(request: Request, member: SignedInMember) -> Response:
        return door.account(request, member)

    @routes.post(access.ACCOUNT)
    def change_password(
        request: Request,
        member: SignedInMember,
        old: Annotated[str, Form()] = "",
        new: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        return door.change_password(request, member, old, new, again)

    return routes


class _Door:
    """What the routes do. `suite` is the address asked for before signing in."""

    def __init__(self, accounts: Accounts, provider: Provider | None) -> None:
        self._accounts, self._provider = accounts, provider

    def form(self, request: Request, suite: str, status: int = 200, problem: str = "", login: str = "") -> Response:
        before = request.cookies.get(_BEFORE) or secrets.token_urlsafe(32)
        answer = rendering.render(
            request,
            "login.html",
            None,
            status,
            csrf_field=rendering.csrf_field(csrf_of(before)),
            problem=problem,
            login=login,
            suite=access.safe_address(suite),
            empty=not self._accounts.any(),
            out="sorti" in request.query_params,
            changed="change" in request.query_params,
            provider=access.PROVIDER if self._provider else "",
        )
        _keep(request, answer, _BEFORE, before)
        return answer

    def sign_in(self, request: Request, fields: dict[str, str]) -> Response:
        before, suite, login = request.cookies.get(_BEFORE, ""), fields.get("suite", ""), fields.get("identifiant", "")
        if not before or not access.same(fields.get("csrf", ""), csrf_of(before)):
            return self.form(request, suite, 403, texts.STALE_SIGN_IN, login)
        address = request.client.host if request.client else ""
        try:
            token = self._accounts.sign_in(login, fields.get("mot_de_passe", ""), address, request.cookies.get(_DEVICE, ""))
        except TooManyFailures as error:
            answer = self.form(request, suite, 429, str(error), login)
            answer.headers["retry-after"] = str(error.wait)
            return answer
        except SignInRefused as error:
            return self.form(request, suite, 401, str(error), login)
        answer = self._signed_in(request, token, suite)
        _keep(request, answer, _DEVICE, self._accounts.device(token), DEVICE_DAYS * 24 * 3600)
        return answer

    def leave(self, request: Request, suite: str) -> Response:
        if self._provider is None:
            return rendering.message(request, access.RequestRefused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY))
        before = request.cookies.get(_BEFORE) or secrets.token_urlsafe(32)
        try:
            address = self._provider.begin(_absolute(request, access.CALLBACK), before, access.safe_address(suite))
        except SignInRefused as error:
            return self.form(request, suite, 502, str(error))
        answer = RedirectResponse(address, 303)
        _keep(request, answer, _BEFORE, before)
        return answer

    def back(self, request: Request) -> Response:
        if self._provider is None:
            return rendering.message(request, access.RequestRefused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY))
        try:
            identity = self._provider.finish(
                _absolute(request, access.CALLBACK), request.cookies.get(_BEFORE, ""), dict(request.query_params)
            )
            token = self._accounts.admit(identity.email, identity.id_token)
        except SignInRefused as error:
            return self.form(request, "", 401, str(error))
        return self._signed_in(request, token, identity.destination)

    def sign_out(self, request: Request, member: access.Member) -> Response:
        self._accounts.sign_out(request.cookies.get(access.COOKIE, ""))
        back = f"{access.SIGN_IN}?sorti=1"
        provider = (
            self._provider.end_session(member.logout_hint, _absolute(request, access.SIGN_IN))
            if self._provider and member.logout_hint
            else None
        )
        if provider:
            # A page rather than a redirect: « form-action » lets no form lead to another site.
            answer: Response = rendering.render(request, "signed_out.html", None, provider=provider)
            answer.headers["refresh"] = f"0; url={provider}"
        else:
            answer = RedirectResponse(back, 303)
        _forget(request, answer, access.COOKIE)
        return answer

    def account(self, request: Request, member: access.Member, status: int = 200, problem: str = "") -> Response:
        account = self._accounts.get(member.login)
        return rendering.render(request, "account.html", member, status, problem=problem, account=account, page=access.ACCOUNT)

    def change_password(self, request: Request, member: access.Member, old: str, new: str, again: str) -> Response:
        if new != again:
            return self.account(request, member, 400, texts.NOT_TWICE)
        address = request.client.host if request.client else ""
        try:
            self._accounts.sign_out(self._accounts.sign_in(member.login, old, address, request.cookies.get(_DEVICE, "")))
            self._accounts.set_password(member.login, new)
        except TooManyFailures as error:
            return self.account(request, member, 429, str(error))
        except SignInRefused:
            return self.account(request, member, 400, texts.WRONG_OLD)
        except AccountError as error:
            return self.account(request, member, 400, str(error))
        answer = RedirectResponse(f"{access.SIGN_IN}?change=1", 303)  # every session is closed, this one too
        _forget(request, answer, access.COOKIE)
        return answer

    def _signed_in(self, request: Request, token: str, suite: str) -> Response:
        self._accounts.sign_out(request.cookies.get(access.COOKIE, ""))  # the session before, if there was one
        answer = RedirectResponse(access.safe_address(suite), 303)
        _keep(request, answer, access.COOKIE, token)
        _forget(request, answer, _BEFORE)
        return answer


def _absolute(request: Request, path: str) -> str:
    return f"{str(request.base_url).rstrip('/')}{path}"


def _keep(request: Request, answer: Response, name: str, value: str, seconds: int | None = None) -> None:
    # Without `seconds`, until the browser closes; the server has its own, shorter, idea.
    # Lax: the OpenID provider sends people back by a link.
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, seconds, path=access.PREFIX, httponly=True, samesite="lax", secure=secure)


def _forget(request: Request, answer: Response, name: str) -> None:
    answer.delete_cookie(name, path=access.PREFIX, httponly=True, samesite="lax", secure=request.url.scheme == "https")


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a small form. Strangers can send one: it is read by hand, no further than its limit."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT:
            raise access.RequestRefused(413, texts.TROUBLE, texts.TOO_LARGE)
    try:
        given = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise access.RequestRefused(400, texts.TROUBLE, texts.TOO_LARGE) from error
    return {name: values[-1] for name, values in given.items()}
