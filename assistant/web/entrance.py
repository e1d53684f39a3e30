"""What stands before every address: who is believed about where a request comes from, which hosts are served, how much, how often
and how slowly anything is sent.

Refuses in one French sentence, and says when to come back. Knows HTTP; nothing of what the pages and the doors do. What a door or
a page limits besides (questions, sign-ins, keys) stands there, with the same counts.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from contextlib import suppress
from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from assistant.settings import Settings
from assistant.throttling import MINUTE, Counted, Throttle, Window, duration, network
from assistant.web.shared import common_texts as texts

log = logging.getLogger(__name__)

BODY_LIMIT = 1024  # KiB
BODY_SECONDS = 30  # for the whole of a small body; for each piece of a large one
REQUESTS = Window(600, MINUTE)  # of one client: what changes something or is drawn for it; a town hall shares one address
_LONG = ("/equipe", "/api/v1", "/v1", "/mcp")  # look who asks before they read, and bound that in their own words
_UNCOUNTED = ("/api/v1", "/v1", "/mcp")  # doors count by key
_DRAWN = "/page-image"
_OF_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Entrance:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, settings: Settings, throttle: Throttle) -> None:
        self._served = ProxyHeadersMiddleware(self._enter, settings.proxies.split())  # type: ignore[arg-type]
        self._app, self._throttle, self._hosts = app, throttle, hosts_of(settings)
        self._proxied = bool(settings.proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI), or tell why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not self._proxied and "x-forwarded-for" in Headers(scope=scope):
            self._proxied = True  # said once
            log.warning(texts.UNKNOWN_PROXY, (scope.get("client") or ("?",))[0])
        await self._served({**scope}, receive, send)  # type: ignore[arg-type]

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        if self._hosts and _name(headers.get("host", "")) not in self._hosts:
            await _told(headers, texts.UNKNOWN_HOST, 400)(scope, receive, send)
            return
        changes = scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if (changes or _under(path, (_DRAWN,))) and not _under(path, _UNCOUNTED):
            client = network((scope.get("client") or ("",))[0])
            if wait := await run_in_threadpool(self._throttle.wait, Counted(("request", client), (REQUESTS,))):
                answer = _told(headers, texts.TOO_MANY_REQUESTS.format(wait=duration(wait)), 429)
                answer.headers["retry-after"] = str(wait)
                await answer(scope, receive, send)
                return
        if _under(path, _LONG):
            with suppress(ClientDisconnect):  # nobody is left to be told
                await self._app(scope, _timed(receive), send)
        elif changes or headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            await self._read_first(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _read_first(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read a small body whole, then hand the request on: a slow client holds nothing but this."""
        headers, body, more = Headers(scope=scope), bytearray(), True
        announced = headers.get("content-length", "0")
        too_large = announced.isdecimal() and int(announced) > BODY_LIMIT * 1024
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while more and not too_large:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    body += message.get("body", b"")
                    more, too_large = message.get("more_body", False), len(body) > BODY_LIMIT * 1024
        except TimeoutError:
            await _closing(_told(headers, texts.TOO_SLOW, 408))(scope, receive, send)
            return
        if too_large:
            await _closing(_told(headers, texts.TOO_LARGE.format(limit=BODY_LIMIT), 413))(scope, receive, send)
            return
        waiting: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replayed() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, replayed, send)


def hosts_of(settings: Settings) -> frozenset[str]:
    """The names that are served; none for any. Who listens to this machine only, and names none, answers to its own names."""
    if settings.hosts.strip():
        return frozenset(name.lower() for name in settings.hosts.split())
    try:
        alone = ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        alone = settings.host == "localhost"
    return _OF_THIS_MACHINE | {settings.host} if alone else frozenset()


def _name(host: str) -> str:
    """A « Host » without its port: « ville.fr:8443 » → « ville.fr », « [::1]:7860 » → « [::1] »."""
    end = host.find("]") + 1 if host.startswith("[") else host.find(":")
    return (host if end <= 0 else host[:end]).lower().rstrip(".")


def _under(path: str, addresses: tuple[str, ...]) -> bool:
    return f"{path}/".startswith(tuple(f"{address}/" for address in addresses))


def _timed(receive: Receive) -> Receive:
    """The same request, taken for one that was left once a piece of its body is too long in coming."""
    more = True

    async def received() -> Message:
        nonlocal more
        if not more:
            return await receive()  # whether the client leaves, awaited as long as the answer lasts
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        more = message["type"] == "http.request" and message.get("more_body", False)
        return message

    return received


def _told(headers: Headers, sentence: str, status: int) -> Response:
    never_kept = {"cache-control": "no-store"}
    if "text/html" in headers.get("accept", ""):
        page = (
            f'<!doctype html><html lang="fr"><meta charset="utf-8"><title>{texts.REFUSED}</title><p>{escape(sentence)}</p></html>'
        )
        return HTMLResponse(page, status, never_kept)
    return JSONResponse({"detail": sentence}, status, never_kept)


def _closing(answer: Response) -> Response:
    answer.headers["connection"] = "close"  # what is still to come is not read
    return answer
