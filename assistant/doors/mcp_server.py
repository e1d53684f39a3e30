"""The MCP server: three tools (ask, search, read a passage), each giving the same values as text and as structured content.

Arguments are checked here and refused in French, in a result that says it is an error: whoever called can mend the call.
Knows the SDK, which takes most of a second to import: import this module only to serve. Knows nothing of keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from mcp.server import Server
from mcp.server.context import ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from assistant import __version__
from assistant.doors import door_texts as texts
from assistant.doors.admission import Caller, DoorRefused
from assistant.doors.asking import TURNS, Asking
from assistant.doors.gate import fault
from index.document import Passage
from index.search import Retriever

ORIGIN = "mcp"
_FOUND = 50  # passages a search gives at most

Spend = Callable[[Request | None], Caller]
Called = tuple[str, dict[str, Any]]  # a result as text, and structured


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskArguments(_Arguments):
    """Of « poser_une_question »."""

    question: str = Field(description=texts.ARGUMENTS["question"])
    questions_precedentes: list[str] = Field(default=[], description=texts.ARGUMENTS["questions_precedentes"], max_length=TURNS)


class SearchArguments(_Arguments):
    """Of « chercher »."""

    question: str = Field(description=texts.ARGUMENTS["question"])
    nombre: int = Field(default=5, description=texts.ARGUMENTS["nombre"], ge=1, le=_FOUND)


class ReadArguments(_Arguments):
    """Of « lire_passage »."""

    id: str = Field(description=texts.ARGUMENTS["id"])


def server(asking: Asking, spend: Spend = lambda request: Caller()) -> Server[Any]:
    """The server, for any transport; `spend` counts a question of whoever sent the request, None over stdio."""
    called: dict[str, tuple[type[_Arguments], Callable[[Any, Caller], Awaitable[Called]], str, str]] = {
        "poser_une_question": (AskArguments, lambda given, caller: _ask(asking, given, caller), texts.ASK_TITLE, texts.ASK_TOOL),
        "chercher": (SearchArguments, lambda given, caller: _search(asking, given), texts.SEARCH_TITLE, texts.SEARCH_TOOL),
        "lire_passage": (ReadArguments, lambda given, caller: _read(asking, given), texts.READ_TITLE, texts.READ_TOOL),
    }
    tools = [_tool(name, arguments, title, says) for name, (arguments, _, title, says) in called.items()]

    async def list_tools(context: ServerRequestContext[Any], params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=tools)

    async def call_tool(context: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        try:
            if params.name not in called:
                raise DoorRefused(texts.UNKNOWN_TOOL.format(name=params.name[:100], known=", ".join(called)), 404)
            arguments, run, *_ = called[params.name]
            given = arguments.model_validate(params.arguments or {})
            if isinstance(given, AskArguments):
                asking.check(given.question, given.questions_precedentes)
            elif isinstance(given, SearchArguments):
                asking.check(given.question, ())
            said, fields = await run(given, await run_in_threadpool(spend, context.request))
        except ValidationError as error:
            return _error(fault(error.errors()[0]))
        except DoorRefused as refused:
            return _error(str(refused))
        return CallToolResult(content=[TextContent(type="text", text=said)], structured_content=fields)

    return Server(
        texts.MODEL,
        version=__version__,
        title=texts.TITLE,
        instructions=texts.INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def serve_stdio(asking: Asking) -> None:
    """Serve one program over standard input and output, until it closes them."""

    async def serving() -> None:
        served = server(asking)
        async with stdio_server() as (heard, said):
            await served.run(heard, said, served.create_initialization_options())

    asyncio.run(serving())


async def _ask(asking: Asking, given: AskArguments, caller: Caller) -> Called:
    reply = await asking.ask(given.question, given.questions_precedentes, ORIGIN, caller)
    return f"{reply.as_text()}\n\n{texts.BASE.format(version=reply.index_version)}", reply.as_dict()


async def _search(asking: Asking, given: SearchArguments) -> Called:
    retriever = asking.current().retriever
    hits = await run_in_threadpool(retriever.search, given.question, given.nombre)
    found = [{**_fields(hit.passage), "score": round(hit.score, 4)} for hit in hits]
    listed = [texts.PASSAGES[len(found) < 2].format(count=len(found)), *(_quoted(one) for one in found)]
    return _of_version("\n\n".join(listed), {"passages": found}, retriever)


async def _read(asking: Asking, given: ReadArguments) -> Called:
    retriever = asking.current().retriever
    places = {passage.id: row for row, passage in enumerate(retriever.passages)}
    row = places.get(given.id)
    if row is None:
        raise DoorRefused(texts.UNKNOWN_PASSAGE, 404)
    passage, document = retriever.passages[row], retriever.documents[retriever.passages[row].document]
    notes = [{"publisher": note.publisher, "date": note.date, "url": note.url} for note in passage.notes]
    around = {"previous": _neighbour(retriever, row, -1), "next": _neighbour(retriever, row, 1)}
    fields = {**_fields(passage), "date": document.date, "sources": notes, **around}
    return _of_version(_quoted(fields), fields, retriever)


def _of_version(said: str, fields: dict[str, Any], retriever: Retriever) -> Called:
    version = texts.BASE.format(version=retriever.version)
    return f"{said}\n\n{version}", {**fields, "index_version": retriever.version}


def _neighbour(retriever: Retriever, row: int, step: int) -> str | None:
    """The id of the passage before or after one, in the same document."""
    beside = row + step
    if not 0 <= beside < len(retriever.passages) or retriever.passages[beside].document != retriever.passages[row].document:
        return None
    return retriever.passages[beside].id


def _fields(passage: Passage) -> dict[str, Any]:
    url = next((note.url for note in passage.notes if note.url), None)
    named = {"id": passage.id, "document": passage.document, "title": passage.title, "section": passage.section}
    return {**named, "page": passage.page, "text": passage.text, "url": url}


def _quoted(fields: dict[str, Any]) -> str:
    page = texts.PAGE.format(page=fields["page"]) if fields["page"] else ""
    place = f"{fields['title']}{page}" + (f" › {fields['section']}" if fields["section"] else "")
    quote = "\n".join(f"> {line}" for line in fields["text"].splitlines())
    return f"{place} ({fields['id']})\n\n{quote}" + (f"\n\n{fields['url']}" if fields["url"] else "")


def _error(sentence: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=sentence)], is_error=True)


def _tool(name: str, arguments: type[_Arguments], title: str, says: str) -> Tool:
    schema = arguments.model_json_schema()
    schema.pop("title", None)
    schema.pop("description", None)
    for field in schema["properties"].values():
        field.pop("title", None)
    hints = ToolAnnotations(title=title, read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    return Tool(name=name, title=title, description=says, input_schema=schema, annotations=hints)
