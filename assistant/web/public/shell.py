"""The served page around Gradio's: French, described, with our style sheet, and closed to third parties.

Gradio serves `<html lang="en">` and social-network metadata; this ASGI layer rewrites the page as it
goes out, so that it is French before any script runs, and adds the security headers to every answer.
Sites that a setting names may frame the public pages; nobody else, and never those of the staff. Knows
HTTP, nothing of conversations.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.public import page_texts as texts
from assistant.web.public import theme
from assistant.web.shared import brand

# Gradio builds functions from strings: « unsafe-eval » cannot be dropped; no other host is allowed.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'self'",
        "form-action 'self'",
        "base-uri 'self'",
    )
)
_POLICY_HEADER = "content-security-policy"
_HEADERS = {
    _POLICY_HEADER: _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_FRAMED_BY, _STAFF = "frame-ancestors", "/equipe"
_FOREIGN_METADATA = re.compile(rb'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*?/?>|\s*<link rel="manifest"[^>]*>')


class Shell:
    """Wraps the application; pages named in `pages` are rewritten, and framed by the sites of `embed_origins`."""

    def __init__(self, app: ASGIApp, embed_origins: str = "", pages: frozenset[str] = frozenset({"/"})) -> None:
        self._app, self._pages = app, pages
        self._framing = " ".join([_FRAMED_BY, "'self'", *embed_origins.split()]) if embed_origins.strip() else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI), its page rewritten when it is one of `pages`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        sending = _with_headers(send, "" if f"{path}/".startswith(f"{_STAFF}/") else self._framing)
        if path in self._pages and scope["method"] == "GET":
            await self._app(_uncompressed(scope), receive, _Rewriter(sending))
        else:
            await self._app(scope, receive, sending)


class _Rewriter:
    """Holds a page back until it is whole, then sends it rewritten."""

    def __init__(self, send: Send) -> None:
        self._send, self._body = send, b""
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body") or self._start is None:
            return
        headers = MutableHeaders(scope=self._start)
        if headers.get("content-type", "").startswith("text/html"):
            self._body = in_french(self._body)
            headers["content-length"] = str(len(self._body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})


def in_french(page: bytes) -> bytes:
    """Gradio's page with our language, title, description, icon, style sheet and script."""
    page = _FOREIGN_METADATA.sub(b"", page)
    page = re.sub(rb'(<html\b[^>]*?)lang="en"', rb'\1lang="fr"', page, count=1)
    page = page.replace(b"</head>", _head().encode("utf-8") + b"</head>", 1)
    return page.replace(b"</body>", f"<noscript><p>{escape(texts.NO_SCRIPT)}</p></noscript></body>".encode(), 1)


def _head() -> str:
    styles = "".join(f'<link rel="stylesheet" href="assets-page/{style.name}">' for style in theme.STYLES)
    scripts = "".join(f'<script src="assets-page/{script.name}"></script>' for script in theme.SCRIPTS)
    return (
        f"<title>{escape(texts.TITLE)}</title>"
        f'<meta name="description" content="{escape(texts.DESCRIPTION)}">'
        '<meta name="color-scheme" content="light dark">'
        f'<link rel="icon" type="image/svg+xml" href="{brand.ICON_DATA}">'
        f"{styles}{scripts}"
    )


def _with_headers(send: Send, framing: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)  # the staff's pages have a stricter policy of their own
            if framing:
                headers[_POLICY_HEADER] = re.sub(rf"{_FRAMED_BY} [^;]*", framing, headers[_POLICY_HEADER])
        await send(message)

    return sending


def _uncompressed(scope: Scope) -> dict[str, Any]:
    """The same request without « accept-encoding »: a compressed page cannot be rewritten."""
    kept = [(name, value) for name, value in Headers(scope=scope).raw if name != b"accept-encoding"]
    return {**scope, "headers": kept}
