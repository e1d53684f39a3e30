"""An endpoint that speaks as OpenAI's: chat software asks this assistant like a model, and keeps its citations.

The questions of the conversation are asked again, in order; what the software says for itself (system messages, answers, tools)
has no effect: an answer says what its sources carry. Citations are in the text, in `annotations`, and whole in `answer`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant.doors import door_texts as texts
from assistant.doors import event_stream
from assistant.doors.admission import Admission, DoorRefused
from assistant.doors.asking import TURNS, Asking, Reply
from assistant.doors.gate import Gate, caller_of, handlers, headers_of, read
from assistant.doors.housekeeping import answer_to_task, question_of

ADDRESS = "/v1"
ORIGIN = "openai"
_DONE = b"data: [DONE]\n\n"
_WRONG = 400  # what OpenAI answers to a body that is not what it expects
_KINDS = {401: ("authentication_error", "invalid_api_key"), 404: ("invalid_request_error", "not_found")}
_TOO_MUCH = ("rate_limit_error", "rate_limit_exceeded")
_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}  # nothing is counted in tokens here


class ChatMessage(BaseModel):
    """A message of the conversation; parts that are not text are refused."""

    role: str
    content: str | list[dict[str, Any]] | None = None


class StreamOptions(BaseModel):
    """What else a stream says."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """What chat software sends; its other fields (temperature, tools…) have no effect."""

    model: str = texts.MODEL
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptions | None = None


def door(asking: Asking, admission: Admission) -> Starlette:
    """The endpoint, to be mounted at ADDRESS."""

    async def complete(request: Request) -> Response:
        asked = read(request, ChatRequest, _WRONG)
        if asked.model != texts.MODEL:
            raise DoorRefused(texts.UNKNOWN_MODEL.format(model=asked.model[:100], known=texts.MODEL), 404)
        typed = [_text(message) for message in asked.messages if message.role == "user"]
        if not typed:
            raise DoorRefused(texts.NO_QUESTION, _WRONG)
        completion = _Completion(asking.current().retriever.version)
        if (task := answer_to_task(typed[-1])) is not None:
            reply = None
        else:
            *turns, question = [question_of(one) for one in typed]
            turns = [turn for turn in turns if turn.strip()][-TURNS:]
            asking.check(question, turns)
            admission.spend(caller_of(request))
            reply = await asking.ask(question, turns, ORIGIN, caller_of(request))
            completion = _Completion(reply.index_version)
        text = task if reply is None else reply.as_text()
        if asked.stream:
            wanted = asked.stream_options.include_usage if asked.stream_options else False
            return event_stream.streamed(completion.chunks(str(text), reply, wanted))
        return JSONResponse(completion.whole(str(text), reply), headers={"cache-control": "no-store"})

    def models(request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [_model(asking)]})

    def model(request: Request) -> Response:
        if (name := request.path_params["name"]) != texts.MODEL:
            raise DoorRefused(texts.UNKNOWN_MODEL.format(model=name[:100], known=texts.MODEL), 404)
        return JSONResponse(_model(asking))

    return Starlette(
        routes=[
            Route("/chat/completions", complete, methods=["POST"]),
            Route("/models", models, methods=["GET"]),
            Route("/models/{name}", model, methods=["GET"]),
        ],
        middleware=[Middleware(Gate, admission=admission, told=told)],
        exception_handlers=handlers(told),
    )


class _Completion:
    """One completion: an identifier, a moment, the version of the base."""

    def __init__(self, version: str) -> None:
        self._id, self._created, self._version = f"chatcmpl-{secrets.token_hex(12)}", int(time.time()), version

    def whole(self, text: str, reply: Reply | None) -> dict[str, Any]:
        message = {"role": "assistant", "content": text, "refusal": None, "annotations": url_citations(text, reply)}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return {**self._head("chat.completion"), "choices": [choice], "usage": _NO_USAGE, **_answer(reply)}

    async def chunks(self, text: str, reply: Reply | None, usage: bool) -> AsyncIterator[bytes]:
        yield self._chunk({"role": "assistant", "content": ""})
        for piece in event_stream.pieces(text):
            yield self._chunk({"content": piece})
        if cited := url_citations(text, reply):
            yield self._chunk({"annotations": cited})
        yield self._chunk({}, finish="stop", **_answer(reply))
        if usage:
            yield event_stream.event({**self._head("chat.completion.chunk"), "choices": [], "usage": _NO_USAGE})
        yield _DONE

    def _chunk(self, delta: dict[str, Any], finish: str | None = None, **fields: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return event_stream.event({**self._head("chat.completion.chunk"), "choices": [choice], **fields})

    def _head(self, kind: str) -> dict[str, Any]:
        head = {"id": self._id, "object": kind, "created": self._created, "model": texts.MODEL}
        return {**head, "system_fingerprint": self._version}


def url_citations(text: str, reply: Reply | None) -> list[dict[str, Any]]:
    """A `url_citation` for each citation that has an address, at the place of its first marker in the text, in characters."""
    found = []
    for citation in reply.answer.citations if reply else ():
        marker = f"[{citation.marker}]"
        if citation.url and (start := text.find(marker)) >= 0:
            page = texts.PAGE.format(page=citation.page) if citation.page else ""
            cited = {"url": citation.url, "title": citation.passage.title + page}
            found.append(
                {"type": "url_citation", "url_citation": {**cited, "start_index": start, "end_index": start + len(marker)}}
            )
    return found


def _answer(reply: Reply | None) -> dict[str, Any]:
    return {"answer": reply.as_dict()} if reply else {}


def _text(message: ChatMessage) -> str:
    if not isinstance(message.content, list):
        return message.content or ""
    if any(part.get("type") != "text" or not isinstance(part.get("text"), str) for part in message.content):
        raise DoorRefused(texts.NOT_TEXT, _WRONG)
    return "\n".join(part["text"] for part in message.content)


def _model(asking: Asking) -> dict[str, Any]:
    published = datetime.fromisoformat(asking.current().retriever.manifest.created)
    named = {"id": texts.MODEL, "object": "model", "created": int(published.timestamp()), "owned_by": texts.MODEL}
    return {**named, "name": texts.TITLE}


# -- errors ----------------------------------------------------------------------------------------


def told(refused: DoorRefused) -> Response:
    """A refusal as OpenAI's clients read it."""
    status = _WRONG if refused.status == 422 else refused.status
    server = ("server_error", None) if status >= 500 else ("invalid_request_error", None)
    kind, code = _TOO_MUCH if status == 429 else _KINDS.get(status, server)
    error = {"message": str(refused), "type": kind, "param": None, "code": code}
    return JSONResponse({"error": error}, status, headers=headers_of(refused))
