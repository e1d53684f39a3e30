"""The application on a real port: one client's five hundred questions, proxies, hosts, sizes, slowness."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from secrets import token_hex

import httpx2
import pytest

from assistant.web import entrance, slow_clients
from assistant.web.public import page_texts
from assistant.web.shared import common_texts
from tests.assistant.conftest import plain
from tests.assistant.doors.conftest import RATE, Served, serving

EACH = 30  # questions a minute of one address, here


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("entree"), questions_per_minute=EACH, hosts="127.0.0.1 ville.fr") as running:
        yield running


def from_address(served: Served, address: str) -> httpx2.Client:
    """A client of this machine by another of its addresses."""
    return httpx2.Client(base_url=served.url, timeout=60, transport=httpx2.HTTPTransport(local_address=address))


def question_function(client: httpx2.Client) -> dict:
    config = client.get("/config").json()
    return next(one for one in config["dependencies"] if one["api_name"] == "question_sent")


def ask(client: httpx2.Client, function: dict, question: str) -> str:
    """Asks as the page does; the events that came back."""
    session = token_hex(6)
    data = [question, "", ""][: len(function["inputs"])]
    sent = {"data": data, "fn_index": function["id"], "session_hash": session, "event_data": None, "trigger_id": None}
    joined = client.post("/gradio_api/queue/join", json=sent)
    if joined.status_code != 200:
        return joined.text
    said = ""
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            said += line.encode().decode("unicode_escape") if "\\u" in line else line
            if '"process_completed"' in line:
                break
    return said


# Gradio counts its events with pandas, in words that this version of it deprecates.
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_one_client_s_five_hundred_questions_are_refused_and_the_others_answered_meanwhile(served):
    told: list[str] = []

    def send(flood: httpx2.Client) -> None:
        told.extend(ask(flood, function, f"{RATE} {n}") for n in range(50))

    with from_address(served, "127.0.0.2") as flood, from_address(served, "127.0.0.3") as person:
        function = question_function(person)
        assert "70 000" in plain(ask(person, function, RATE))  # the first answer reads what is read once
        senders = [threading.Thread(target=send, args=(flood,)) for _ in range(10)]
        for sender in senders:
            sender.start()
        meanwhile = 0
        while any(sender.is_alive() for sender in senders) and meanwhile < EACH - 1:
            assert "70 000" in plain(ask(person, function, RATE))
            meanwhile += 1
        for sender in senders:
            sender.join()
    refused = page_texts.TOO_OFTEN.partition("{")[0]
    assert len(told) == 500 and sum(refused in plain(one) for one in told) == 500 - EACH
    assert meanwhile >= 2


def test_only_a_proxy_that_is_named_is_believed(tmp_path):
    def sent(running: Served, address: str) -> httpx2.Response:
        headers = {"x-forwarded-for": address, "x-forwarded-proto": "https"}
        with running.client(headers=headers) as client:
            return client.get("/equipe/connexion")

    for proxies, secure in (("", False), ("10.0.0.0/8", False), ("127.0.0.0/8", True)):
        (tmp_path / str(len(proxies))).mkdir()
        with serving(tmp_path / str(len(proxies)), proxies=proxies) as running:
            assert ("secure" in sent(running, "203.0.113.7").headers["set-cookie"].lower()) == secure, proxies


@pytest.mark.parametrize(("host", "status"), [("ville.fr", 200), ("VILLE.fr:8443", 200), ("ailleurs.fr", 400), ("", 400)])
def test_only_hosts_that_are_named_are_served(served, host, status):
    with served.client(headers={"host": host}) as client:
        answer = client.get("/a-propos.json")
    assert answer.status_code == status
    assert status == 200 or answer.json() == {"detail": common_texts.UNKNOWN_HOST}


def test_an_assistant_of_one_machine_answers_to_its_names_only(tmp_path):
    with serving(tmp_path) as running:
        for host, status in (("localhost:7860", 200), ("[::1]:7860", 200), ("rebind.exemple.fr", 400)):
            with running.client(headers={"host": host, "accept": "text/html"}) as client:
                answer = client.get("/a-propos")
            assert answer.status_code == status and 'lang="fr"' in answer.text, host


@pytest.mark.parametrize("path", ["/export", "/commune/export", "/gradio_api/queue/join", "/question-equipe"])
@pytest.mark.parametrize("announced", [True, False])
def test_what_is_too_large_is_not_read(served, path, announced):
    body = b"x" * (entrance.BODY_LIMIT * 1024 + 1)
    with served.client(headers={}) as client:
        answer = client.post(path, content=body if announced else iter([body]))
    assert answer.status_code == 413 and answer.json()["detail"] == common_texts.TOO_LARGE.format(limit=entrance.BODY_LIMIT)


def opened(served: Served, sent: bytes) -> socket.socket:
    host, port = served.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    connection.sendall(sent)
    return connection


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a", b"GET /a-propos.json HTTP/1.1\r\nhost: ville.fr\r\n\r\nGET"]
)
def test_headers_that_do_not_come_close_the_connection(served, monkeypatch, sent):
    monkeypatch.setattr(slow_clients, "HEADER_SECONDS", 0.5)
    with opened(served, sent) as connection:
        begun = time.monotonic()
        while connection.recv(65536):
            pass
    assert 0.3 < time.monotonic() - begun < 10


def test_a_body_that_does_not_come_is_told_and_a_door_stops_waiting(served, monkeypatch):
    monkeypatch.setattr(entrance, "BODY_SECONDS", 0.5)
    head = "POST {path} HTTP/1.1\r\nhost: ville.fr\r\ncontent-length: 100\r\nauthorization: Bearer {key}\r\n\r\nx"
    with opened(served, head.format(path="/export", key="").encode()) as connection:
        said = connection.recv(65536).decode()
    assert said.startswith("HTTP/1.1 408") and "retry" not in said
    with opened(served, head.format(path="/api/v1/questions", key=served.key).encode()) as connection:
        begun = time.monotonic()
        while connection.recv(65536):
            pass
    assert time.monotonic() - begun < 10


def test_what_is_not_http_is_told_in_french(served):
    with opened(served, b"BONJOUR\r\n\r\n") as connection:
        said = b"".join(iter(lambda: connection.recv(65536), b"")).decode()  # until it is closed
    assert said.startswith("HTTP/1.1 400") and said.endswith(common_texts.NOT_HTTP)


def test_requests_of_one_address_are_counted_and_pages_stay_open(tmp_path, monkeypatch):
    monkeypatch.setattr(entrance, "REQUESTS", entrance.Window(3, 60))
    with serving(tmp_path) as running, from_address(running, "127.0.0.4") as one, from_address(running, "127.0.0.5") as other:
        assert [one.post("/export").status_code for _ in range(4)] == [404, 404, 404, 429]
        answer = one.post("/lien")
        assert answer.status_code == 429 and 0 < int(answer.headers["retry-after"]) <= 60
        assert one.get("/").status_code == 200 and other.post("/export").status_code == 404
