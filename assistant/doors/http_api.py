"""The HTTP API: a question in JSON → one answer of `ask --jsonl` and the version of the base; described by OpenAPI, in French.

Its errors are « application/problem+json » (RFC 9457). Knows the fields of the contract; nothing of how an answer is made.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from assistant import __version__
from assistant.answering.answer import HitsFound, QuestionUnderstood
from assistant.doors import api_documentation, event_stream
from assistant.doors import door_texts as texts
from assistant.doors.admission import Admission, Caller, DoorRefused
from assistant.doors.asking import TURNS, Asking, Reply
from assistant.doors.gate import Gate, caller_of, handlers, headers_of, read

ADDRESS = "/api/v1"
ORIGIN = "api"
OPENAPI, DOCUMENTATION, QUESTIONS = "/openapi.json", "/documentation", "/questions"
PROBLEM_TYPE = "application/problem+json"
_STREAM_TYPE = "text/event-stream"


class AskedQuestion(BaseModel):
    """What is sent."""

    model_config = ConfigDict(extra="forbid")  # a misspelt field would be a follow-up answered without its conversation

    question: str = Field(description=texts.FIELDS["question"])
    turns: list[str] = Field(default=[], description=texts.FIELDS["turns"], max_length=TURNS)


class CitationFields(BaseModel):
    """A citation of an answer."""

    marker: int = Field(description=texts.FIELDS["marker"])
    document: str = Field(description=texts.FIELDS["document"])
    title: str = Field(description=texts.FIELDS["title"])
    section: str = Field(description=texts.FIELDS["section"])
    page: int | None = Field(description=texts.FIELDS["page"])
    quote: str = Field(description=texts.FIELDS["quote"])
    url: str | None = Field(description=texts.FIELDS["url"])


class SentenceFields(BaseModel):
    """A sentence of an answer."""

    text: str = Field(description=texts.FIELDS["sentence"])
    citations: list[int] = Field(description=texts.FIELDS["markers"])
    support: str = Field(description=texts.FIELDS["support"])


class AnswerFields(BaseModel):
    """What comes back."""

    question: str = Field(description=texts.FIELDS["question"])
    standalone_question: str = Field(description=texts.FIELDS["standalone_question"])
    status: str = Field(description=texts.FIELDS["status"])
    text: str = Field(description=texts.FIELDS["text"])
    citations: list[CitationFields] = Field(description=texts.FIELDS["citations"])
    sentences: list[SentenceFields] = Field(description=texts.FIELDS["sentences"])
    index_version: str = Field(description=texts.FIELDS["index_version"])


class ProblemFields(BaseModel):
    """An error."""

    type: str = Field(description=texts.FIELDS["type"])
    title: str = Field(description=texts.FIELDS["problem_title"])
    status: int = Field(description=texts.FIELDS["status_code"])
    detail: str = Field(description=texts.FIELDS["detail"])


def door(asking: Asking, admission: Admission, who: str) -> Starlette:
    """The API, to be mounted at ADDRESS; `who` is the setting `doors`."""
    described = openapi()

    async def ask(request: Request) -> Response:
        asked = read(request, AskedQuestion)
        asking.check(asked.question, asked.turns)
        admission.spend(caller_of(request))
        if _STREAM_TYPE in request.headers.get("accept", ""):
            return event_stream.streamed(_events(asking, asked, caller_of(request)))
        reply = await asking.ask(asked.question, asked.turns, ORIGIN, caller_of(request))
        return JSONResponse(reply.as_dict(), headers={"cache-control": "no-store"})

    def document(request: Request) -> Response:
        return JSONResponse(described)

    def documentation(request: Request) -> Response:
        base = str(request.base_url).rstrip("/").removesuffix(ADDRESS)
        return HTMLResponse(api_documentation.page(described, base, who, admission.per_minute))

    return Starlette(
        routes=[
            Route(QUESTIONS, ask, methods=["POST"]),
            Route(OPENAPI, document, methods=["GET"]),
            Route(DOCUMENTATION, documentation, methods=["GET"]),
        ],
        middleware=[Middleware(Gate, admission=admission, told=problem, free=frozenset((OPENAPI, DOCUMENTATION)))],
        exception_handlers=handlers(problem),
    )


async def _events(asking: Asking, asked: AskedQuestion, caller: Caller) -> AsyncIterator[bytes]:
    try:
        async for told in asking.follow(asked.question, asked.turns, ORIGIN, caller):
            if isinstance(told, QuestionUnderstood):
                yield event_stream.event({"standalone_question": told.standalone_question}, "understood")
            elif isinstance(told, HitsFound):
                yield event_stream.event({"passages": len(told.hits)}, "found")
            elif isinstance(told, Reply):
                for piece in event_stream.pieces(told.answer.text):
                    yield event_stream.event({"text": piece}, "text")
                yield event_stream.event(told.as_dict(), "answer")
    except DoorRefused as refused:
        yield event_stream.event(_problem_fields(refused), "error")


# -- errors ----------------------------------------------------------------------------------------


def problem(refused: DoorRefused) -> Response:
    """A refusal in the format of the API."""
    return JSONResponse(_problem_fields(refused), refused.status, headers=headers_of(refused), media_type=PROBLEM_TYPE)


def _problem_fields(refused: DoorRefused) -> dict[str, Any]:
    title = texts.API_ERRORS.get(refused.status, texts.API_ERRORS_OTHER)
    return ProblemFields(type="about:blank", title=title, status=refused.status, detail=str(refused)).model_dump()


# -- its description -------------------------------------------------------------------------------


class _Untitled(GenerateJsonSchema):
    """Without the English titles that would be made of the names of fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def openapi() -> dict[str, Any]:
    """The OpenAPI document."""
    _, schemas = models_json_schema(
        [(model, "serialization") for model in (AskedQuestion, AnswerFields, ProblemFields)],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Untitled,
    )
    components = {name: {**schema, "description": texts.SCHEMAS[name]} for name, schema in schemas["$defs"].items()}
    answer, fault = _reference("AnswerFields"), _reference("ProblemFields")
    responses: dict[str, Any] = {
        "200": {
            "description": texts.API_OK,
            "content": {"application/json": {"schema": answer}, _STREAM_TYPE: {"schema": {"type": "string"}}},
        }
    }
    for status, description in texts.API_ERRORS.items():
        responses[str(status)] = {"description": description, "content": {PROBLEM_TYPE: {"schema": fault}}}
    operation = {
        "operationId": "ask",
        "summary": texts.API_SUMMARY,
        "description": texts.API_DESCRIPTION,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _reference("AskedQuestion")}}},
        "responses": responses,
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": texts.TITLE, "description": texts.API_ABOUT, "version": __version__},
        "servers": [{"url": ADDRESS}],
        "paths": {QUESTIONS: {"post": operation}},
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": texts.SECURITY}},
        },
        "security": [{"key": []}, {}],
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
