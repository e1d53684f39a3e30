"""The MCP server by the SDK's own client: over HTTP, in both ages of the protocol, and over stdio in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from assistant.records.database import Database
from assistant.records.journal import Journal
from tests.assistant.doors.conftest import RATE, Served

PROJECT = Path(__file__).parents[3]
TOOLS = ["poser_une_question", "chercher", "lire_passage"]
Use = Callable[[Client], Awaitable[None]]


def over_http(served: Served, use: Use, mode: str = "auto", key: str | None = None) -> None:
    async def talking() -> None:
        headers = {"authorization": f"Bearer {served.key if key is None else key}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(f"{served.url}/mcp", http_client=http), mode=mode) as client,
        ):
            await use(client)

    asyncio.run(talking())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_question_is_answered_with_its_sources(served, latest, mode):
    expected = served.assistant.ask(RATE)
    version = served.assistant.retriever.version

    async def use(client: Client) -> None:
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == TOOLS and all(tool.annotations.read_only_hint for tool in listed)
        assert "français" in client.instructions
        answer = await client.call_tool("poser_une_question", {"question": RATE})
        assert not answer.is_error
        assert answer.structured_content == {**expected.as_dict(), "index_version": version}
        (content,) = answer.content
        assert content.text.startswith(expected.text) and "https://exemple.fr/halles" in content.text and version in content.text
        after = await client.call_tool(
            "poser_une_question", {"question": "Et pour les études ?", "questions_precedentes": [RATE]}
        )
        assert "Halles" in after.structured_content["standalone_question"]

    over_http(served, use, mode)
    assert latest().origin == "mcp"


def test_what_is_found_can_be_read_with_what_stands_around(served):
    async def use(client: Client) -> None:
        found = (await client.call_tool("chercher", {"question": "taux du plan Halles", "nombre": 2})).structured_content
        assert len(found["passages"]) == 2 and found["index_version"] == served.assistant.retriever.version
        first = found["passages"][0]
        assert "35 %" in first["text"] and first["url"] == "https://exemple.fr/halles"
        read = (await client.call_tool("lire_passage", {"id": first["id"]})).structured_content
        assert read["text"] == first["text"] and read["date"] == "2026-01-30"
        assert read["sources"][0]["publisher"] == "Ministère des halles"
        beside = (await client.call_tool("lire_passage", {"id": read["next"]})).structured_content
        assert beside["previous"] == first["id"] and beside["document"] == first["document"]

    over_http(served, use)


WRONG = [
    ("rien", {}, "L'outil « rien » n'existe pas"),
    ("chercher", {}, "« question » manque"),
    ("chercher", {"question": RATE, "nombre": 500}, "50 au plus"),
    ("chercher", {"question": RATE, "nombre": "deux"}, "un nombre entier est attendu"),
    ("poser_une_question", {"question": ""}, "La question est vide"),
    ("poser_une_question", {"question": RATE, "questions_precedentes": ["a"] * 13}, "12 au plus"),
    ("poser_une_question", {"question": RATE, "autre": 1}, "« autre » ne convient pas : il n'existe pas"),
    ("lire_passage", {"id": "halles.md#1-2"}, "n'est pas, ou n'est plus, dans la base"),
]


def test_what_is_wrong_is_told_in_french_as_a_result(served):
    async def use(client: Client) -> None:
        for name, arguments, words in WRONG:
            answer = await client.call_tool(name, arguments)
            assert answer.is_error and words in answer.content[0].text, name

    over_http(served, use)


def test_quotas_count_questions_and_searches(served):
    secret = served.keys.add("par MCP", per_day=2)

    async def use(client: Client) -> None:
        assert not (await client.call_tool("chercher", {"question": RATE})).is_error
        assert not (await client.call_tool("poser_une_question", {"question": RATE})).is_error
        told = await client.call_tool("poser_une_question", {"question": RATE})
        assert told.is_error and "Le quota de cette clé" in told.content[0].text

    over_http(served, use, key=secret)


def test_strangers_and_nonsense_are_refused_in_json_rpc(served):
    async def use(client: Client) -> None:
        raise AssertionError("let in")

    with pytest.RaisesGroup(pytest.RaisesExc(MCPError, match="n'est pas reconnue"), flatten_subgroups=True):
        over_http(served, use, key="pvd_inconnue")
    with served.client() as client:
        answer = client.post("/mcp", content=b"bonjour", headers={"content-type": "application/json"})
    assert answer.status_code == 400 and "pas du JSON" in answer.json()["error"]["message"]
    assert (answer.json()["jsonrpc"], answer.json()["id"]) == ("2.0", None)


@pytest.mark.slow
def test_over_stdio_in_a_process_of_its_own(root, tmp_path):
    environment = {
        "PYTHONPATH": str(PROJECT),
        "ASSISTANT_JOURNAL": f"sqlite:///{tmp_path}/j.sqlite",
        "HOME": os.environ.get("HOME", ""),
    }
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "assistant", "mcp", "--index", str(root)], env=environment, cwd=tmp_path
    )

    async def talking() -> None:
        async with Client(command) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
            answer = await client.call_tool("poser_une_question", {"question": "Combien touche la collectivité pour un VTA ?"})
            assert answer.structured_content["status"] == "answered" and "15 000" in answer.content[0].text
            assert answer.structured_content["citations"][0]["url"].startswith("https://")

    asyncio.run(talking())
    (kept,) = Journal(Database(environment["ASSISTANT_JOURNAL"])).recent()
    assert kept.origin == "mcp"
