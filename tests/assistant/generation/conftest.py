"""The assistant on two made-up fiches, and a scripted model on a socket of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant.answering.answer import Answer, Finished
from assistant.answering.service import Assistant
from assistant.generation.chat_model import ChatModel, ModelServer
from assistant.generation.circuit_breaker import CircuitBreaker
from assistant.generation.writing import AnswerWriter, WritingStyle
from index.builder import build
from index.embedding import SentenceEncoder
from index.search import Retriever
from tests.assistant.conftest import FICHES, write
from tests.scripted_model import KEY, NAME, ScriptedModel, scripted

# Long enough for the retries of the client, half a second then one; short enough for the slow scripts.
SERVER = ModelServer("", NAME, KEY, first_token_seconds=3.5, seconds=5.0, tokens=200)


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """By the encoder that ships, for which the checker was learned."""
    folder, encoder = tmp_path_factory.mktemp("rédaction"), SentenceEncoder()
    build(write(folder / "source", FICHES), folder / "index", encoder)
    return Assistant(Retriever.open(folder / "index", encoder))


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedModel]:
    with scripted() as running:
        yield running


@pytest.fixture(scope="module")
def model(server: ScriptedModel) -> Iterator[ChatModel]:
    opened = ChatModel(replace(SERVER, url=server.url))
    yield opened
    opened.close()


@pytest.fixture
def writer(model: ChatModel, server: ScriptedModel) -> AnswerWriter:
    """A writer whose breaker never opens, so that one misbehaviour says nothing of the next."""
    server.script = "good"
    server.requests.clear()
    return AnswerWriter(model, breaker=CircuitBreaker(1_000_000, 1))


def written(writer: AnswerWriter, assistant: Assistant, question: str, style: WritingStyle = WritingStyle()) -> Answer:
    *_, last = writer.stream(assistant, question, (), style)
    assert isinstance(last, Finished)
    return last.answer
