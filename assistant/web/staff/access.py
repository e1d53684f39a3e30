"""Who may reach the staff's pages: one gate before every address under /equipe, then a role for each route.

The gate looks at the session before any file is read: of a stranger's request, only a small form is,
to show its texts again to whoever was signed in while typing them. The routes ask for `reader` or
`editor`, which also check the CSRF token of every method that changes something. Knows HTTP and
accounts, nothing of what the pages show.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.records.accounts import Accounts, MemberRole
from assistant.records.database import DatabaseUnavailable
from assistant.web.shared.html_templates import ASSETS
from assistant.web.staff import desk_texts as texts

PREFIX = "/equipe"
SIGN_IN = f"{PREFIX}/connexion"
PROVIDER = f"{SIGN_IN}/oidc"
CALLBACK = f"{SIGN_IN}/retour"
SIGN_OUT = f"{PREFIX}/deconnexion"
ACCOUNT = f"{PREFIX}/compte"
OPEN = frozenset({SIGN_IN, PROVIDER, CALLBACK})  # the only pages for people who are not signed in
COOKIE = "equipe_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_MEMBER = "equipe.member"  # where the gate leaves the member, in the ASGI scope
_TEXT_LIMIT = 65_536  # bytes of a form that is shown again to someone who is not signed in
_NOT_TYPED = frozenset({"csrf", "revision", "version", "chemin"})  # fields that a page fills by itself
_WORTH_KEEPING = 20  # characters; shorter fields are choices and identifiers
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS = {"content-security-policy": _POLICY, "cache-control": "no-store", "cross-origin-opener-policy": "same-origin"}
_ADDRESS = re.compile(r"/equipe(?:/[\w.~%@:+,;=!$&'()*-]+)*/?(?:\?[^\s\\#]*)?", re.ASCII)
_DISGUISED = re.compile(r"/\.|%2e|%2f|%5c|%00", re.IGNORECASE)  # « .. » and slashes by another name


@dataclass(frozen=True)
class Member:
    """Whoever is signed in."""

    login: str
    role: MemberRole
    csrf: str
    logout_hint: str = ""

    @property
    def edits(self) -> bool:
        """Whether the member may publish documents and answer questions."""
        return self.role == "editeur"


class RequestRefused(Exception):
    """A request that is not allowed; shown as a page in French, or as JSON to scripts."""

    def __init__(self, status: int, title: str, reason: str, written: tuple[tuple[str, str], ...] = (), back: str = "") -> None:
        super().__init__(reason)
        self.status, self.title, self.reason = status, title, reason
        self.written = written  # (field, what was typed in it), shown again so that it can be copied
        self.back = back  # the address of a page that works, empty for the first one


class AccessMiddleware:
    """Turns away, before anything else runs, every request under /equipe that carries no open session; `show` says why."""

    def __init__(self, app: ASGIApp, accounts: Accounts, show: Callable[[Request, RequestRefused], Response]) -> None:
        self._app, self._accounts, self._show = app, accounts, show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on (ASGI), or answer it with the reason why not."""
        if scope["type"] not in ("http", "websocket") or not _ours(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # the staff's pages have none
        else:
            refusal = await self._refusal(Request(scope, receive))
            await (refusal or self._app)(scope, receive, _with_headers(send))

    async def _refusal(self, request: Request) -> Response | None:
        """The answer to a request that does not pass; None for one that does, whose member is left in the scope."""
        path = _path(request.scope)
        if path.startswith(ASSETS):
            return None
        if not self._accounts.keeps:
            return self._show(request, RequestRefused(503, texts.NO_DATABASE, texts.NO_DATABASE_WHY))
        try:
            visit = await run_in_threadpool(self._accounts.visit, request.cookies.get(COOKIE, ""))
        except DatabaseUnavailable as error:
            return self._show(request, RequestRefused(503, texts.TROUBLE, str(error)))
        if visit:
            request.scope[_MEMBER] = Member(visit.login, visit.role, visit.csrf, visit.logout_hint)
        elif path not in OPEN:
            if request.method in ("GET", "HEAD") and request.headers.get("sec-fetch-dest", "document") == "document":
                return RedirectResponse(f"{SIGN_IN}?suite={quote(_requested_address(request), safe='')}", 303)
            return self._show(request, RequestRefused(401, texts.SIGN_IN_FIRST, texts.SIGN_IN_AGAIN, await _small_form(request)))
        return None


def member_of(request: Request) -> Member | None:
    """The member the gate let in, if any."""
    return request.scope.get(_MEMBER)


async def reader(request: Request) -> Member:
    """FastAPI dependency: any member; what changes something must carry the session's CSRF token."""
    member = member_of(request)
    if member is None:
        raise RequestRefused(401, texts.SIGN_IN_FIRST, texts.SIGN_IN_AGAIN)
    if request.method not in SAFE_METHODS and not same(await _given(request), member.csrf):
        raise RequestRefused(403, texts.STALE_FORM, texts.STALE_FORM_WHY, await _small_form(request))
    return member


SignedInMember = Annotated[Member, Depends(reader)]


async def editor(member: SignedInMember) -> Member:
    """FastAPI dependency: a member who may change the base."""
    if not member.edits:
        raise RequestRefused(403, texts.NOT_ALLOWED, texts.NOT_ALLOWED_WHY)
    return member


EditorMember = Annotated[Member, Depends(editor)]


def same(given: str, expected: str) -> bool:
    """Equality in a time that says nothing of where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def safe_address(address: str) -> str:
    """Where to go after signing in: a page of the staff, or their first page."""
    path = address.partition("?")[0].rstrip("/")
    known = len(address) <= 2000 and _ADDRESS.fullmatch(address) and not _DISGUISED.search(path)
    return address if known and path not in {*OPEN, SIGN_OUT} else PREFIX


def typed(fields: Iterable[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    """Of the fields of a form, the texts that someone wrote, under their French names."""
    written = [(name, value) for name, value in fields if isinstance(value, str) and len(value) > _WORTH_KEEPING]
    return tuple((texts.FIELDS.get(name, texts.FIELD), value) for name, value in written if name not in _NOT_TYPED)


async def _given(request: Request) -> str:
    if token := request.headers.get("x-csrf-token"):
        return token
    if request.headers.get("content-type", "").startswith(_FORMS):
        field = (await request.form()).get("csrf")
        return field if isinstance(field, str) else ""
    return ""


async def _small_form(request: Request) -> tuple[tuple[str, str], ...]:
    """The texts of a form whose session has ended: an hour's comment is not lost. Files are not read, nor passwords shown."""
    length = request.headers.get("content-length", "")
    plain = request.headers.get("content-type", "").startswith(_FORMS[0])
    if not plain or not length.isdecimal() or int(length) > _TEXT_LIMIT or _path(request.scope) == ACCOUNT:
        return ()
    return typed((await request.form()).multi_items())


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")).rstrip("/"))


def _ours(scope: Scope) -> bool:
    path = _path(scope)
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def _requested_address(request: Request) -> str:
    query = request.url.query
    return safe_address(quote(_path(request.scope), safe="/%~:+,;=!$&'()*@") + (f"?{query}" if query else ""))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
