"""What stands before every door: the key, the counts, a body of JSON that is not too large.

A refusal is told in the door's own format. Knows HTTP and JSON; nothing of questions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.doors import door_texts as texts
from assistant.doors.admission import Admission, Caller, DoorRefused

BODY_LIMIT = 1024  # KiB; a conversation of chat software comes whole each time
_CALLER, _SENT = "assistant.caller", "assistant.sent"  # where the scope of a request keeps who asks, and the JSON sent
_BEARER = "bearer "

Told = Callable[[DoorRefused], Response]
AnyModel = TypeVar("AnyModel", bound=BaseModel)


class Gate:
    """Wraps a door; paths in `free`, as the door names them, are open to anyone, and uncounted."""

    def __init__(self, app: ASGIApp, admission: Admission, told: Told, free: frozenset[str] = frozenset()) -> None:
        self._app, self._admission, self._told, self._free = app, admission, told, free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or tell why not."""
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else ""
        if scope["type"] != "http" or path in self._free:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            address = request.client.host if request.client else ""
            caller = await run_in_threadpool(self._admission.admit, secret_of(request), address)
            body = await _body(request)
            sent = _json(request, body) if request.method == "POST" else None
        except DoorRefused as refused:
            await self._told(refused)(scope, receive, send)
        except ClientDisconnect:
            return  # nobody is left to be told
        else:
            await self._app({**scope, _CALLER: caller, _SENT: sent}, _replayed(body, receive), send)


def handlers(told: Told) -> dict[Any, Callable[[Request, Exception], Response]]:
    """What an application answers to a refusal, to an address or method it has not, to anything else that breaks."""

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, DoorRefused)
        return told(error)

    def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return told(DoorRefused(texts.HTTP.get(error.status_code, texts.FAILED), error.status_code))

    def failed(request: Request, error: Exception) -> Response:
        return told(DoorRefused(texts.FAILED, 500))

    return {DoorRefused: refused, HTTPException: unknown, Exception: failed}


def caller_of(request: Request) -> Caller:
    """Who asks, as the gate let them in."""
    caller: Caller = request.scope[_CALLER]
    return caller


def secret_of(request: Request) -> str:
    """The key that a request carries, or nothing."""
    given = request.headers.get("authorization", "")
    return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else ""


def headers_of(refused: DoorRefused) -> dict[str, str]:
    """The headers that go with a refusal, whatever the format of its body."""
    headers = {"cache-control": "no-store"}
    if refused.retry_after is not None:
        headers["retry-after"] = str(refused.retry_after)
    if refused.status == 401:
        headers["www-authenticate"] = "Bearer"
    return headers


async def _body(request: Request) -> bytes:
    too_large = DoorRefused(texts.BODY_TOO_LARGE.format(limit=BODY_LIMIT), 413)
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > BODY_LIMIT * 1024:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT * 1024:
            raise too_large
    return bytes(body)


def _json(request: Request, body: bytes) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise DoorRefused(texts.NOT_SAID_JSON, 415)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DoorRefused(texts.NOT_JSON, 400) from error


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The same request for who reads it next: its body at once, then whatever comes (the client leaving)."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received


def read(request: Request, model: type[AnyModel], status: int = 422) -> AnyModel:
    """What was sent; DoorRefused with this status when it is not what is expected."""
    try:
        return model.model_validate(request.scope[_SENT])
    except ValidationError as error:
        raise DoorRefused(fault(error.errors()[0]), status) from error


def fault(error: Mapping[str, Any]) -> str:
    """What is wrong with one field, in a sentence: « Le champ « turns » ne convient pas : une liste est attendue. »"""
    # Among the parts of the place, pydantic names the alternative it tried: « content », « str ».
    field = ".".join(str(part) for part in error["loc"] if part != "str" and not str(part).startswith("list["))
    if not field:
        return texts.MALFORMED_WHOLE
    if error["type"] == "missing":
        return texts.MISSING.format(field=field)
    expected = texts.EXPECTED.get(error["type"], texts.EXPECTED_OTHER)
    return texts.MALFORMED.format(field=field, expected=expected.format(**error.get("ctx", {})))
