"""Gradio's own addresses: those that the chat page uses, and no other. What is not listed does not exist, whoever adds it.

Gradio serves some forty-five of them, for functions called by name, files, recordings, monitoring: none of it is ours.
"""

from __future__ import annotations

import re

from starlette.responses import JSONResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.public import page_texts as texts

# As Gradio writes them, with the methods the page uses.
OPEN = {
    "/": ("GET", "HEAD"),
    "/assets/{path:path}": ("GET",),
    "/static/{path:path}": ("GET",),
    "/svelte/{path:path}": ("GET",),
    "/theme.css": ("GET",),
    "/config": ("GET",),
    "/robots.txt": ("GET",),
    "/gradio_api/app_id": ("GET",),
    "/gradio_api/info": ("GET",),  # an empty list
    "/gradio_api/startup-events": ("GET",),
    "/gradio_api/theme.css": ("GET",),
    "/gradio_api/heartbeat/{session_hash}": ("GET",),
    "/gradio_api/queue/join": ("POST",),
    "/gradio_api/queue/data": ("GET",),
    "/gradio_api/component_server": ("POST",),
}
_PART = re.compile(r"\\\{\w+(:path)?\\\}")
_PATTERNS = [
    (re.compile(_PART.sub(lambda part: ".*" if part[1] else "[^/]+", re.escape(path))), methods) for path, methods in OPEN.items()
]


class ChatEndpoints:
    """Wraps Gradio's application."""

    def __init__(self, app: ASGIApp, routes: list[BaseRoute]) -> None:
        self._app = app
        self.routes = routes  # Gradio's, the closed ones too

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what the page uses (ASGI); any other request gets 404, in French."""
        if scope["type"] == "http" and not is_open(scope["method"], scope["path"].removeprefix(scope.get("root_path", ""))):
            await JSONResponse({"detail": texts.NO_SUCH_ADDRESS}, 404)(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)


def is_open(method: str, path: str) -> bool:
    """Whether the page uses this address of Gradio's, with or without a final slash."""
    path = path.rstrip("/") or "/"
    return any(method in methods and pattern.fullmatch(path) for pattern, methods in _PATTERNS)
