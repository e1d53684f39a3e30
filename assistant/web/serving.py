"""The whole application put together — public pages, staff's pages, what they share, the doors — and `serve`.

The only module that knows all sides. Holds no rule of the domain and draws nothing.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Annotated

import gradio as gr
import uvicorn
from fastapi import FastAPI, Form, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from assistant.answering.service import Assistant, open_or_build
from assistant.doors import mounting as doors
from assistant.doors.asking import Asking
from assistant.errors import AssistantError
from assistant.generation.writing import open_writer
from assistant.privacy.masking import Masker
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.records.reviews import Reviews
from assistant.records.rights import PURGE_EVERY, Rights
from assistant.records.team_questions import TeamQuestions
from assistant.settings import Settings
from assistant.throttling import Throttle
from assistant.web.entrance import Entrance
from assistant.web.public import answer_link, ask_team, rights_page, shell, theme, transparency_card
from assistant.web.public import page_texts as texts
from assistant.web.public.chat_endpoints import ChatEndpoints
from assistant.web.public.chat_page import ChatHandlers, build_page
from assistant.web.public.commune_list import FILE as COMMUNES
from assistant.web.public.commune_list import CommuneFile
from assistant.web.public.commune_page import CommunePage
from assistant.web.public.conversations import Conversations
from assistant.web.shared import brand, page_pictures
from assistant.web.shared.attachments import attached
from assistant.web.shared.published_base import PublishedBase
from assistant.web.slow_clients import TimedProtocol
from assistant.web.staff import routes as staff
from assistant.web.staff.desk import Desk
from index.progress import Progress, silent

log = logging.getLogger(__name__)


class AddressUnavailable(AssistantError):
    """The address to listen on is taken or refused."""


def build_app(assistant: Assistant, settings: Settings) -> tuple[FastAPI, Callable[[], None]]:
    """The application, and what to call when it stops: it lets the answers being written finish.

    Threads begin here: one watches for new versions of the base, one erases what is past its retention.
    """
    # Gradio reads these in places its parameters do not reach.
    os.environ.update(GRADIO_ANALYTICS_ENABLED="False", GRADIO_RUN_HISTORY="False", HF_HUB_DISABLE_TELEMETRY="1")
    masker = Masker(lambda: base.edition.public)
    database = Database(settings.journal, masker)
    journal = Journal(database, settings.retention_days)
    base = PublishedBase(assistant, settings, Reviews(database))
    writer = open_writer(settings, masker)
    assistant.proposer = writer.proposer if writer else None
    conversations = Conversations(base, journal, settings.concurrency, writer)
    throttle = Throttle(settings.limits_store)
    page = ChatHandlers(base, conversations, journal, settings, throttle)
    app = FastAPI(title=texts.TITLE, docs_url=None, redoc_url=None, openapi_url=None)
    communes = CommunePage(base, CommuneFile(settings.knowledge / COMMUNES))
    _add_routes(app, page, communes)
    questions, rights = TeamQuestions(database, settings.retention_days), Rights(database, settings.retention_days)
    app.include_router(answer_link.router(base, conversations, journal))
    app.include_router(ask_team.router(base, conversations, questions, throttle))
    app.include_router(rights_page.router(rights, settings))
    app.include_router(transparency_card.router(base, database, settings))
    staff.mount(app, Desk(base, database, journal, settings), throttle)
    # Half of the threads of the page, beside them: programs that ask much leave people theirs.
    threads = max(1, settings.concurrency // 2)
    asking = Asking(lambda: base.edition.assistant, journal, settings.question_limit, threads, writer)
    doors.mount(app, asking, database, settings, throttle)
    gr.mount_gradio_app(
        app,
        build_page(page, communes, settings),
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        show_error=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        max_file_size=1,
        theme=theme.gradio_theme(),
    )
    for route in app.routes:
        if isinstance(route, Mount) and not route.path:
            route.app = ChatEndpoints(route.app, route.routes)
    app.add_middleware(shell.Shell, embed_origins=settings.embed_origins)
    app.add_middleware(Entrance, settings=settings, throttle=throttle)
    base.watch()
    _purge_regularly(rights)

    def stop() -> None:
        base.stop()
        asking.close()
        conversations.close()
        if writer:
            writer.close()

    return app, stop


def _purge_regularly(rights: Rights) -> None:
    """Erase what is past its retention, now and then every quarter of an hour: no scheduler of the machine is needed."""

    def purge() -> None:
        while True:
            try:
                rights.purge()
            except AssistantError:
                log.exception("The journal could not be purged.")
            time.sleep(PURGE_EVERY.total_seconds())

    threading.Thread(target=purge, name="journal-purge", daemon=True).start()


def _add_routes(app: FastAPI, page: ChatHandlers, communes: CommunePage) -> None:
    @app.post("/export")
    def export_conversation(conversation: Annotated[str, Form()] = "", format: Annotated[str, Form()] = "md") -> Response:
        return page.exported(conversation, format)

    @app.post("/commune/export")
    async def export_commune(request: Request) -> Response:
        fields = dict(await request.form())
        content, media_type, name = await run_in_threadpool(communes.exported, fields, str(fields.get("format", "")))
        return attached(content, media_type, name)

    @app.get(page_pictures.ROUTE)
    async def page_image(number: int, document: str) -> Response:
        # Threads of their own: however many pages are asked for, answers keep theirs.
        return await asyncio.get_running_loop().run_in_executor(page_pictures.DRAWING, page.page_image, document, number)

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(brand.ICON, media_type="image/svg+xml")

    for asset in (*theme.STYLES, *theme.SCRIPTS):
        app.add_api_route(f"/assets-page/{asset.name}", _served(asset), methods=["GET"])


def _served(asset: theme.Asset) -> Callable[[], Response]:
    def serve_asset() -> Response:
        return PlainTextResponse(
            asset.content, media_type=asset.media_type, headers={"cache-control": "public, max-age=31536000, immutable"}
        )

    return serve_asset


class _Server(uvicorn.Server):
    """Says that the page is ready once it truly is."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._ready, flush=True)  # noqa: T201 — the one line the command says

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Each open page holds a stream to the server; cutting it is how one stops, not an error to report.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


def server_config(app: FastAPI, log_level: str) -> uvicorn.Config:
    """How the application is served; whom to believe about proxies, `entrance` knows."""
    return uvicorn.Config(
        app,
        http=TimedProtocol,
        ws="none",
        log_level=log_level,
        log_config=None,  # the logs are those of `privacy.masked_logs`
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def serve(settings: Settings, progress: Progress = silent) -> None:
    """Serve the page until interrupted; the index is built first when there is none.

    Raises:
        AddressUnavailable: the port is taken; known before the index is opened, which takes seconds.
        IndexingError: the index cannot be opened or built.
    """
    listening = _listen(settings.host, settings.port)
    try:
        app, stop = build_app(open_or_build(settings, progress), settings)
        try:
            ready = texts.READY.format(host=_shown_host(settings.host), port=settings.port)
            _Server(server_config(app, "warning"), ready).run(sockets=[listening])
        finally:
            stop()
    finally:
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressUnavailable(texts.ADDRESS_REFUSED.format(host=host, port=port, reason=error.strerror or error)) from error
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressUnavailable(texts.PORT_BUSY.format(port=port, host=host, other=_next_port(port))) from error
        raise AddressUnavailable(texts.ADDRESS_REFUSED.format(host=host, port=port, reason=error.strerror or error)) from error
    return listening


def _next_port(port: int) -> int:
    return port + 1 if port < 65535 else port - 1


def _shown_host(host: str) -> str:
    """An address one can click: « all interfaces » is reached through this machine's own."""
    return "127.0.0.1" if host in ("", "0.0.0.0", "::") else host
