"""/mcp: the MCP server over streamable HTTP, started by its first request. Keeps no session: a call stands alone.

The SDK is imported then, in a thread, so that who never uses this door never pays for it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from assistant.doors.admission import Admission, Caller, DoorRefused
from assistant.doors.asking import Asking
from assistant.doors.gate import Gate, caller_of, headers_of

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

ADDRESS = "/mcp"
_REFUSED = -32000  # JSON-RPC: an error of the server's own


class McpDoor:
    """The ASGI application. Its manager runs in a task of its own, and ends with the loop of the server."""

    def __init__(self, asking: Asking, admission: Admission) -> None:
        self._asking, self._admission = asking, admission
        self._starting = asyncio.Lock()
        self._manager: StreamableHTTPSessionManager | None = None
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to the running server, which the first one starts."""
        await (await self._started()).handle_request(scope, receive, send)

    async def _started(self) -> StreamableHTTPSessionManager:
        async with self._starting:
            if self._manager is None or self._running is None or self._running.done():
                self._manager = await run_in_threadpool(self._made)
                ready = asyncio.Event()
                self._running = asyncio.create_task(_run(self._manager, ready), name="mcp")
                await ready.wait()
            return self._manager

    def _made(self) -> StreamableHTTPSessionManager:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from assistant.doors.mcp_server import server

        return StreamableHTTPSessionManager(server(self._asking, self._spend), json_response=True, stateless=True)

    def _spend(self, request: Request | None) -> Caller:
        assert request is not None  # over HTTP there is one
        caller = caller_of(request)
        self._admission.spend(caller)
        return caller


async def _run(manager: StreamableHTTPSessionManager, ready: asyncio.Event) -> None:
    async with manager.run():
        ready.set()
        await asyncio.Event().wait()  # until the loop of the server is closed, which cancels this


def door(asking: Asking, admission: Admission) -> Gate:
    """The door, to be mounted at ADDRESS."""
    return Gate(McpDoor(asking, admission), admission, told)


def told(refused: DoorRefused) -> Response:
    """A refusal before any message was read, as JSON-RPC."""
    error = {"code": _REFUSED, "message": str(refused)}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, refused.status, headers=headers_of(refused))
