"""The whole application on a free port of this machine, with a key: what official clients talk to."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import uvicorn

from assistant.answering.service import Assistant
from assistant.records.api_keys import ApiKeys
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.settings import Settings
from assistant.web.serving import build_app, server_config
from index.builder import build
from index.search import Retriever
from tests.assistant.conftest import FICHES, write
from tests.fakes import HashEncoder

RATE = "Quel est le taux du plan Halles ?"
FOUNTAIN = "Quelle aide pour une fontaine ?"


@dataclass(frozen=True)
class Served:
    """The running application, and what the tests read behind it."""

    url: str
    key: str
    keys: ApiKeys
    journal: Journal
    assistant: Assistant

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    def client(self, **options: object) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, timeout=30, **{"headers": self.headers, **options})


@contextmanager
def serving(folder: Path, **settings: object) -> Iterator[Served]:
    """The application on two made-up fiches, served by uvicorn as `serve` does it."""
    build(write(folder / "source", FICHES), folder / "index", HashEncoder())
    used = Settings(index=folder / "index", knowledge=folder / "source", journal=f"sqlite:///{folder}/journal.sqlite", **settings)
    database = Database(used.journal)
    keys = ApiKeys(database)
    secret = keys.add("essais", 100_000)
    opened = Assistant(Retriever.open(used.index, HashEncoder()), used)
    listening = socket.create_server(("127.0.0.1", 0))
    started, stopping = threading.Event(), []

    async def run() -> None:
        app, stop = build_app(opened, used)
        server = _Told(server_config(app, "critical"), started)
        stopping.append(server)
        try:
            await server.serve(sockets=[listening])
        finally:
            await asyncio.to_thread(stop)

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="served")
    thread.start()
    try:
        assert started.wait(60)
        yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", secret, keys, Journal(database), opened)
    finally:
        stopping[0].should_exit = True
        thread.join(30)
        listening.close()
    assert not thread.is_alive()


class _Told(uvicorn.Server):
    """Says when it listens. Takes no signal: it runs in a thread."""

    def __init__(self, config: uvicorn.Config, started: threading.Event) -> None:
        super().__init__(config)
        self._told = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._told.set()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("portes"), door_requests_per_minute=10_000) as running:
        yield running


Latest = Callable[[], object]


@pytest.fixture
def latest(served: Served) -> Latest:
    """The newest exchange of the journal."""
    return lambda: served.journal.recent(1)[0]
