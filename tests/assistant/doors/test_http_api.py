"""The HTTP API over real connections: its contract, its stream, its errors in French, what the journal keeps of it."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time

import pytest
from jsonschema import Draft202012Validator

from assistant.doors import http_api
from assistant.doors.asking import TURNS
from tests.assistant.doors.conftest import FOUNTAIN, RATE, serving
from tests.judged import converse

QUESTIONS = "/api/v1/questions"
ENGLISH = re.compile(r"\b(the|not|field|required|error occurred|input|value|method|allowed|internal)\b", re.I)


def events(text: str) -> list[tuple[str, dict]]:
    """(name, data) of each server-sent event."""
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def post(served, body: object, **headers: str):
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    with served.client() as client:
        return client.post(QUESTIONS, content=sent, headers={"content-type": "application/json", **headers})


def test_an_answer_is_that_of_ask_and_the_version(served):
    answer = post(served, {"question": RATE})
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    version = served.assistant.retriever.version
    assert answer.json() == {**served.assistant.ask(RATE).as_dict(), "index_version": version}
    cited = answer.json()["citations"][0]
    assert (cited["url"], cited["page"]) == ("https://exemple.fr/halles", None) and "35 %" in cited["quote"]


def test_the_questions_before_are_asked_again_in_order(served):
    asked = [RATE, "Et pour les études ?"]
    expected = converse(served.assistant, asked)[-1]
    answer = post(served, {"question": asked[1], "turns": asked[:1]}).json()
    assert answer["standalone_question"] == expected.standalone_question != asked[1]
    assert answer["text"] == expected.text
    assert post(served, {"question": asked[1]}).json()["standalone_question"] == asked[1], "nothing is kept between calls"


def test_the_stream_says_the_same(served):
    whole = post(served, {"question": RATE}).json()
    streamed = post(served, {"question": RATE}, accept="text/event-stream")
    assert streamed.headers["content-type"].startswith("text/event-stream")
    told = events(streamed.text)
    names = [name for name, _ in told]
    assert names[:2] == ["understood", "found"] and names[-1] == "answer" and set(names[2:-1]) == {"text"}
    assert told[0][1] == {"standalone_question": RATE} and told[1][1]["passages"] > 0
    assert "".join(data["text"] for name, data in told if name == "text") == whole["text"]
    assert told[-1][1] == whole


REFUSED = [
    (b"bonjour", 400, "pas du JSON"),
    (b"\xff\xfe", 400, "pas du JSON"),
    (b"[" * 100_000, 400, "pas du JSON"),
    (b"", 400, "pas du JSON"),
    ([], 422, "un objet JSON"),
    ({}, 422, "« question » manque"),
    ({"question": 3}, 422, "un texte est attendu"),
    ({"question": None}, 422, "un texte est attendu"),
    ({"question": "  "}, 422, "est vide"),
    ({"question": "a" * 2001}, 422, "2001 caractères ; la limite est de 2000"),
    ({"question": RATE, "turns": RATE}, 422, "une liste est attendue"),
    ({"question": RATE, "turns": [1]}, 422, "« turns.0 »"),
    ({"question": RATE, "turns": ["a"] * (TURNS + 1)}, 422, f"{TURNS} au plus"),
    ({"question": RATE, "turns": [""]}, 422, "précédente est vide"),
    ({"question": RATE, "turn": ["a"]}, 422, "« turn » ne convient pas : il n'existe pas"),
    ({"question": "a" * 1_100_000}, 413, "dépasse 1024 Ko"),
]


@pytest.mark.parametrize(("body", "status", "words"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_is_wrong_is_told_in_one_french_sentence(served, body, status, words):
    answer = post(served, body)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in told["detail"] and told["detail"].endswith(".") and not ENGLISH.search(answer.text)


def test_a_body_that_comes_by_pieces_is_bounded_too(served):
    with served.client() as client:
        answer = client.post(QUESTIONS, content=(b"a" * 65536 for _ in range(20)), headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize(("method", "path", "status"), [("GET", QUESTIONS, 405), ("POST", "/api/v1/rien", 404)])
def test_other_addresses_are_refused_in_french(served, method, path, status):
    with served.client() as client:
        answer = client.request(method, path, json={})
    assert answer.status_code == status and "Cette adresse" in answer.json()["detail"]
    assert not ENGLISH.search(answer.text)


def test_a_body_that_is_not_said_to_be_json_is_refused(served):
    answer = post(served, {"question": RATE}, **{"content-type": "text/plain"})
    assert answer.status_code == 415 and "Content-Type: application/json" in answer.json()["detail"]


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer pvd_faux", "Basic abc"])
def test_without_a_key_in_use_nothing_is_answered(served, given):
    with served.client(headers={"authorization": given}) as client:
        answer = client.post(QUESTIONS, json={"question": RATE})
    assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer" and "clé" in answer.json()["detail"]


def test_a_revoked_key_opens_nothing_any_more(served):
    secret = served.keys.add("passager")
    with served.client(headers={"authorization": f"bearer {secret}"}) as client:
        assert client.post(QUESTIONS, json={"question": RATE}).status_code == 200
        served.keys.revoke("passager")
        assert client.post(QUESTIONS, json={"question": RATE}).status_code == 401


def test_a_spent_quota_says_when_to_come_back_and_wrong_questions_cost_nothing(served):
    secret = served.keys.add("une seule", per_day=1)
    with served.client(headers={"authorization": f"Bearer {secret}"}) as client:
        assert client.post(QUESTIONS, json={"question": ""}).status_code == 422
        assert client.post(QUESTIONS, json={"question": RATE}).status_code == 200
        answer = client.post(QUESTIONS, json={"question": RATE})
    assert answer.status_code == 429 and 0 < int(answer.headers["retry-after"]) <= 86_400
    assert "Le quota de cette clé, 1 questions par jour" in answer.json()["detail"]
    (key,) = [key for key in served.keys.all() if key.name == "une seule"]
    assert key.used_today == 1 and key.used is not None


def test_what_is_asked_is_kept_masked_with_its_door(served, latest):
    post(served, {"question": f"{RATE} Rappelez-moi au 06 12 34 56 78.", "turns": [FOUNTAIN]})
    kept = latest()
    assert kept.origin == "api" and "[téléphone]" in kept.question and "12 34" not in kept.text
    assert kept.index_version in ("", served.assistant.retriever.version)
    assert FOUNTAIN not in [exchange.question for exchange in served.journal.recent(1)], "what comes before is not asked anew"


def test_who_leaves_is_harmless_and_the_answer_goes_on(served):
    question = "Qui contacter pour une fontaine, en partant ?"
    body = json.dumps({"question": question}).encode()
    head = f"POST {QUESTIONS} HTTP/1.1\r\nhost: [::1]\r\nauthorization: Bearer {served.key}\r\ncontent-type: application/json\r\n"
    host, port = served.url.removeprefix("http://").split(":")
    sent = [
        f"{head}content-length: 1000\r\n\r\n{{".encode(),  # leaves before its body is whole
        f"{head}content-length: {len(body)}\r\n\r\n".encode() + body,  # before the answer
        f"{head}accept: text/event-stream\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body,  # in the middle of it
    ]
    for request in sent:
        with socket.create_connection((host, int(port))) as leaving:
            leaving.sendall(request)
            if b"event-stream" in request:
                assert leaving.recv(15) == b"HTTP/1.1 200 OK"
    limit = time.monotonic() + 20
    while question not in [one.question for one in served.journal.recent(2)] and time.monotonic() < limit:
        time.sleep(0.05)
    assert question in [one.question for one in served.journal.recent(2)]
    assert post(served, {"question": RATE}).status_code == 200


def test_curl_asks_as_the_documentation_says(served):
    assert shutil.which("curl"), "curl is needed: apt install curl"
    with served.client() as client:
        page = client.get("/api/v1/documentation").text
    example = re.search(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)[1]
    command = example.replace("&#x27;", "'").replace("&quot;", '"').replace("pvd_…", served.key)
    ran = subprocess.run(["bash", "-c", f"{command} -sS"], capture_output=True, timeout=30, check=True)
    assert json.loads(ran.stdout)["index_version"] == served.assistant.retriever.version


# -- its description


def test_the_answer_is_what_the_openapi_document_says(served):
    with served.client(headers={}) as client:
        described = client.get("/api/v1/openapi.json").json()
    assert described == http_api.openapi()
    schema = {"$ref": "#/components/schemas/AnswerFields", "components": described["components"]}
    for question in (RATE, "Merci", "Quel temps fait-il à Tokyo ?"):
        answer = post(served, {"question": question}).json()
        Draft202012Validator(schema).validate(answer)
        assert set(answer) == set(described["components"]["schemas"]["AnswerFields"]["properties"])


def test_the_description_is_in_french_and_whole():
    described = http_api.openapi()
    said = [one for schema in described["components"]["schemas"].values() for one in (schema, *schema["properties"].values())]
    operation = described["paths"]["/questions"]["post"]
    said += [operation, *operation["responses"].values(), described["info"]]
    assert all(one["description"] for one in said)
    assert not ENGLISH.search(" ".join(one["description"] for one in said))


def test_the_page_of_documentation_asks_for_nothing_elsewhere(served):
    with served.client(headers={}) as client:
        answer = client.get("/api/v1/documentation")
        openapi_of_gradio = client.get("/openapi.json")
    page = answer.text
    assert answer.status_code == 200 and 'lang="fr"' in page and "<script" not in page
    linked = re.findall(r'(?:href|src)="([^"]+)"|url\(([^)]+)\)', page)
    assert {one or other for one, other in linked} == {"/api/v1/openapi.json", "/"}
    assert all(name in page for name in http_api.AnswerFields.model_fields)
    assert openapi_of_gradio.status_code == 404, "only the doors are described"


# -- the settings


def test_doors_that_are_off_do_not_exist(tmp_path):
    with serving(tmp_path, doors="off") as running, running.client() as client:
        for path in (QUESTIONS, "/v1/chat/completions", "/mcp"):
            assert client.post(path, json={"question": RATE}).status_code in (404, 405)


def test_limits_count_by_key_and_by_forwarded_address_and_say_when_to_come_back(tmp_path):
    settings = {"doors": "open", "door_requests_per_minute": 2, "proxies": "127.0.0.1"}
    with serving(tmp_path, **settings) as running, running.client(headers={}) as client:

        def ask(**headers: str):
            return client.post(QUESTIONS, json={"question": RATE}, headers=headers)

        first = {"x-forwarded-for": "203.0.113.7"}
        assert [ask(**first).status_code for _ in range(3)] == [200, 200, 429]
        answer = ask(**first)
        assert 0 < int(answer.headers["retry-after"]) <= 60 and "la limite est de 2 par minute" in answer.json()["detail"]
        assert ask(**{"x-forwarded-for": "203.0.113.8"}).status_code == 200, "another address has its own"
        assert [ask(**first, **running.headers).status_code for _ in range(3)] == [200, 200, 429], "so has a key"
        assert ask(**{"x-forwarded-for": "203.0.113.9", "authorization": "Bearer inconnue"}).status_code == 200
