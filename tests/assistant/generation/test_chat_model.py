"""A model behind its server: the key stays hidden, what may be sent again is, and whoever stops reading closes the stream."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from assistant.generation.chat_model import ChatModel, ModelMessage
from assistant.generation.faults import ModelFailure, ModelFault
from assistant.settings import Settings
from tests.assistant.generation.conftest import SERVER
from tests.scripted_model import GOOD, KEY, NAME

ASKED = (ModelMessage("system", "Réponds."), ModelMessage("user", "Quel taux ?"))


@pytest.fixture(autouse=True)
def _good(server):
    server.script = "good"
    server.requests.clear()
    server.keys.clear()
    server.hung_up.clear()


def test_pieces_put_together_are_the_text_and_the_request_is_what_servers_expect(model, server):
    assert "".join(model.stream(ASKED)) == GOOD
    body = server.requests[0].body
    assert (body["model"], body["stream"], body["max_tokens"], body["temperature"]) == (NAME, True, 200, 0.0)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert server.keys == [f"Bearer {KEY}"]


def test_the_models_of_the_server_are_listed(model):
    assert model.names() == [NAME]


@pytest.mark.parametrize("name", ["401", "500 always", "connection reset", "wrong JSON", "good"])
def test_the_key_is_nowhere_to_be_seen(model, server, caplog, name):
    caplog.set_level(logging.DEBUG)
    server.script = name
    seen = [repr(model), repr(model.server), repr(Settings(model_url=server.url, model_name=NAME, model_key=KEY))]
    try:
        "".join(model.stream(ASKED))
    except ModelFailure as failure:
        seen += [str(failure), repr(failure), failure.detail, repr(failure.__cause__), repr(failure.__context__)]
    assert KEY not in "".join(seen) and KEY not in caplog.text


@pytest.mark.parametrize(("name", "sent"), [("429 then fine", 2), ("500 always", 3), ("401", 1), ("cut stream", 1)])
def test_only_what_may_succeed_is_sent_again(model, server, name, sent):
    server.script = name
    try:
        "".join(model.stream(ASKED))
    except ModelFailure:
        pass
    assert len(server.requests) == sent


def test_nobody_listens_at_the_address():
    nowhere = ChatModel(replace(SERVER, url="http://127.0.0.1:9/v1"))
    with pytest.raises(ModelFailure) as failed:
        list(nowhere.stream(ASKED))
    nowhere.close()
    assert failed.value.fault is ModelFault.UNREACHABLE


def test_who_leaves_in_the_middle_closes_the_connection(model, server):
    server.script = "slow tokens"
    stream = model.stream(ASKED)
    next(stream)
    stream.close()
    assert server.hung_up.wait(2), "the server is told at once, not when it has finished"


@pytest.mark.parametrize("name", ["slow tokens", "slow headers", "stalls in the middle"])
def test_stop_is_heard_while_the_server_is_silent(model, server, name):
    server.script = name
    stop, heard = threading.Event(), []
    threading.Timer(0.4, stop.set).start()
    started = time.monotonic()
    with pytest.raises(ModelFailure) as failed:
        heard += model.stream(ASKED, stop.is_set)
    assert failed.value.fault is ModelFault.STOPPED
    assert time.monotonic() - started < 1.5


def test_many_read_at_once(model, server):
    texts: list[str] = []
    readers = [threading.Thread(target=lambda: texts.append("".join(model.stream(ASKED)))) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(10)
    assert len(texts) == 8 and set(texts) == {GOOD}


def test_without_a_model_nothing_of_the_client_is_imported(tmp_path):
    code = (
        "import sys; from assistant.settings import Settings; from assistant.generation import writing; "
        "assert writing.open_writer(Settings()) is None; import assistant.cli; "
        "sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
