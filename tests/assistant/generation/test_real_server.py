"""A real inference server with a random model: the protocol is spoken for good, and babble is never shown."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from assistant.generation import model_check
from assistant.generation.chat_model import ChatModel, ModelServer
from assistant.generation.circuit_breaker import CircuitBreaker
from assistant.generation.support import SupportChecker
from assistant.generation.writing import AnswerWriter
from index.embedding import SentenceEncoder
from tests.assistant.conftest import PROJECT
from tests.assistant.faithful import assert_faithful
from tests.assistant.generation.conftest import written
from tests.browser.conftest import free_port

pytestmark = pytest.mark.slow

START_SECONDS = 120


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("modèle"), free_port()
    log = folder / "server.log"
    command = [sys.executable, str(PROJECT / "tests" / "tiny_model.py"), str(folder / "tiny"), str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=PROJECT)
    try:
        limit = time.monotonic() + START_SECONDS
        while not _answers(f"http://127.0.0.1:{port}/health"):
            assert process.poll() is None and time.monotonic() < limit, log.read_text()[-2000:]
            time.sleep(0.2)
        model = ChatModel(ModelServer(f"http://127.0.0.1:{port}/v1", str(folder / "tiny"), "", 30.0, 60.0, 120))
        yield model
        model.close()
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def test_the_protocol_is_spoken(tiny):
    found = model_check.check(tiny, SupportChecker(SentenceEncoder()))
    assert found.fault is None and found.names and any(Path(name).name == "tiny" for name in found.names)
    assert found.streams and found.pace > 1 and found.sentences > 0
    assert found.supported == 0, "what it says of the made-up passages is babble"


@pytest.mark.parametrize("question", ["Quel est le taux du plan Halles ?", "Quelle aide pour une fontaine ?", "Qui contacter ?"])
def test_babble_is_never_shown(tiny, made_up, question):
    answer = written(AnswerWriter(tiny, breaker=CircuitBreaker(100, 1)), made_up, question)
    own = made_up.ask(question)
    assert answer.writing is not None and answer.writing.fallback and answer.writing.shown == 0
    assert answer.as_dict() == own.as_dict()
    assert_faithful(made_up, answer)


def test_who_stops_is_heard_by_a_real_server(tiny, made_up):
    started = time.monotonic()
    *_, last = AnswerWriter(tiny).stream(made_up, "Quel est le taux du plan Halles ?", (), stopped=lambda: True)
    assert last.answer.writing.fallback and time.monotonic() - started < 5
